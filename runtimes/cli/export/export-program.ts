/** A spec as a program of another library, with the examples that it is trained on. */
import { basename, extname } from 'node:path';
import type { PackedExamples } from '../../training/example-source.js';
import { compileSpec } from '../compile-spec.js';
import type { CommandContext } from '../context.js';
import { formatBytes, formatCount } from '../format-number.js';
import { loadData } from '../load-data.js';
import { printDiagnostics } from '../print-diagnostics.js';
import { refuseOption } from '../refuse-option.js';
import { keptSpec, readSpecFile } from '../spec-file.js';
import { writeOutputFolder } from '../write-output-folder.js';
import { refuseModelOptions, type ModelOptions, type ProgramOptions } from './program-options.js';
import { pytorchFiles } from './pytorch-files.js';

export interface ExportedProgram {
  /** The folder, as a path from the working folder. */
  readonly path: string;
  /** Of what is written for this spec. */
  readonly lines: number;
  readonly files: number;
  readonly bytes: number;
}

/** Throws DiagnosticError for a spec, an option or data that will not do, or where the files cannot be written. */
export async function exportProgram(
  path: string,
  options: ProgramOptions & ModelOptions,
  context: CommandContext,
): Promise<ExportedProgram> {
  refuseModelOptions(options);
  const file = await readSpecFile(path, context.workingFolder);
  const written = compileSpec(file, options.set);
  // One text, whatever the spec extends, that says how many steps there are: a program may be given another number.
  const steps = { path: 'train.steps', value: String(written.program.steps) };
  const one = keptSpec({ name: path, text: written.source.text }, file.folder);
  const { model, program, diagnostics } = compileSpec(one, [steps]);
  const loaded = options.data
    ? await loadData(program, one, context, () => undefined)
    : { examples: new Map<string, PackedExamples>(), diagnostics: [] };
  printDiagnostics([...diagnostics, ...loaded.diagnostics], context.terminal, 'err');
  if (!options.data) refuseUnpacked(program.streams);
  const files = pytorchFiles({ model, program, specName: basename(path), examples: loaded.examples });
  const out = options.out ?? `pytorch-${basename(path, extname(path))}`;
  await writeOutputFolder(out, files, () => false, context);
  const source = files.find(({ name }) => name === 'model.py')!.content;
  return {
    path: out,
    lines: new TextDecoder().decode(source).split('\n').length - 1,
    files: files.length,
    bytes: files.reduce((sum, { content }) => sum + content.length, 0),
  };
}

/** Folders of pictures can be named when the program is run; nothing else can. */
function refuseUnpacked(streams: ReadonlyMap<string, { readonly data: { readonly kind: string } }>): void {
  const [bound] = [...streams].find(([, { data }]) => data.kind !== 'images') ?? [];
  if (bound === undefined) return;
  throw refuseOption(
    `The data \`${bound}\` is no folder of pictures, so a program without examples could not be trained`,
    'Leave `--no-data` out.',
  );
}

/** For the terminal. */
export function showProgram({ path, lines, files, bytes }: ExportedProgram): string {
  return [
    `${formatCount(lines)} lines of \`model.py\` for PyTorch: ${path}`,
    `  ${formatCount(files)} files, ${formatBytes(bytes)}`,
    `  to train it: python ${path}/train.py`,
    '',
  ].join('\n');
}
