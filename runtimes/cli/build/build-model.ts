/** The outputs of a spec or a trained run, as a folder that a web page loads. */
import { readFile } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { FILES, shadersFile, type ArtifactBackend, type ArtifactOutput } from '../../artifact/format.js';
import { packageFile } from '../../node/package-files.js';
import type { FolderFile } from '../../node/write-folder.js';
import { chooseOutputs } from '../choose-outputs.js';
import type { CommandContext } from '../context.js';
import { openModel } from '../open-model.js';
import { escapeHtml } from '../report/escape-html.js';
import { packArtifact } from './pack-artifact.js';
import { writeOutputFolder } from '../write-output-folder.js';

export interface BuildOptions {
  readonly out: string;
  readonly backend: readonly ArtifactBackend[];
  /** By name; all where empty. */
  readonly outputs: readonly string[];
  readonly weights: 'float32' | 'float16';
}

export interface BuiltModel {
  readonly path: string;
  /** Undefined where the weights are those that a run starts with. */
  readonly step: number | undefined;
  readonly outputs: readonly ArtifactOutput[];
  readonly files: readonly { readonly name: string; readonly bytes: number }[];
}

/**
 * Builds a spec (with the weights that a run starts with), a run folder's newest checkpoint, or a checkpoint file. Throws
 * DiagnosticError where there is nothing to build, or the files cannot be written.
 */
export async function buildModel(
  path: string,
  { out, backend: backends, outputs: wanted, weights }: BuildOptions,
  context: CommandContext,
): Promise<BuiltModel> {
  const { compiled, state, step, scope, classNames } = await openModel(path, context);
  const { program, model } = compiled;
  const outputs = chooseOutputs(program.outputs, wanted, 'build').map(({ name }) => name);
  const { description, files } = packArtifact(
    {
      title: model.spec.title?.value ?? basename(path, extname(path)),
      model,
      program,
      outputs,
      state,
      scope,
      classNames,
    },
    { backends, weights },
  );
  const all = [...(await loaderFiles(description.title)), ...files];
  await writeOutputFolder(out, all, isLeftover, context);
  return {
    path: out,
    step,
    outputs: description.outputs,
    files: all.map(({ name, content }) => ({ name, bytes: content.length })),
  };
}

/** What is the same in every model. */
async function loaderFiles(title: string): Promise<readonly FolderFile[]> {
  const shared = (name: string): Promise<Buffer> => readFile(packageFile(`runtimes/artifact/${name}`));
  const page = await readFile(packageFile('runtimes/artifact/page.html'), 'utf8');
  return [
    { name: FILES.page, content: Buffer.from(page.replaceAll('{{title}}', () => escapeHtml(title))) },
    { name: FILES.loader, content: await shared(FILES.loader) },
    { name: FILES.types, content: await shared(FILES.types) },
  ];
}

const isLeftover = (name: string): boolean =>
  name === FILES.module ||
  name === FILES.relaxedModule ||
  (name.startsWith('shaders.') && name === shadersFile(name.split('.')[1]!));
