/** Facts about BEGAN that need no second implementation: the controller in numbers, and what a carry of 1 or 0 is. */
import { describe, expect, it } from 'vitest';
import type { Program } from '../../compiler/program.js';
import { referenceEngine } from '../../runtimes/reference/engine.js';
import { beganSpec, compileSpec } from './began-spec.js';
import { readFixture, stepFeeds } from './fixture.js';
import { gradientOutputs, Stepping, type Numbers } from './stepping.js';

/**
 * BEGAN by the library's equations on networks that do not learn: D answers 0 and G one grey, so that L(x) is the
 * grey of the pictures and L(G(z)) that of G.
 */
function forcedSpec(k0: number, lambdaK: number): string {
  return `version: 1
data:
  x: { facesjs: 16, size: 8 }
noise:
  z: { uniform: [-1, 1], shape: [2] }
networks:
  G: [{ dense: { units: 192, init: zeros() } }, { reshape: [8, 8, 3] }]
  D: [{ conv: { filters: 3, init: zeros() } }]
objective: { use: began, with: { gamma: 0.5, lambda_k: ${lambdaK}, k0: ${k0}, latents: shared, rate: 0 } }
outputs: { generate: G(z) }
train: { batch: 2, steps: 10, seed: 1 }
`;
}

async function forced(spec: string, Lx: number, Lg: number, steps: number): Promise<Stepping> {
  const stepping = await Stepping.start(referenceEngine, compileSpec(spec));
  await stepping.write('G/dense1/bias', new Array<number>(192).fill(Lg));
  const feeds = new Map([
    ['x', new Float32Array(2 * 8 * 8 * 3).fill(Lx)],
    ['z', new Float32Array(2 * 2).fill(0.5)],
  ]);
  for (let step = 0; step < steps; step++) await stepping.step(step, feeds);
  return stepping;
}

describe('the controller of the library', () => {
  it('turns k = 0, gamma = .5, L(x) = .2 and L(G(z)) = .05 into k = 5e-5 and M = .25', async () => {
    const stepping = await forced(forcedSpec(0, 0.001), 0.2, 0.05, 1);
    expect(await stepping.metric('Lx')).toBeCloseTo(0.2, 7);
    expect(await stepping.metric('Lg')).toBeCloseTo(0.05, 7);
    expect((await stepping.state('state/k'))[0]).toBeCloseTo(5e-5, 11);
    expect(await stepping.metric('convergence')).toBeCloseTo(0.25, 7);
    expect(await stepping.metric('balance')).toBeCloseTo(0.25, 6);
  });

  it('adds the same every step while the losses stay', async () => {
    const stepping = await forced(forcedSpec(0, 0.001), 0.2, 0.05, 7);
    expect((await stepping.state('state/k'))[0]).toBeCloseTo(35e-5, 10);
  });

  it('lets k fall where fakes are worse than gamma asks, and M rise by the distance', async () => {
    const stepping = await forced(forcedSpec(0.5, 0.1), 0.2, 0.3, 2);
    expect((await stepping.state('state/k'))[0]).toBeCloseTo(0.5 - 2 * 0.1 * 0.2, 7);
    expect(await stepping.metric('convergence')).toBeCloseTo(0.4, 7);
  });

  it.each([
    ['0', 0.2, 0.9, 0],
    ['1', 0.9, 0.01, 1],
  ])('keeps k from leaving [0, 1] at %s', async (_, Lx, Lg, k) => {
    const stepping = await forced(forcedSpec(0.5, 10), Lx, Lg, 2);
    expect((await stepping.state('state/k'))[0]).toBe(k);
  });
});

describe('the carry of blended convolutions', () => {
  const fixture = readFixture('skip');
  const feeds = new Map(Object.entries(stepFeeds(fixture, 0)));
  const withCarry = (carry: string): Program =>
    compileSpec(beganSpec(fixture).replace('linear(1, 0, steps=40)', carry));
  const constantCarry = (carry: string, repeat = 2): Program =>
    compileSpec(
      beganSpec(fixture)
        .replace(/schedules:\n.*\n/, '')
        .replaceAll('carry: carry', `carry: ${carry}`)
        .replaceAll('repeat: 2', `repeat: ${repeat}`),
    );

  /** All gradients of the first step, and the pictures of G before it. */
  async function firstStep(
    program: Program,
    weights?: ReadonlyMap<string, Numbers>,
  ): Promise<{
    state: Map<string, Numbers>;
    gradients: Map<string, Numbers>;
    pictures: Numbers;
    Lx: number;
  }> {
    const stepping = await Stepping.start(referenceEngine, program);
    for (const [name, values] of weights ?? []) await stepping.write(name, values);
    const state = new Map<string, Numbers>();
    for (const { name, role } of program.state) {
      if (role === 'parameter') state.set(name, await stepping.state(name));
    }
    const pictures = await stepping.output('generate', 0, feeds);
    await stepping.step(0, feeds);
    const gradients = new Map<string, Numbers>();
    for (const [output, name] of gradientOutputs(program.phases[0]!)) {
      gradients.set(name, await stepping.value(program.phases[0]!.name, output));
    }
    const Lx = await stepping.metric('Lx');
    stepping.dispose();
    return { state, gradients, pictures, Lx };
  }

  // Convolutions of a block of two: in G and the decoder every second, in the encoder every second after the first.
  const BLENDED = [
    'G/conv2',
    'G/conv4',
    'D/encoder/conv2',
    'D/encoder/conv4',
    'D/decoder/conv2',
    'D/decoder/conv4',
  ];
  const isBlended = (name: string): boolean => BLENDED.some((layer) => name.startsWith(`${layer}/`));

  it.each([
    ['a number', constantCarry('1')],
    ['a schedule', withCarry('linear(1, 0, steps=40)')],
  ])('of 1, as %s, makes them identities with a gradient of exactly zero', async (_, program) => {
    const blended = await firstStep(program);
    for (const [name, gradient] of blended.gradients) {
      const largest = Math.max(...Array.from(gradient, Math.abs));
      if (isBlended(name)) expect(largest, name).toBe(0);
      else expect(largest, name).toBeGreaterThan(0);
    }

    // The same network without them: its layers in order are the others of this one.
    const shallow = constantCarry('1', 1);
    const kept = [...blended.state].filter(([name]) => !isBlended(name)).map(([, values]) => values);
    const names = shallow.state.filter(({ role }) => role === 'parameter').map(({ name }) => name);
    expect(names).toHaveLength(kept.length);
    const identity = await firstStep(shallow, new Map(names.map((name, i) => [name, kept[i]!])));
    expect(blended.pictures).toEqual(identity.pictures);
    expect(blended.Lx).toBe(identity.Lx);
    const others = [...blended.gradients]
      .filter(([name]) => !isBlended(name))
      .map(([, gradient]) => gradient);
    expect(others).toEqual([...identity.gradients.values()]);
  });

  it('of 0 leaves the plain network, whether the compiler or the schedule says so', async () => {
    const plain = await firstStep(constantCarry('0'));
    const scheduled = await firstStep(withCarry('linear(0, 0, steps=40)'));
    expect(scheduled.pictures).toEqual(plain.pictures);
    expect(scheduled.Lx).toBe(plain.Lx);
    expect([...scheduled.gradients]).toEqual([...plain.gradients]);
  });
});
