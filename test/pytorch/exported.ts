/** Programs for PyTorch of specs that stand in tests, written to folders. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { compile } from '../../compiler/compile.js';
import type { Model } from '../../compiler/model/model.js';
import type { Program } from '../../compiler/program.js';
import { pytorchFiles } from '../../runtimes/cli/export/pytorch-files.js';
import { folderLibrary } from '../../runtimes/node/library-source.js';
import { openData } from '../../runtimes/node/open-data.js';
import type { PackedExamples } from '../../runtimes/training/example-source.js';

export interface ExportedSpec {
  readonly model: Model;
  readonly program: Program;
  readonly examples: ReadonlyMap<string, PackedExamples>;
}

/** Compiled with gradients to be seen, and with the examples that it is trained on. */
export async function compiled(text: string, baseDirectory = '.'): Promise<ExportedSpec> {
  const { model, program, diagnostics } = compile({ name: 'system.yaml', text }, folderLibrary(), {
    exposeGradients: true,
  });
  if (model === undefined || program === undefined) {
    throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  }
  const examples = new Map<string, PackedExamples>();
  for (const [name, { shape, data }] of program.streams) {
    if (data.kind === 'labels') continue;
    const source = openData({ data, shape, baseDirectory });
    examples.set(name, (await source.load()).examples);
  }
  return { model, program, examples };
}

/** Writes the folder. `change` turns `model.py`, or a file of `support`, into a wrong one. */
export function writeExport(
  { model, program, examples }: ExportedSpec,
  folder: string,
  change: (name: string, content: string) => string = (_, content) => content,
): void {
  for (const { name, content } of pytorchFiles({ model, program, specName: 'system.yaml', examples })) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    const isText = /\.(py|yaml)$/.test(name);
    writeFileSync(path, isText ? change(name, new TextDecoder().decode(content)) : content);
  }
}
