import { describe, expect, it } from 'vitest';
import { train } from '../../runtimes/training/loop.js';
import type { TrainingEvent, TrainOptions } from '../../runtimes/training/loop.js';
import { TrainingSession } from '../../runtimes/training/session.js';
import type { SessionOptions } from '../../runtimes/training/session.js';
import { refusal } from './errors.js';
import { tinyImages, tinyProgram, TinyExecutable } from './tiny-program.js';

const open = (options: Partial<SessionOptions> = {}) =>
  TrainingSession.create({
    program: { ...tinyProgram, steps: 10 },
    executable: new TinyExecutable(),
    examples: new Map([['x', tinyImages()]]),
    ...options,
  });

/** A clock that goes on by a quarter of a second at every look. */
function ticking() {
  let now = 0;
  return () => (now += 250);
}

async function collect(session: TrainingSession, options: Partial<TrainOptions>) {
  const events: TrainingEvent[] = [];
  for await (const event of train(session, { log: 4, checkpoint: 5, clock: ticking(), ...options })) {
    events.push(event);
  }
  return events;
}

const brief = (events: readonly TrainingEvent[]) =>
  events
    .filter((event) => event.kind !== 'step')
    .map((event) => `${event.kind} ${event.kind === 'row' ? event.row.step : event.step}`);

const samples = { output: 'generate', every: 5, count: 4, seed: 1 } as const;

describe('the loop', () => {
  it('emits rows, samples and checkpoints when they are due, and all of them at the end', async () => {
    const events = await collect(await open(), { samples });
    expect(brief(events)).toEqual([
      'row 4',
      'samples 5',
      'checkpoint 5',
      'row 8',
      'samples 10',
      'row 10',
      'checkpoint 10',
      'done 10',
    ]);
    expect(events.filter((event) => event.kind === 'step')).toHaveLength(10);
  });

  it('writes the metrics of the step and their means since the row before', async () => {
    const events = await collect(await open(), {});
    const losses = events.flatMap((event) => (event.kind === 'step' ? [event.metrics!.get('loss')!] : []));
    const rows = events.flatMap((event) => (event.kind === 'row' ? [event.row] : []));
    const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
    expect(rows.map((row) => row.metrics.get('loss'))).toEqual([losses[3], losses[7], losses[9]]);
    expect(rows.map((row) => row.smoothed.get('loss'))).toEqual([
      mean(losses.slice(0, 4)),
      mean(losses.slice(4, 8)),
      mean(losses.slice(8, 10)),
    ]);
  });

  it('counts training time only, and goes on from the time of a resumed run', async () => {
    const events = await collect(await open(), { samples, secondsBefore: 100 });
    const rows = events.flatMap((event) => (event.kind === 'row' ? [event.row] : []));
    expect(rows.map((row) => row.seconds)).toEqual([101, 102, 102.5]);
    expect(rows.map((row) => row.stepsPerSecond)).toEqual([4, 4, 4]);
  });

  it('stops after the step when it is interrupted, with a checkpoint first', async () => {
    const session = await open();
    const controller = new AbortController();
    const events: TrainingEvent[] = [];
    for await (const event of train(session, { log: 4, checkpoint: 5, signal: controller.signal })) {
      events.push(event);
      if (event.kind === 'step' && event.step === 7) controller.abort();
    }
    expect(brief(events).slice(-2)).toEqual(['checkpoint 7', 'interrupted 7']);
    expect(session.progress.step).toBe(7);
  });

  it('does not save twice when it is interrupted right after a checkpoint, or before the first step', async () => {
    const controller = new AbortController();
    const session = await open();
    const events: TrainingEvent[] = [];
    for await (const event of train(session, { log: 4, checkpoint: 5, signal: controller.signal })) {
      events.push(event);
      if (event.kind === 'checkpoint') controller.abort();
    }
    expect(brief(events)).toEqual(['row 4', 'checkpoint 5', 'interrupted 5']);
    expect(brief(await collect(session, { signal: controller.signal }))).toEqual(['interrupted 5']);
  });

  it('has nothing left to do in a run that is finished', async () => {
    const session = await open();
    await collect(session, {});
    expect(brief(await collect(session, {}))).toEqual(['done 10']);
  });

  it('passes a NaN on as the error it is', async () => {
    const session = await open();
    session.setHyper('poison_at', 2);
    expect((await refusal(() => collect(session, {})))[0]).toMatchObject({ code: 'run/non-finite' });
  });
});

describe('samples', () => {
  it('are held against the data, and the ratio stands in the row of that step', async () => {
    const events = await collect(await open(), { log: 5, samples: { ...samples, compareTo: 'x' } });
    const measured = events.flatMap((event) => (event.kind === 'samples' ? [event.diversity!] : []));
    const rows = events.flatMap((event) => (event.kind === 'row' ? [event.row.diversity] : []));
    expect(measured.every((ratio) => ratio > 0)).toBe(true);
    expect(rows).toEqual(measured);
  });

  it('that are all alike bring one warning', async () => {
    class Collapsed extends TinyExecutable {
      override async read(name: string, value: string) {
        const values = await super.read(name, value);
        return name === 'generate' ? values.fill(0.5) : values;
      }
    }
    const session = await open({ executable: new Collapsed() });
    const events = await collect(session, { samples: { ...samples, every: 2, compareTo: 'x' } });
    expect(brief(events).filter((text) => text.startsWith('warning'))).toEqual(['warning 4']);
  });

  it('of all-alike data are not watched: there is no variety to lose', async () => {
    const examples = new Map([['x', { ...tinyImages(), pixels: new Uint8Array(28) }]]);
    const events = await collect(await open({ examples }), { samples: { ...samples, compareTo: 'x' } });
    expect(events.flatMap((event) => (event.kind === 'samples' ? [event.diversity] : []))).toEqual([
      undefined,
      undefined,
    ]);
  });
});
