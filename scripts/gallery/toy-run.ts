/** Trains a spec of points as a user's program would: compiled, on the wasm engine, through the session. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { compile, DiagnosticError, overrideSpec, TrainingSession, WasmEngine } from '../../index.js';
import type { Override, PackedExamples, Program } from '../../index.js';
import { folderLibrary, openData } from '../../runtimes/node/index.js';

export interface ToyRunOptions {
  readonly path: string;
  readonly overrides: readonly Override[];
  readonly seed: number;
}

export interface ToyRun {
  readonly program: Program;
  readonly session: TrainingSession;
  /** Processor time of training; on a machine that does other things too, the clock on the wall says less. */
  readonly seconds: number;
  /** What ended the run before its last step: a value that was not finite. */
  readonly failure: string | undefined;
}

const library = folderLibrary();

/** Throws DiagnosticError where the spec has errors. */
export async function trainToy({ path, overrides, seed }: ToyRunOptions): Promise<ToyRun> {
  const source = overrideSpec({ name: basename(path), text: readFileSync(path, 'utf8') }, overrides);
  const { program, diagnostics } = compile(source, library);
  if (program === undefined) throw new DiagnosticError(diagnostics);
  const session = await TrainingSession.create({
    program,
    executable: await new WasmEngine().load(program),
    examples: await loadPoints(program),
    seed,
    readEvery: program.steps,
  });
  const before = process.cpuUsage();
  const failure = await trainToEnd(session);
  const { user, system } = process.cpuUsage(before);
  return { program, session, seconds: (user + system) / 1e6, failure };
}

async function trainToEnd(session: TrainingSession): Promise<string | undefined> {
  try {
    while (session.progress.step < session.program.steps) await session.step();
    return undefined;
  } catch (error) {
    if (error instanceof DiagnosticError) return error.diagnostics[0]?.message;
    throw error;
  }
}

async function loadPoints(program: Program): Promise<ReadonlyMap<string, PackedExamples>> {
  const examples = new Map<string, PackedExamples>();
  for (const [name, { shape, data }] of program.streams) {
    // They come with the examples of the stream that they label.
    if (data.kind === 'labels') continue;
    const { examples: loaded } = await openData({ data, shape, baseDirectory: '.' }).load();
    examples.set(name, loaded);
  }
  return examples;
}

/** An output that reads one data feed and nothing else, at `places` (x and y of one after another). */
export async function valuesAt(run: ToyRun, output: string, places: Float32Array): Promise<Float32Array> {
  const feed = run.program.outputs.find(({ name }) => name === output)?.feeds[0];
  if (feed === undefined) throw new RangeError(`output '${output}' reads no feed`);
  const feeds = new Map([[feed.name, places]]);
  const { values } = await run.session.generate(output, { count: places.length / 2, feeds });
  return values;
}

export const hasOutput = (run: ToyRun, output: string): boolean =>
  run.program.outputs.some(({ name }) => name === output);
