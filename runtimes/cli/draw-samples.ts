/** Pictures, or lines of text, from a checkpoint alone. */
import { readFile, stat } from 'node:fs/promises';
import { extname, join, resolve } from 'node:path';
import { DiagnosticError } from '../../spec/diagnostics/diagnostic.js';
import { enumerate } from '../../spec/diagnostics/quote.js';
import { writeFileAtomically } from '../node/atomic-file.js';
import { readCheckpoint, restoreCheckpoint, type Checkpoint } from '../training/checkpoint.js';
import { TrainingSession } from '../training/session.js';
import { makeEngine, type Backend } from './backends.js';
import { compileSpec } from './compile-spec.js';
import { keptSpec, unreadable } from './spec-file.js';
import type { CommandContext } from './context.js';
import { pictureOutputs, samplePicture, singlePicture, type PictureOutput } from './pictures.js';
import { isMissing, RunFolder, stepName } from './run-folder.js';
import { sampledLines } from './sampled-lines.js';

export interface SampleOptions {
  readonly count: number;
  readonly output?: string | undefined;
  readonly seed: number;
  readonly out?: string | undefined;
  readonly separate?: boolean | undefined;
  readonly backend: Backend;
}

export interface DrawnSamples {
  readonly output: string;
  /** Training steps of the checkpoint. */
  readonly step: number;
  readonly result:
    /** The file or folder, as a path from the working folder. */
    | { readonly kind: 'written'; readonly path: string }
    /** Of an output of text, where no file was asked for. */
    | { readonly kind: 'lines'; readonly lines: readonly string[] };
}

/**
 * Draws samples from a run folder's newest checkpoint, or from a checkpoint file. Throws DiagnosticError where there is
 * none, or nothing in it that can be sampled.
 */
export async function drawSamples(
  path: string,
  options: SampleOptions,
  context: CommandContext,
): Promise<DrawnSamples> {
  const { count, seed, separate = false } = options;
  const checkpoint = await openCheckpoint(path, context);
  const { step } = checkpoint.progress;
  const { program } = compileSpec(keptSpec(checkpoint.spec, context.workingFolder));
  const output = chooseOutput(pictureOutputs(program), options.output);
  refuseSeparate(output, separate);
  const written = options.out ?? `${output.name}-${stepName(step)}${separate ? '' : '.png'}`;
  if (!separate && output.kind !== 'text' && extname(written).toLowerCase() !== '.png') {
    throw refuse(
      `A grid is written to one PNG file, and \`${written}\` does not end in \`.png\``,
      'Name a `.png` file, or add `--separate` to write one file per sample into a folder.',
    );
  }

  const engine = await makeEngine(options.backend);
  const executable = await engine.load(program);
  try {
    const session = await TrainingSession.create({ program, executable, examples: new Map() });
    await restoreCheckpoint(session, checkpoint, engine.name);
    const generated = await session.generate(output.name, { count, seed });
    if (output.kind === 'text' && options.out === undefined) {
      return { output: output.name, step, result: { kind: 'lines', lines: sampledLines(output, generated) } };
    }
    const absolute = resolve(context.workingFolder, written);
    if (separate && output.kind === 'grid') {
      const digits = String(count - 1).length;
      for (let i = 0; i < count; i++) {
        const file = join(absolute, `${String(i).padStart(digits, '0')}.png`);
        await writeFileAtomically(file, singlePicture(output, generated, i));
      }
    } else {
      await writeFileAtomically(absolute, await samplePicture(session, output, generated));
    }
    return { output: output.name, step, result: { kind: 'written', path: written } };
  } finally {
    executable.dispose();
  }
}

function refuseSeparate({ name, kind }: PictureOutput, separate: boolean): void {
  if (!separate || kind === 'grid') return;
  const why = { plane: 'points, which are drawn into one picture', text: 'lines, which go into one file' };
  throw refuse(`The output \`${name}\` gives ${why[kind]}`, 'Leave `--separate` out.');
}

async function openCheckpoint(path: string, { workingFolder }: CommandContext): Promise<Checkpoint> {
  const absolute = resolve(workingFolder, path);
  let file = absolute;
  let name = path;
  try {
    if ((await stat(absolute)).isDirectory()) {
      ({ file, name } = await new RunFolder(path, absolute).latestCheckpoint());
    }
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw unreadable('run', path, error);
  }
  try {
    return readCheckpoint(await readFile(file), name);
  } catch (error) {
    if (error instanceof DiagnosticError) throw error;
    throw unreadable('checkpoint', name, error);
  }
}

function chooseOutput(outputs: readonly PictureOutput[], wanted: string | undefined): PictureOutput {
  const free = outputs.filter(({ stream }) => stream === undefined);
  const chosen = wanted === undefined ? free[0] : free.find(({ name }) => name === wanted);
  if (chosen !== undefined) return chosen;
  const reading = outputs.find(({ name }) => name === wanted);
  const names = free.map(({ name }) => name);
  throw refuse(
    wanted === undefined
      ? 'The spec has no output that draws pictures or writes lines from noise alone'
      : reading === undefined
        ? `The spec has no output \`${wanted}\` that draws pictures or writes lines`
        : `The output \`${wanted}\` reads the data \`${reading.stream!}\`, and sampling has none`,
    free.length === 0
      ? 'Add one under `outputs`, for example `generate: G(z)`.'
      : `Sample ${enumerate(names, 'or')}.`,
  );
}

const refuse = (message: string, help: string): DiagnosticError =>
  new DiagnosticError({ code: 'run/option', severity: 'error', message, help });
