/** Pictures, or lines of text, from a checkpoint alone. */
import { extname, join, resolve } from 'node:path';
import { enumerate } from '../../spec/diagnostics/quote.js';
import { writeFileAtomically } from '../node/atomic-file.js';
import { restoreCheckpoint } from '../training/checkpoint.js';
import { TrainingSession } from '../training/session.js';
import { makeEngine, type EngineChoice } from './backends.js';
import { readClassNames, type ClassNames } from './class-names.js';
import { compileSpec, type CompiledSpec } from './compile-spec.js';
import { openCheckpoint } from './open-checkpoint.js';
import { keptSpec } from './spec-file.js';
import type { CommandContext } from './context.js';
import { pictureOutputs, sampleCount, samplePicture, singlePicture, type PictureOutput } from './pictures.js';
import { stepName } from './run-folder.js';
import { planSamples, sampleInputs, type WrittenInput } from './sample-inputs.js';
import { sampledLines } from './sampled-lines.js';
import { refuseOption } from './refuse-option.js';

export interface SampleOptions extends Omit<EngineChoice, 'backend'> {
  readonly count?: number | undefined;
  /** Classes and numbers that are chosen instead of drawn. */
  readonly inputs: readonly WrittenInput[];
  readonly output?: string | undefined;
  readonly seed: number;
  readonly out?: string | undefined;
  readonly separate?: boolean | undefined;
  readonly backend?: EngineChoice['backend'] | undefined;
}

export interface DrawnSamples {
  readonly output: string;
  readonly count: number;
  /** What was chosen, in words. */
  readonly said: readonly string[];
  /** Training steps of the checkpoint. */
  readonly step: number;
  /** What ran, as it calls itself. */
  readonly engine: string;
  readonly result:
    /** The file or folder, as a path from the working folder. */
    | { readonly kind: 'written'; readonly path: string }
    /** Of an output of text, where no file was asked for. */
    | { readonly kind: 'lines'; readonly lines: readonly string[] };
}

/** The command's own options, for suggestions. */
const OPTION_NAMES = [
  'count',
  'output',
  'seed',
  'out',
  'separate',
  'backend',
  'engine',
  'allow-cpu',
  'precise',
  'threads',
  'help',
];

/**
 * Draws samples from a run folder's newest checkpoint, or from a checkpoint file. Throws DiagnosticError where there is
 * none, or nothing in it that can be sampled.
 */
export async function drawSamples(
  path: string,
  options: SampleOptions,
  context: CommandContext,
): Promise<DrawnSamples> {
  const { seed, separate = false } = options;
  const checkpoint = await openCheckpoint(path, context);
  const { step } = checkpoint.progress;
  const compiled = compileSpec(keptSpec(checkpoint.spec, context.workingFolder));
  const { program } = compiled;
  const drawing = drawingOutputs(compiled, readClassNames(checkpoint));
  const { picture: output, ...chosen } = chooseOutput(drawing, options);
  refuseSeparate(output, separate);
  const plan = planSamples(chosen, options.inputs, options.count, sampleCount(output), OPTION_NAMES);
  const { count, columns, fixed, drawOf, said } = plan;
  const written = options.out ?? `${output.name}-${stepName(step)}${separate ? '' : '.png'}`;
  if (!separate && output.kind !== 'text' && extname(written).toLowerCase() !== '.png') {
    throw refuseOption(
      `A grid is written to one PNG file, and \`${written}\` does not end in \`.png\``,
      'Name a `.png` file, or add `--separate` to write one file per sample into a folder.',
    );
  }

  if (output.kind === 'plane' && columns !== undefined) {
    throw refuseOption(
      `The output \`${output.name}\` gives points, which are drawn into one picture without columns`,
      'Give one value instead of a range.',
    );
  }
  const engine = await makeEngine({ ...options, backend: options.backend ?? 'wasm' }, context.workingFolder);
  const executable = await engine.load(program);
  try {
    const session = await TrainingSession.create({ program, executable, examples: new Map() });
    await restoreCheckpoint(session, checkpoint, engine.name);
    const generated = await session.generate(output.name, { count, seed, fixed, drawOf });
    const drawn = { output: output.name, count, said, step, engine: engine.name };
    if (output.kind === 'text' && options.out === undefined) {
      return { ...drawn, result: { kind: 'lines', lines: sampledLines(output, generated) } };
    }
    const absolute = resolve(context.workingFolder, written);
    if (separate && output.kind === 'grid') {
      const digits = String(count - 1).length;
      for (let i = 0; i < count; i++) {
        const file = join(absolute, `${String(i).padStart(digits, '0')}.png`);
        await writeFileAtomically(file, singlePicture(output, generated, i));
      }
    } else {
      await writeFileAtomically(
        absolute,
        await samplePicture(session, inColumns(output, columns), generated),
      );
    }
    return { ...drawn, result: { kind: 'written', path: written } };
  } finally {
    executable.dispose();
  }
}

function refuseSeparate({ name, kind }: PictureOutput, separate: boolean): void {
  if (!separate || kind === 'grid') return;
  const why = { plane: 'points, which are drawn into one picture', text: 'lines, which go into one file' };
  throw refuseOption(`The output \`${name}\` gives ${why[kind]}`, 'Leave `--separate` out.');
}

const inColumns = (output: PictureOutput, columns: number | undefined): PictureOutput =>
  output.kind === 'grid' && columns !== undefined ? { ...output, columns } : output;

interface DrawingOutput {
  readonly name: string;
  readonly picture: PictureOutput;
  readonly inputs: ReturnType<typeof sampleInputs>;
  /** Data streams that it reads. */
  readonly reads: readonly string[];
}

function drawingOutputs({ program, model }: CompiledSpec, classNames: ClassNames): readonly DrawingOutput[] {
  return pictureOutputs(program).map((picture) => {
    const { name } = picture;
    const output = program.outputs.find((graph) => graph.name === name)!;
    const reads = output.feeds.flatMap(({ source }) => (source.kind === 'data' ? [source.stream] : []));
    return { name, picture, reads, inputs: sampleInputs(program, output, model.spec.data, classNames) };
  });
}

/** The one that is named, or the first that needs no data and draws everything that was chosen. */
function chooseOutput(
  outputs: readonly DrawingOutput[],
  { output: wanted, inputs }: SampleOptions,
): DrawingOutput {
  const free = outputs.filter(({ picture }) => picture.stream === undefined);
  const draws = (output: DrawingOutput, { name }: WrittenInput) =>
    output.inputs.some((input) => name === input.name || name.startsWith(`${input.name}.`));
  const chosen =
    wanted === undefined
      ? (free.find((output) => inputs.every((input) => draws(output, input))) ?? free[0])
      : free.find(({ name }) => name === wanted);
  if (chosen !== undefined) return chosen;
  const reading = outputs.find(({ name }) => name === wanted);
  const names = free.map(({ name }) => name);
  throw refuseOption(
    wanted === undefined
      ? 'The spec has no output that draws pictures or writes lines from noise alone'
      : reading === undefined
        ? `The spec has no output \`${wanted}\` that draws pictures or writes lines`
        : `The output \`${wanted}\` reads the data \`${reading.picture.stream!}\`, and sampling has none`,
    free.length === 0
      ? 'Add one under `outputs`, for example `generate: G(z)`.'
      : `Sample ${enumerate(names, 'or')}.`,
  );
}
