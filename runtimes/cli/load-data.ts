/** Loads the pictures of a program's data streams, with a line of progress where that takes a while. */
import { join } from 'node:path';
import type { Program } from '../../compiler/program.js';
import type { Diagnostic } from '../../spec/diagnostics/diagnostic.js';
import { openData } from '../node/open-data.js';
import type { PackedImages } from '../training/image-source.js';
import type { CommandContext } from './context.js';
import { formatCount } from './format-number.js';

export interface LoadedData {
  readonly images: ReadonlyMap<string, PackedImages>;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * @param folder what paths in the spec are relative to
 * @param report told every count that is worth printing; `undefined` when a stream is ready
 */
export async function loadData(
  program: Program,
  folder: string,
  context: Pick<CommandContext, 'workingFolder'>,
  report: (line: string) => void,
): Promise<LoadedData> {
  const images = new Map<string, PackedImages>();
  const diagnostics: Diagnostic[] = [];
  for (const [name, { shape, data }] of program.streams) {
    const source = openData({
      data,
      shape,
      baseDirectory: folder,
      // Decoded folders are kept beside the folder itself; drawn faces have no folder.
      cacheDirectory:
        data.kind === 'facesjs' ? join(context.workingFolder, '.cache', 'began-compile') : undefined,
    });
    const verb = data.kind === 'facesjs' ? 'drawing faces' : 'reading pictures';
    const loaded = await source.load((done, total) =>
      report(`${verb} for ${name}: ${formatCount(done)}/${formatCount(total)}`),
    );
    images.set(name, loaded.images);
    diagnostics.push(...loaded.diagnostics);
  }
  return { images, diagnostics };
}
