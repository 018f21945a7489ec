/** Loads the examples of a program's data streams, with a line of progress where that takes a while. */
import { join } from 'node:path';
import type { Program } from '../../compiler/program.js';
import type { Diagnostic } from '../../spec/diagnostics/diagnostic.js';
import { openData } from '../node/open-data.js';
import type { ExampleData } from '../node/open-data.js';
import type { PackedExamples } from '../training/example-source.js';
import type { CommandContext } from './context.js';
import type { SpecFile } from './compile-spec.js';
import { formatCount } from './format-number.js';

export interface LoadedData {
  readonly examples: ReadonlyMap<string, PackedExamples>;
  readonly diagnostics: readonly Diagnostic[];
}

const VERBS: Readonly<Record<ExampleData['kind'], string>> = {
  images: 'reading pictures',
  idx: 'reading pictures',
  fashion_mnist: 'reading pictures',
  mnist: 'reading digits',
  facesjs: 'drawing faces',
  points: 'drawing points',
  text: 'reading lines',
};

/**
 * @param spec whose folders paths are relative to
 * @param report told every count that is worth printing; `undefined` when a stream is ready
 */
export async function loadData(
  program: Program,
  { folder, folderOf }: SpecFile,
  context: Pick<CommandContext, 'workingFolder'>,
  report: (line: string) => void,
): Promise<LoadedData> {
  const examples = new Map<string, PackedExamples>();
  const diagnostics: Diagnostic[] = [];
  for (const [name, { shape, data }] of program.streams) {
    // They come with the examples of the stream that they label.
    if (data.kind === 'labels') continue;
    const source = openData({
      data,
      shape,
      baseDirectory: folder,
      directoryOf: folderOf,
      // Decoded folders are kept beside the folder itself; drawn faces have no folder.
      cacheDirectory:
        data.kind === 'facesjs' ? join(context.workingFolder, '.cache', 'began-compile') : undefined,
    });
    const loaded = await source.load((done, total) =>
      report(`${VERBS[data.kind]} for ${name}: ${formatCount(done)}/${formatCount(total)}`),
    );
    examples.set(name, loaded.examples);
    diagnostics.push(...loaded.diagnostics);
  }
  return { examples, diagnostics };
}
