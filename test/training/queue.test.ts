/**
 * Steps given to an engine before the numbers of earlier ones are known: what is trained, told and refused is what it
 * is when every number is waited for.
 */
import { describe, expect, it } from 'vitest';
import type { Engine, Executable, RunQueue, RunValues } from '../../runtimes/engine.js';
import { train, type TrainingEvent } from '../../runtimes/training/loop.js';
import { TrainingSession, type StepReport } from '../../runtimes/training/session.js';
import { WasmEngine } from '../../runtimes/wasm/engine.js';
import { WebgpuEngine } from '../../runtimes/webgpu/engine.js';
import { DiagnosticError } from '../../spec/diagnostics/diagnostic.js';
import { programOf, stage } from '../oracles/stage.js';
import { webgpuDevice } from '../webgpu/devices.js';

const STEPS = 12;
const DEPTH = 3;

const program = {
  ...programOf(stage({ use: 'wgan_gp', D: '[{ dense: 8 }, elu, { dense: 1 }]', batch: 4 })),
  steps: STEPS,
};

/** 400 different points, of which one may be NaN. */
function points(broken?: number) {
  const values = Float32Array.from({ length: 800 }, (_, i) => Math.sin(i));
  if (broken !== undefined) values[2 * broken] = NaN;
  return new Map([['x', { count: 400, shape: [2], values }]]);
}

/** As a device does it: runs are over at once, and their numbers come later, in any order. */
function withQueue(executable: Executable): Executable {
  const lastRun = (name: string): RunValues => {
    const outputs = [...program.phases].find((phase) => phase.name === name)!.graph.outputs;
    const values = new Map<string, Promise<Float32Array>>();
    for (const { kind, name: value } of outputs)
      if (kind === 'value') values.set(value, executable.read(name, value));
    return {
      read: async (value) => {
        for (let turn = 0; turn < value.length % 7; turn++) await Promise.resolve();
        return await values.get(value)!;
      },
    };
  };
  return over(executable, { depth: DEPTH, lastRun });
}

const withoutQueue = (executable: Executable): Executable => over(executable, undefined);

/** The executable with this queue. */
const over = (executable: Executable, queue: RunQueue | undefined): Executable =>
  new Proxy(executable, {
    get: (target, key: keyof Executable) => {
      const member: unknown = key === 'queue' ? queue : target[key];
      return typeof member === 'function' ? (member as () => unknown).bind(target) : member;
    },
  });

interface Trained {
  readonly reports: readonly StepReport[];
  readonly message: string | undefined;
  readonly progress: TrainingSession['progress'];
  readonly state: ReadonlyMap<string, Float32Array>;
  readonly session: TrainingSession;
}

async function trained(executable: Executable, broken?: number): Promise<Trained> {
  const session = await TrainingSession.create({ program, executable, examples: points(broken) });
  const reports: StepReport[] = [];
  let message: string | undefined;
  try {
    while (session.progress.step < STEPS) {
      await session.enqueue();
      reports.push(...(await session.settle(session.queueDepth)));
    }
    reports.push(...(await session.settle()));
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    message = error.diagnostics[0]!.message;
  }
  const state = new Map<string, Float32Array>();
  for (const { name } of program.state) state.set(name, await executable.readState(name));
  return { reports, message, progress: session.progress, state, session };
}

const webgpu = await webgpuDevice();
const engines: { name: string; engine: Engine; queued: (executable: Executable) => Executable }[] = [
  { name: 'wasm, behind a queue', engine: new WasmEngine(), queued: withQueue },
];
if (webgpu !== undefined)
  engines.push({ name: 'webgpu', engine: new WebgpuEngine(webgpu.device, webgpu), queued: (own) => own });

/** Read in some step between the first and the last, in one of the critic's five executions. */
const BROKEN = 57;

describe.each(engines)('$name', ({ engine, queued }) => {
  it('a queue changes neither what is trained nor what is told of it', async () => {
    const plain = await trained(withoutQueue(await engine.load(program)));
    const ahead = await trained(queued(await engine.load(program)));
    expect(plain.session.queueDepth).toBe(0);
    expect(ahead.session.queueDepth).toBeGreaterThan(1);
    expect(ahead.message).toBeUndefined();
    expect(ahead.reports).toEqual(plain.reports);
    expect(ahead.reports.map(({ step }) => step)).toEqual(Array.from({ length: STEPS }, (_, i) => i + 1));
    expect(ahead.progress).toEqual(plain.progress);
    expect(ahead.state).toEqual(plain.state);
  });

  it('a NaN leaves behind what it leaves when every step is waited for, and is told of its own step', async () => {
    const plain = await trained(withoutQueue(await engine.load(program)), BROKEN);
    const ahead = await trained(queued(await engine.load(program)), BROKEN);
    expect(plain.progress.step).toBeGreaterThan(0);
    expect(plain.progress.step).toBeLessThan(STEPS - DEPTH);
    expect(ahead.message).toBe(plain.message);
    expect(ahead.message).toMatch(`in phase \`critic\` at step ${plain.progress.step + 1}`);
    expect(ahead.reports).toEqual(plain.reports.slice(0, ahead.reports.length));
    expect(ahead.progress).toEqual(plain.progress);
    expect(ahead.state).toEqual(plain.state);
  });

  it('after a NaN training can go on from the state before it', async () => {
    const { session, progress } = await trained(queued(await engine.load(program)), BROKEN);
    const report = await session.step();
    expect(report.step).toBe(progress.step + 1);
    expect([...report.metrics!.values()].every(Number.isFinite)).toBe(true);
  });

  it('rows, samples and checkpoints come when all steps before them are over', async () => {
    const events = async (executable: Executable): Promise<TrainingEvent[]> => {
      const session = await TrainingSession.create({ program, executable, examples: points() });
      const told: TrainingEvent[] = [];
      const samples = { output: 'generate', every: 5, count: 4, seed: 1 };
      for await (const event of train(session, { log: 4, checkpoint: 6, samples, clock: () => 0 })) {
        told.push(event);
        if (event.kind === 'checkpoint') expect(session.progress.step).toBe(event.step);
      }
      return told;
    };
    const plain = await events(withoutQueue(await engine.load(program)));
    expect(await events(queued(await engine.load(program)))).toEqual(plain);
    expect(plain.map(({ kind }) => kind)).toContain('checkpoint');
  });
});

it.runIf(webgpu !== undefined)(
  'a device gets no more buffers to read from than steps are on their way',
  async () => {
    const executable = await new WebgpuEngine(webgpu!.device, webgpu!).load(program);
    const session = await TrainingSession.create({ program, executable, examples: points() });
    const critics = 5;
    for (let step = 0; step < STEPS; step++) {
      await session.enqueue();
      await session.settle(session.queueDepth);
    }
    expect(executable.readbackBuffers('critic')).toBeGreaterThan(critics);
    expect(executable.readbackBuffers('critic')).toBeLessThanOrEqual(critics * (session.queueDepth + 2));
    await session.settle();
  },
);
