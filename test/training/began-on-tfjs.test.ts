/** A small BEGAN through the whole chain: spec, compiler, engine, session, checkpoint, samples. */
import { beforeAll, describe, expect, it } from 'vitest';
import { compile } from '../../compiler/compile.js';
import type { Program } from '../../compiler/program.js';
import type { Engine } from '../../runtimes/engine.js';
import { FacesjsSource } from '../../runtimes/node/facesjs-source.js';
import { folderLibrary } from '../../runtimes/node/library-source.js';
import { createTfjsWasmEngine } from '../../runtimes/node/tfjs-wasm.js';
import { readCheckpoint, restoreCheckpoint, saveCheckpoint } from '../../runtimes/training/checkpoint.js';
import type { PackedImages } from '../../runtimes/training/example-source.js';
import { TrainingSession } from '../../runtimes/training/session.js';
import { refusal } from './errors.js';

const SPEC = `
version: 1
hyper: { gamma: 0.75, lambda_k: 0.01, rate: 1e-3 }
data:
  x: { facesjs: 20, size: 16, flip: horizontal }
noise:
  z: { uniform: [-1, 1], shape: [8] }
networks:
  G: { use: began/decoder, with: { size: 16, filters: 4, repeat: 1 } }
  D: { use: began/autoencoder, with: { size: 16, filters: 4, embedding: 8, repeat: 1 } }
objective:
  use: began
  with: { gamma: gamma, lambda_k: lambda_k, latents: shared, beta1: 0.5, rate: rate }
outputs:
  generate: G(z)
  reconstruct: D(x)
train: { batch: 4, steps: 12, seed: 3 }
`;

let program: Program;
let engine: Engine;
let examples: ReadonlyMap<string, PackedImages>;

beforeAll(async () => {
  const compiled = compile({ name: 'small.yaml', text: SPEC }, folderLibrary());
  if (compiled.program === undefined) throw new Error(JSON.stringify(compiled.diagnostics));
  program = compiled.program;
  engine = await createTfjsWasmEngine();
  const faces = new FacesjsSource({
    count: 20,
    seed: 1,
    background: 'plain',
    height: 16,
    width: 16,
    channels: 3,
  });
  examples = new Map([['x', (await faces.load()).examples]]);
});

async function open() {
  const executable = await engine.load(program);
  return TrainingSession.create({ program, executable, examples });
}

async function steps(session: TrainingSession, count: number) {
  const metrics: (readonly (readonly [string, number])[])[] = [];
  for (let i = 0; i < count; i++) metrics.push([...(await session.step()).metrics!]);
  return metrics;
}

const save = (session: TrainingSession) =>
  saveCheckpoint(session, { spec: { name: 'small.yaml', text: SPEC }, engine: engine.name, versions: {} });

describe('a small BEGAN', () => {
  it('resumes bit for bit: 6 + 6 steps are 12', async () => {
    const whole = await open();
    const expected = await steps(whole, 12);
    const first = await open();
    const before = await steps(first, 6);
    const second = await open();
    await restoreCheckpoint(second, readCheckpoint(await save(first), 'a'), engine.name);
    expect([...before, ...(await steps(second, 6))]).toEqual(expected);
    const ofWhole = readCheckpoint(await save(whole), 'whole');
    const ofSecond = readCheckpoint(await save(second), 'second');
    expect(ofSecond.tensors).toEqual(ofWhole.tensors);
    expect(ofSecond.progress).toEqual(ofWhole.progress);
    expect(expected.flat().every(([, value]) => Number.isFinite(value))).toBe(true);
  });

  it('gives one sample per latent and reconstructions of the data', async () => {
    const session = await open();
    await steps(session, 2);
    const samples = await session.generate('generate', { count: 6, seed: 1 });
    expect(samples.shape).toEqual([6, 16, 16, 3]);
    const fewer = await session.generate('generate', { count: 5, seed: 1 });
    expect([...fewer.values]).toEqual([...samples.values.subarray(0, fewer.values.length)]);
    expect((await session.generate('reconstruct', { count: 3 })).shape).toEqual([3, 16, 16, 3]);
  });

  it('names the first loss that is not a number, and keeps the last good weights', async () => {
    const session = await open();
    await steps(session, 2);
    // A pixel cannot be NaN; a weight can.
    const weight = program.state.find(({ role }) => role === 'parameter')!;
    const values = await session.executable.readState(weight.name);
    await session.executable.writeState(
      weight.name,
      values.map(() => NaN),
    );
    const others = program.state.filter(({ name, role }) => role !== 'register' && name !== weight.name);
    const read = async () =>
      Promise.all(others.map(async ({ name }) => [name, await session.executable.readState(name)] as const));
    const before = await read();
    const [diagnostic] = await refusal(() => session.step());
    expect(diagnostic!.message).toMatch(
      /^The loss of `\w+` became NaN or infinite in phase `[\w+]+` at step 3$/,
    );
    expect(await read()).toEqual(before);
  });
});
