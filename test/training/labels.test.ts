import { describe, expect, it } from 'vitest';
import { readCheckpoint, restoreCheckpoint, saveCheckpoint } from '../../runtimes/training/checkpoint.js';
import { train } from '../../runtimes/training/loop.js';
import type { TrainingEvent } from '../../runtimes/training/loop.js';
import { TrainingSession } from '../../runtimes/training/session.js';
import type { SessionOptions } from '../../runtimes/training/session.js';
import type { IdxData } from '../../spec/spec.js';
import { refusal } from './errors.js';
import { digits, EchoExecutable, labelledProgram, someExamples, somePoints } from './labelled-program.js';

async function open(options: Partial<SessionOptions> = {}, stopAfter?: number) {
  const executable = new EchoExecutable(stopAfter);
  const session = await TrainingSession.create({
    program: labelledProgram,
    executable,
    examples: someExamples(),
    ...options,
  });
  return { session, executable };
}

const CONTEXT = { spec: { name: 'labelled.yaml', text: '' }, engine: 'echo', versions: {} };

describe('labelled streams', () => {
  it('give each phase its own batch, points with their classes', async () => {
    const { session, executable } = await open();
    for (let i = 0; i < 5; i++) await session.step();
    for (const { name, feeds } of executable.runs) {
      if (name !== 'critic') continue;
      const p = feeds.get('p')!;
      expect(p).toHaveLength(16);
      expect([...feeds.get('side')!]).toEqual([0, 1, 2, 3, 4, 5, 6, 7].map((i) => (p[2 * i]! > 0 ? 1 : 0)));
    }
    expect(session.progress.cursors).toEqual({
      p: { epoch: 3, position: 4 },
      x: { epoch: 0, position: 20 },
    });
  });

  it('move on where only their classes are read, through every example', async () => {
    const { session, executable } = await open();
    for (let i = 0; i < 5; i++) await session.step();
    const classes = executable.runs.flatMap(({ name, feeds }) =>
      name === 'generator' ? [...feeds.get('digit')!] : [],
    );
    expect(classes.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => Math.floor(i / 2)));
  });

  it('go on from a checkpoint with the examples and classes that would have come', async () => {
    const whole = await open();
    for (let i = 0; i < 7; i++) await whole.session.step();
    const first = await open();
    for (let i = 0; i < 3; i++) await first.session.step();
    const file = readCheckpoint(await saveCheckpoint(first.session, CONTEXT), 'a');
    const second = await open({ seed: 99 });
    await second.session.step();
    second.executable.runs.length = 0;
    expect(await restoreCheckpoint(second.session, file, 'echo')).toEqual([]);
    for (let i = 0; i < 4; i++) await second.session.step();
    expect([...first.executable.runs, ...second.executable.runs]).toEqual(whole.executable.runs);
  });

  it('need as many examples as the largest phase takes', async () => {
    const examples = new Map([...someExamples(), ['p', somePoints(6)] as const]);
    expect(await refusal(() => open({ examples }))).toEqual([
      {
        code: 'data/too-few',
        severity: 'error',
        message: 'The data `p` has 6 examples, fewer than one batch of 8 in phase `critic`',
        help: 'Add examples, or lower `train.batch`.',
      },
    ]);
  });

  it('that do not have the declared shape are refused', async () => {
    const examples = new Map([['p', { count: 12, shape: [3], values: new Float32Array(36) }]]);
    await expect(open({ examples })).rejects.toThrow(new RangeError("data stream 'p' is 2, and was given 3"));
  });
});

describe('an output that reads labels', () => {
  it('goes round through all classes where it reads no data, with data and without', async () => {
    const round = Array.from({ length: 23 }, (_, i) => i % 10);
    for (const examples of [someExamples(), new Map()]) {
      const { session } = await open({ examples });
      expect([...(await session.generate('digits', { count: 23 })).values]).toEqual(round);
    }
  });

  it('gets the classes of the examples that it reads', async () => {
    const { session } = await open();
    expect([...(await session.generate('sides', { count: 5 })).values]).toEqual([0, 1, 0, 1, 0]);
    const { values, shape } = await session.generate('moved', { count: 5 });
    expect(shape).toEqual([5, 2]);
    expect([...values]).toEqual([...somePoints().values.subarray(0, 10)]);
  });

  it('takes given classes, and refuses given examples without them', async () => {
    const { session } = await open();
    const digit = Float32Array.of(3, 3, 3);
    expect([
      ...(await session.generate('digits', { count: 3, feeds: new Map([['digit', digit]]) })).values,
    ]).toEqual([3, 3, 3]);
    const feeds = new Map([['p', new Float32Array(6)]]);
    expect(await refusal(() => session.generate('sides', { count: 3, feeds }))).toEqual([
      {
        code: 'run/option',
        severity: 'error',
        message: 'The feed `p` was given, and its classes, the feed `side`, were not',
      },
    ]);
  });

  it('is refused where nothing says how many classes there are', async () => {
    const location = { value: 'a', span: digits.span };
    const data: IdxData = { ...digits, kind: 'idx', images: location, labels: location };
    const streams = new Map([['x', { shape: [1, 2, 1], data }]]);
    const { session } = await open({ program: { ...labelledProgram, streams }, examples: new Map() });
    expect(await refusal(() => session.generate('digits', { count: 3 }))).toEqual([
      {
        code: 'run/option',
        severity: 'error',
        message: 'This output reads the classes of the data stream `x`, and how many there are is not known',
      },
    ]);
  });
});

describe('`stop`', () => {
  async function events(session: TrainingSession) {
    const seen: TrainingEvent[] = [];
    for await (const event of train(session, { log: 10, checkpoint: 10 })) seen.push(event);
    return seen;
  }
  const brief = (seen: readonly TrainingEvent[]) =>
    seen
      .filter((event) => event.kind !== 'step')
      .map((event) => `${event.kind} ${event.kind === 'row' ? event.row.step : event.step}`);

  it('ends the run with a row and a checkpoint, and says why', async () => {
    const { session } = await open({}, 13);
    const seen = await events(session);
    expect(brief(seen)).toEqual(['row 10', 'checkpoint 10', 'row 13', 'checkpoint 13', 'done 13']);
    expect(seen.at(-1)).toEqual({ kind: 'done', step: 13, reason: 'stop' });
  });

  it('is looked at in every step, however seldom metrics are read, and then brings them', async () => {
    const { session } = await open({ readEvery: 10 }, 13);
    const reports = [];
    for (let i = 0; i < 13; i++) reports.push(await session.step());
    expect(reports.filter(({ metrics }) => metrics !== undefined).map(({ step }) => step)).toEqual([10, 13]);
    expect(reports.map(({ stopped }) => stopped)).toEqual([...Array<boolean>(12).fill(false), true]);
  });

  it('is remembered: a run that ended does not go on when it is resumed', async () => {
    const { session } = await open({}, 4);
    await events(session);
    const file = readCheckpoint(await saveCheckpoint(session, CONTEXT), 'a');
    const resumed = await open();
    await restoreCheckpoint(resumed.session, file, 'echo');
    expect(await events(resumed.session)).toEqual([{ kind: 'done', step: 4, reason: 'stop' }]);
  });

  it('that never comes leaves the run its steps', async () => {
    const { session } = await open();
    expect((await events(session)).at(-1)).toEqual({ kind: 'done', step: 30, reason: 'steps' });
  });
});
