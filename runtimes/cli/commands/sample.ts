/** `began-compile sample`: pictures from a checkpoint alone; the spec is inside it. */
import { readFile, stat } from 'node:fs/promises';
import { extname, join, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { DiagnosticError } from '../../../spec/diagnostics/diagnostic.js';
import { writeFileAtomically } from '../../node/atomic-file.js';
import { readCheckpoint, restoreCheckpoint, type Checkpoint } from '../../training/checkpoint.js';
import { TrainingSession } from '../../training/session.js';
import { BACKENDS, makeEngine, type Backend } from '../backends.js';
import type { CommandMaker } from '../command.js';
import { compileSpec, unreadable } from '../compile-spec.js';
import type { CommandContext } from '../context.js';
import { formatCount } from '../format-number.js';
import { wholeNumber } from '../option-values.js';
import { pictureOutputs, sampleGrid, singlePicture, type PictureOutput } from '../pictures.js';
import { isMissing, RunFolder, stepName } from '../run-folder.js';

interface SampleOptions {
  readonly count: number;
  readonly output?: string | undefined;
  readonly seed: number;
  readonly out?: string | undefined;
  readonly separate?: boolean | undefined;
  readonly backend: Backend;
}

export const sampleCommand: CommandMaker = (context) =>
  new Command('sample')
    .summary('draw samples from a run')
    .description(
      'Draws samples from the newest checkpoint of a run, or from a checkpoint file: a grid, or with --separate one ' +
        'PNG per sample. Needs neither the spec nor the data. Sample number i of a seed is the same for every count.',
    )
    .argument('<run>', 'run folder, or a .safetensors checkpoint')
    .option('--count <n>', 'number of samples', wholeNumber(1), 64)
    .option('--output <name>', 'output of the spec (default: the first that needs no data)')
    .option('--seed <n>', 'seed of the noise', wholeNumber(0), 1)
    .option('--out <path>', 'PNG file, or with --separate a folder (default: in the working folder)')
    .option('--separate', 'one PNG per sample instead of a grid')
    .addOption(
      new Option('--backend <name>', 'what runs the program')
        .choices(BACKENDS)
        .default('wasm' satisfies Backend),
    )
    .addHelpText(
      'after',
      `
Examples:
  $ began-compile sample runs/faces-32
  $ began-compile sample runs/faces-32 --count 100 --seed 7 --out more.png
  $ began-compile sample runs/faces-32/checkpoints/step-001000.safetensors --separate --out faces/`,
    )
    .action(async (path: string, options: SampleOptions) => {
      const checkpoint = await openCheckpoint(path, context);
      const { program } = compileSpec({ name: checkpoint.spec.name, text: checkpoint.spec.text });
      const output = chooseOutput(pictureOutputs(program), options.output);
      const engine = await makeEngine(options.backend);
      const executable = await engine.load(program);
      try {
        const session = await TrainingSession.create({ program, executable, images: new Map() });
        await restoreCheckpoint(session, checkpoint, engine.name);
        const { count, seed } = options;
        const generated = await session.generate(output.name, { count, seed });
        const { step } = checkpoint.progress;
        const target =
          options.out ?? `${output.name}-${stepName(step)}${options.separate === true ? '' : '.png'}`;
        if (options.separate === true) {
          const width = String(count - 1).length;
          for (let i = 0; i < count; i++) {
            const file = join(target, `${String(i).padStart(width, '0')}.png`);
            await writeFileAtomically(
              resolve(context.workingFolder, file),
              singlePicture(output, generated, i),
            );
          }
        } else {
          if (extname(target).toLowerCase() !== '.png') {
            throw refuse(
              `A grid is written to one PNG file, and ${target} does not end in .png`,
              'Name a .png file, or add --separate to write one file per sample into a folder.',
            );
          }
          await writeFileAtomically(resolve(context.workingFolder, target), sampleGrid(output, generated));
        }
        context.terminal.out(
          `${formatCount(count)} samples of '${output.name}' at step ${formatCount(step)}, seed ${seed}: ${target}\n`,
        );
      } finally {
        executable.dispose();
      }
    });

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
  const names = free.map(({ name }) => name).join(', ');
  throw refuse(
    wanted === undefined
      ? 'The spec has no output that draws pictures from noise alone'
      : reading === undefined
        ? `The spec has no output '${wanted}' that draws pictures`
        : `The output '${wanted}' reads the data '${reading.stream!}', and sampling has none`,
    free.length === 0
      ? 'Add one under outputs, for example generate: G(z).'
      : `Outputs that can be sampled: ${names}.`,
  );
}

const refuse = (message: string, help: string): DiagnosticError =>
  new DiagnosticError({ code: 'run/option', severity: 'error', message, help });
