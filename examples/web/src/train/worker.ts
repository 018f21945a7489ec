/** Compiles the spec and trains it, beside the page, which stays free. */
import { compile, DiagnosticError, renderDiagnostics, TrainingSession } from 'began-compile';
import { openEngine, pictureGrid, type OpenedEngine } from 'began-compile/web';
import { loadFaces } from './faces.js';
import { library } from './library.js';
import type { Order, Report } from './messages.js';

/** Milliseconds between reports, and between samples. */
const REPORT = 150;
const SAMPLES = 1200;
const SAMPLED = { output: 'generate', count: 36, seed: 1, columns: 6 };

const report = (message: Report): void => {
  postMessage(message);
};

let session: TrainingSession | undefined;
/** Resolved when training may go on. */
let paused: { readonly over: Promise<void>; readonly end: () => void } | undefined;

addEventListener('message', ({ data }: MessageEvent<Order>) => {
  switch (data.kind) {
    case 'start':
      train(data).catch((error: unknown) => report({ kind: 'failed', message: messageOf(error) }));
      return;
    case 'pause':
      paused ??= pause();
      return;
    case 'go on':
      paused?.end();
      paused = undefined;
      return;
    case 'hyper':
      session?.setHyper(data.name, data.value);
      return;
    default:
      data satisfies never;
  }
});

function pause(): NonNullable<typeof paused> {
  let end = (): void => undefined;
  const over = new Promise<void>((resolve) => (end = resolve));
  return { over, end };
}

const messageOf = (error: unknown): string =>
  error instanceof DiagnosticError
    ? error.diagnostics.map(({ message }) => message).join('\n')
    : String(error);

async function train({ spec, backend, folder }: Extract<Order, { kind: 'start' }>): Promise<void> {
  const { program, diagnostics } = compile({ name: 'faces.yaml', text: spec }, library);
  if (program === undefined) throw new Error(renderDiagnostics(diagnostics));
  const [opened, faces] = await Promise.all([
    openEngine({ backend, allowCpu: backend === 'webgpu' }),
    loadFaces(folder),
  ]);
  const { engine } = opened;
  const executable = await engine.load(program);
  session = await TrainingSession.create({
    program,
    executable,
    examples: new Map([['x', faces]]),
  });
  report({
    kind: 'ready',
    engine: inWords(opened, executable.threads ?? 1),
    steps: program.steps,
    metrics: program.metrics,
    hyper: Object.fromEntries(program.hyper),
  });
  await sample(session);
  await run(session);
}

/** `wasm (2 threads)` and the like. */
function inWords({ engine, backend, why, oneThread }: OpenedEngine, threads: number): string {
  const reasons = [
    why,
    backend === 'wasm' ? (threads === 1 ? 'one thread' : `${threads} threads`) : undefined,
    oneThread,
  ].filter((reason) => reason !== undefined);
  return reasons.length === 0 ? engine.name : `${backend} (${reasons.join(', ')})`;
}

async function run(training: TrainingSession): Promise<void> {
  const { steps } = training.program;
  let reported = performance.now();
  let sampled = reported;
  let since = training.progress.step;
  const sums = new Map<string, number>();
  let read = 0;
  for (;;) {
    await training.enqueue();
    const { step, stopped } = training.progress;
    const last = step >= steps || stopped;
    // A GPU is not kept waiting for numbers: those of earlier steps arrive while it works on later ones.
    for (const { metrics } of await training.settle(last ? 0 : training.queueDepth)) {
      for (const [name, value] of metrics ?? []) sums.set(name, (sums.get(name) ?? 0) + value);
      read++;
    }
    const now = performance.now();
    if ((now - reported > REPORT || last) && read > 0) {
      report({
        kind: 'progress',
        step,
        stepsPerSecond: ((step - since) * 1000) / (now - reported),
        metrics: Object.fromEntries([...sums].map(([name, sum]) => [name, sum / read])),
      });
      [reported, since, read] = [now, step, 0];
      sums.clear();
    }
    if (now - sampled > SAMPLES || last) {
      await sample(training);
      sampled = performance.now();
    }
    if (last) return report({ kind: 'done', step });
    await orders();
    if (paused !== undefined) {
      await sample(training);
      await paused.over;
      reported = performance.now();
    }
  }
}

async function sample(training: TrainingSession): Promise<void> {
  const { output, count, seed, columns } = SAMPLED;
  const { values, shape } = await training.generate(output, { count, seed });
  const [, height, width, channels] = shape as [number, number, number, number];
  const picture = pictureGrid(values, { height, width, channels, range: [-1, 1] }, columns);
  report({ kind: 'samples', step: training.progress.step, picture });
}

const channel = new MessageChannel();

/** Lets messages in: steps alone never leave the queue of promises. */
const orders = (): Promise<void> =>
  new Promise((resolve) => {
    channel.port1.onmessage = () => resolve();
    channel.port2.postMessage(null);
  });
