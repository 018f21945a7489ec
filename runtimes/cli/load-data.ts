/** Loads the examples of a program's data streams, with a line of progress where that takes a while. */
import { join } from 'node:path';
import type { Program } from '../../compiler/program.js';
import type { Diagnostic } from '../../spec/diagnostics/diagnostic.js';
import { openData } from '../node/open-data.js';
import type { ExampleData } from '../node/open-data.js';
import type { LoadedExamples, PackedExamples } from '../training/example-source.js';
import type { CommandContext } from './context.js';
import { formatCount } from './format-number.js';
import type { SpecFile } from './spec-file.js';

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
 * @param report told every count that is worth printing
 */
export async function loadData(
  program: Program,
  spec: SpecFile,
  context: Pick<CommandContext, 'workingFolder'>,
  report: (line: string) => void,
): Promise<LoadedData> {
  const examples = new Map<string, PackedExamples>();
  const diagnostics: Diagnostic[] = [];
  for (const name of program.streams.keys()) {
    const loaded = await loadStream(name, program, spec, context, report);
    if (loaded === undefined) continue;
    examples.set(name, loaded.examples);
    diagnostics.push(...loaded.diagnostics);
  }
  return { examples, diagnostics };
}

/** One stream; nothing for labels, which come with the examples of the stream that they label. */
export async function loadStream(
  name: string,
  program: Program,
  { folder, folderOf }: SpecFile,
  context: Pick<CommandContext, 'workingFolder'>,
  report: (line: string) => void,
): Promise<LoadedExamples | undefined> {
  const { shape, data } = program.streams.get(name)!;
  if (data.kind === 'labels') return undefined;
  const source = openData({
    data,
    shape,
    baseDirectory: folder,
    directoryOf: folderOf,
    // Decoded folders are kept beside the folder itself; drawn faces have no folder.
    cacheDirectory:
      data.kind === 'facesjs' ? join(context.workingFolder, '.cache', 'began-compile') : undefined,
  });
  return source.load((done, total) =>
    report(`${VERBS[data.kind]} for ${name}: ${formatCount(done)}/${formatCount(total)}`),
  );
}
