/** `began-compile build`: a model as a folder that a web page loads. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { BACKENDS, type ArtifactBackend, type ValueDescription } from '../../artifact/format.js';
import type { BuildOptions } from '../build/build-model.js';
import type { CommandMaker } from '../command.js';
import { WEIGHT_TYPES } from '../export/format.js';
import { formatBytes, formatCount } from '../format-number.js';
import { formatTable } from '../table.js';

export const buildCommand: CommandMaker = (context) =>
  new Command('build')
    .summary('write a model that web pages load')
    .description(
      'Compiles the outputs of the spec, with the weights of the newest checkpoint of a run or of a checkpoint file, and ' +
        'writes a folder that a page loads by one import: code for WebGPU and for WebAssembly, weights, the loader with its types, ' +
        'and a page to begin with. What the outputs do not use is not in it: no other network, no optimiser, no ' +
        'compiler. A spec is built with the weights that a run starts with.',
    )
    .argument('<run>', 'run folder, .safetensors checkpoint, or spec file')
    .requiredOption('-o, --out <folder>', 'where it is written')
    .addOption(
      new Option('--backend <names>', 'what it can run on: webgpu, wasm or both')
        .default(BACKENDS, BACKENDS.join())
        .argParser(backendNames),
    )
    .addOption(
      new Option('--outputs <names>', 'outputs of the spec, with commas between them')
        .default([], 'all')
        .argParser(names),
    )
    .addOption(
      new Option('--weights <type>', 'how weights are stored').choices(WEIGHT_TYPES).default(WEIGHT_TYPES[0]),
    )
    .addHelpText(
      'after',
      `
Examples:
  $ began-compile build runs/faces-32 --outputs generate -o model
  $ began-compile build runs/faces-32 --outputs generate --weights float16 -o public/model
  $ began-compile build examples/faces-32.yaml --backend wasm -o model
  $ began-compile serve model`,
    )
    .action(async (path: string, options: BuildOptions) => {
      const { buildModel } = await import('../build/build-model.js');
      const { path: out, step, outputs, files } = await buildModel(path, options, context);
      const { terminal } = context;
      const from = step === undefined ? 'untrained' : `at step ${formatCount(step)}`;
      const counted = `${outputs.length} output${outputs.length === 1 ? '' : 's'}`;
      const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
      const table = formatTable(
        [
          { title: 'file', align: 'left' },
          { title: 'size', align: 'right' },
        ],
        [...files.map(({ name, bytes }) => [name, formatBytes(bytes)]), ['together', formatBytes(total)]],
        terminal.colours.out,
      );
      terminal.out(
        [
          `${counted} ${from}: ${out}`,
          ...outputs.map(
            ({ name, inputs, value }) =>
              `  ${name}: ${inputs.map(({ name: input, shape }) => `${input} ${show(shape)}`).join(', ') || 'nothing'} -> ${what(value)}`,
          ),
          '',
          table,
        ].join('\n'),
      );
    });

const show = (shape: readonly number[]): string => `[${shape.join(', ')}]`;

function what(value: ValueDescription): string {
  switch (value.kind) {
    case 'pictures':
      return `pictures ${show(value.shape)}`;
    case 'lines':
      return `lines of at most ${value.length} characters`;
    case 'points':
      return 'points of the plane';
    case 'numbers':
      return `numbers ${show(value.shape)}`;
    default:
      return value satisfies never;
  }
}

const names = (text: string): readonly string[] => text.split(',').map((name) => name.trim());

function backendNames(text: string): readonly ArtifactBackend[] {
  const wanted = names(text);
  const known: readonly string[] = BACKENDS;
  if (wanted.some((name) => !known.includes(name))) {
    throw new InvalidArgumentError(`Allowed are ${BACKENDS.join(' and ')}, with a comma between them.`);
  }
  return BACKENDS.filter((name) => wanted.includes(name));
}
