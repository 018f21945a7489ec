/** The folder of a program for PyTorch: what is written for this spec, what all specs share, and the examples. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Model } from '../../../compiler/model/model.js';
import type { Program } from '../../../compiler/program.js';
import { programFile } from '../../../compiler/pytorch/program-file.js';
import { packageFile } from '../../node/package-files.js';
import type { FolderFile } from '../../node/write-folder.js';
import { areImages, areText, type PackedExamples } from '../../training/example-source.js';
import { PACKAGE } from '../package-info.js';
import { encodeNpy } from './npy.js';

/** A spec that is one text, in which the number of steps is written. */
export interface ProgramSource {
  readonly model: Model;
  readonly program: Program;
  readonly specName: string;
  /** By stream; streams without examples take a folder of pictures when the program is run. */
  readonly examples: ReadonlyMap<string, PackedExamples>;
}

export function pytorchFiles({ model, program, specName, examples }: ProgramSource): readonly FolderFile[] {
  const { text } = model.spec.source;
  const { start, end } = model.spec.train.steps.span;
  const characters = (offset: number): number => [...text.slice(0, offset)].length;
  const written = programFile(model, program, {
    generatedBy: `began-compile ${PACKAGE.version}`,
    specName,
    stepsAt: [characters(start), characters(end)],
  });
  const encode = (content: string): Uint8Array => new TextEncoder().encode(content);
  return [
    ...supportFiles(),
    ...[...examples].flatMap(([name, packed]) => exampleFiles(name, packed)),
    { name: 'spec.yaml', content: encode(text) },
    { name: 'model.py', content: encode(written) },
  ];
}

/** The same for every spec: they lie in the package as they are written. */
function supportFiles(): readonly FolderFile[] {
  const root = packageFile('runtimes/pytorch');
  const names = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => name.endsWith('.py'));
  return names.sort().map((name) => ({ name, content: readFileSync(join(root, name)) }));
}

/** `data/x.npy` as `support/data.py` reads it, and the classes beside it. */
function exampleFiles(name: string, packed: PackedExamples): readonly FolderFile[] {
  const { count, labels } = packed;
  const file = (ending: string, content: Uint8Array): FolderFile => ({
    name: `data/${name}${ending}`,
    content,
  });
  const own = areImages(packed)
    ? encodeNpy(packed.pixels, [count, packed.height, packed.width, packed.channels])
    : areText(packed)
      ? encodeNpy(packed.symbols, [count, packed.length])
      : encodeNpy(packed.values, [count, ...packed.shape]);
  return [
    file('.npy', own),
    ...(labels === undefined ? [] : [file('.labels.npy', encodeNpy(labels.of, [count]))]),
  ];
}
