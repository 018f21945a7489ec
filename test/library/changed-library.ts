/** Mistakes planted in the text of the library: what comparisons are tried on. */
import { folderLibrary } from '../../runtimes/node/library-source.js';
import type { LibrarySource } from '../../spec/spec.js';

/** A library in which one entry says something else. */
export function changedLibrary(entry: string, right: string, wrong: string): LibrarySource {
  const library = folderLibrary();
  return {
    names: () => library.names(),
    read(name) {
      const file = library.read(name);
      if (name !== entry || file === undefined) return file;
      return { ...file, text: replaced(file.text, right, wrong) };
    },
  };
}

/** Throws where there is nothing to replace, since that is no mutant. */
export function replaced(text: string, right: string, wrong: string): string {
  if (!text.includes(right)) throw new Error(`there is no '${right}' to be replaced`);
  return text.replaceAll(right, wrong);
}

/** One mistake in each of three objectives: what it is, the system, the library's entry, what is right, what is wrong. */
export const PLANTED = [
  ['k of the other sign', 'began k0: 0.3, rate: 1e-3', 'began', 'Lx - k * Lf', 'Lx + k * Lf'],
  ['a penalty that teaches nothing', 'wgan_gp', 'wgan_gp', 'square(excess)', 'stop(square(excess))'],
  ['samples with the classes of data', 'acgan', 'acgan', 'D(fake).class, c', 'D(fake).class, y'],
] as const;
