import { describe, expect, it } from 'vitest';
import { initialState } from '../../compiler/random/initialise.js';
import { drawKey, fillNormal } from '../../compiler/random/stream.js';
import type { Program } from '../../compiler/program.js';
import { TrainingSession } from '../../runtimes/training/session.js';
import type { SessionOptions } from '../../runtimes/training/session.js';
import { refusal } from './errors.js';
import { BATCH, LATENTS, tinyImages, tinyProgram, TinyExecutable } from './tiny-program.js';

async function open(options: Partial<SessionOptions> = {}) {
  const executable = new TinyExecutable();
  const session = await TrainingSession.create({
    program: tinyProgram,
    executable,
    examples: new Map([['x', tinyImages()]]),
    ...options,
  });
  return { session, executable };
}

const normals = (length: number, execution: number, seed = tinyProgram.seed) => {
  const values = new Float32Array(length);
  fillNormal(values, drawKey(seed, 'z', execution), 0, 1);
  return values;
};

describe('a session', () => {
  it('writes every state tensor from the seed before the first step', async () => {
    const { executable } = await open();
    for (const declaration of tinyProgram.state) {
      expect(executable.state.get(declaration.name)).toEqual(initialState(declaration, tinyProgram.seed));
    }
  });

  it('runs phases in order, as often as each repeats, and the controller last', async () => {
    const { session, executable } = await open();
    await session.step();
    await session.step();
    expect(executable.runs.map((run) => run.name)).toEqual([
      'fit',
      'fit',
      'controller',
      'fit',
      'fit',
      'controller', // prettier-ignore
    ]);
    expect(session.progress).toMatchObject({ step: 2, executions: { fit: 4, controller: 2 } });
  });

  it('evaluates scalars per execution: step counts steps, execution counts executions', async () => {
    const { session, executable } = await open();
    await session.step();
    await session.step();
    const fits = executable.runs.filter((run) => run.name === 'fit').map((run) => run.inputs.scalars);
    expect(fits.map((scalars) => scalars.get('correction'))).toEqual([1, 2, 3, 4].map((t) => 1 - 0.9 ** t));
    expect(fits.map((scalars) => scalars.get('rate'))).toEqual([
      0.1,
      0.1,
      0.1 * (1 - 1 / 40),
      0.1 * (1 - 1 / 40),
    ]);
  });

  it('draws noise by the execution count and gives each execution its own examples', async () => {
    const { session, executable } = await open();
    await session.step();
    const [first, second] = executable.runs.map((run) => run.inputs.feeds);
    expect(first!.get('z')).toEqual(normals(BATCH * LATENTS, 0));
    expect(second!.get('z')).toEqual(normals(BATCH * LATENTS, 1));
    expect(first!.get('x')).not.toEqual(second!.get('x'));
    expect(session.progress.cursors).toEqual({ x: { epoch: 0, position: 6 } });
  });

  it('gives metrics in the order of the program, only at steps that are read and at the last one', async () => {
    const { session } = await open({ readEvery: 3, program: { ...tinyProgram, steps: 4 } });
    const reports = [await session.step(), await session.step(), await session.step(), await session.step()];
    expect(reports.map((report) => report.metrics !== undefined)).toEqual([false, false, true, true]);
    expect([...reports[2]!.metrics!.keys()]).toEqual(['loss', 'k']);
  });

  it('uses another seed where one is given', async () => {
    const { session, executable } = await open({ seed: 12 });
    expect(session.progress.seed).toBe(12);
    expect(executable.state.get('w')).toEqual(initialState(tinyProgram.state[0]!, 12));
    await session.step();
    expect(executable.runs[0]!.inputs.feeds.get('z')).toEqual(normals(BATCH * LATENTS, 0, 12));
  });

  it('refuses fewer examples than a batch', async () => {
    expect(await refusal(() => open({ examples: new Map([['x', tinyImages(2)]]) }))).toEqual([
      {
        code: 'data/too-few',
        severity: 'error',
        message: 'The data `x` has 2 examples, fewer than one batch of 3',
        help: 'Add examples, or lower `train.batch`.',
      },
    ]);
  });

  it('refuses a repeat that is not a whole number', async () => {
    const program: Program = {
      ...tinyProgram,
      phases: [{ ...tinyProgram.phases[0]!, repeat: { kind: 'number', value: 1.5 } }, tinyProgram.phases[1]!],
    };
    const { session } = await open({ program });
    expect(await refusal(() => session.step())).toEqual([
      {
        code: 'run/option',
        severity: 'error',
        message: 'Phase `fit` would repeat 1.5 times at step 1: not a whole number of 0 or more',
      },
    ]);
  });
});

describe('a hyper value', () => {
  it('takes effect from the next step on', async () => {
    const { session, executable } = await open();
    await session.step();
    session.setHyper('rate', 0.5);
    await session.step();
    expect(executable.runs.at(-2)!.inputs.scalars.get('rate')).toBe(0.5 * (1 - 1 / 40));
  });

  it('is refused where it does not exist or is not a number', async () => {
    const { session } = await open();
    expect(await refusal(() => session.setHyper('gamma', 1))).toEqual([
      {
        code: 'run/option',
        severity: 'error',
        message: 'There is no hyper value `gamma` that can be changed without compiling again',
        help: 'Change `rate` or `poison_at`.',
      },
    ]);
    expect(await refusal(() => session.setHyper('rate', NaN))).toEqual([
      {
        code: 'run/option',
        severity: 'error',
        message: 'The hyper value `rate` must be a finite number, not NaN',
      },
    ]);
  });
});

describe('a NaN', () => {
  it('stops the run at its step, names the first tensor, and leaves state and counters before it', async () => {
    const { session, executable } = await open();
    session.setHyper('poison_at', 5);
    for (let i = 0; i < 5; i++) await session.step();
    const before = new Map([...executable.state].map(([name, values]) => [name, values.slice()]));
    expect(await refusal(() => session.step())).toEqual([
      {
        code: 'run/non-finite',
        severity: 'error',
        message: 'The gradient of `w` in `fit` became NaN or infinite in phase `fit` at step 6',
        note: 'This update was not made: parameters, moments and controllers are as they were before it.',
        help: 'Lower the learning rate, or keep a `log`, `sqrt` or division in the loss away from 0.',
      },
    ]);
    expect(executable.state).toEqual(before);
    expect(session.progress).toMatchObject({ step: 5, executions: { fit: 10, controller: 5 } });
  });
});

describe('generate', () => {
  it('gives example i the same latent whatever the count, and pads the last chunk', async () => {
    const { session, executable } = await open();
    const seven = await session.generate('generate', { count: 7, seed: 5 });
    expect(seven.shape).toEqual([7, 2, 2, 1]);
    expect(executable.runs).toHaveLength(3);
    const z = normals(7 * LATENTS, 0, 5);
    const last = executable.runs[2]!.inputs.feeds.get('z')!;
    expect([...last]).toEqual([0, 1, 2].flatMap(() => [...z.subarray(6 * LATENTS)]));
    const two = await session.generate('generate', { count: 2, seed: 5 });
    expect([...two.values]).toEqual([...seven.values.subarray(0, 8)]);
    expect((await session.generate('generate', { count: 2, seed: 6 })).values).not.toEqual(two.values);
  });

  it('leaves training untouched', async () => {
    const plain = await open();
    const sampled = await open();
    for (let i = 0; i < 3; i++) {
      await plain.session.step();
      await sampled.session.generate('generate', { count: 4 });
      await sampled.session.generate('same', { count: 4 });
      await sampled.session.step();
    }
    expect(sampled.executable.state).toEqual(plain.executable.state);
  });

  it('evaluates schedules where the run stands', async () => {
    const { session, executable } = await open();
    await session.step();
    await session.generate('generate', { count: 1 });
    expect(executable.runs.at(-1)!.inputs.scalars.get('gain')).toBe(2);
  });

  it('takes given feeds, and the first examples of a stream where none are given', async () => {
    const { session } = await open();
    const values = Float32Array.from({ length: 20 }, (_, i) => i);
    const given = await session.generate('same', { count: 5, feeds: new Map([['x', values]]) });
    expect(given.values).toEqual(values);
    const first = await session.generate('same', { count: 1 });
    expect([...first.values]).toEqual([0, 37, 74, 111].map((byte) => Math.fround(-1 + (byte * 2) / 255)));
  });

  it.each([
    ['unknown', { count: 1 }, 'There is no output `unknown`', 'Use `generate`, `same` or `whole`.'],
    ['generate', { count: 0 }, 'A count must be a whole number above 0, not 0', undefined],
    ['whole', { count: 1 }, 'The output `whole` does not give one value per example', undefined],
    [
      'same',
      { count: 2, feeds: new Map([['x', new Float32Array(4)]]) },
      'The feed `x` has 4 numbers; 2 examples of it have 8',
      undefined,
    ],
  ])('refuses output %s with %j', async (output, options, message, help) => {
    const { session } = await open();
    expect(await refusal(() => session.generate(output, options))).toEqual([
      { code: 'run/option', severity: 'error', message, ...(help === undefined ? {} : { help }) },
    ]);
  });

  it('needs no data where the output reads none, and says so where it does', async () => {
    const { session } = await open({ examples: new Map() });
    expect((await session.generate('generate', { count: 1 })).values).toHaveLength(4);
    expect(await refusal(() => session.generate('same', { count: 1 }))).toEqual([
      {
        code: 'run/option',
        severity: 'error',
        message: 'This output reads the data stream `x`, and no data was given for it',
      },
    ]);
  });
});
