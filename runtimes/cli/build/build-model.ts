/** The outputs of a spec or a trained run, as a folder that a web page loads. */
import { readFile, stat } from 'node:fs/promises';
import { basename, extname, resolve } from 'node:path';
import { initialState } from '../../../compiler/random/initialise.js';
import { FILES, shadersFile, type ArtifactBackend, type ArtifactOutput } from '../../artifact/format.js';
import { packageFile } from '../../node/package-files.js';
import type { FolderFile } from '../../node/write-folder.js';
import { requireTensors } from '../../training/checkpoint.js';
import { chooseOutputs } from '../choose-outputs.js';
import { readClassNames, type ClassNames } from '../class-names.js';
import { compileSpec, type CompiledSpec } from '../compile-spec.js';
import type { CommandContext } from '../context.js';
import { openCheckpoint } from '../open-checkpoint.js';
import { escapeHtml } from '../report/escape-html.js';
import { keptSpec, readSpecFile } from '../spec-file.js';
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
  const { compiled, state, step, hyper, classNames } = await openSource(path, context);
  const { program, model } = compiled;
  const outputs = chooseOutputs(program.outputs, wanted, 'build').map(({ name }) => name);
  const at = step ?? 0;
  const { description, files } = packArtifact(
    {
      title: model.spec.title?.value ?? basename(path, extname(path)),
      model,
      program,
      outputs,
      state,
      scope: { hyper, step: at, steps: program.steps, execution: at },
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

interface Source {
  readonly compiled: CompiledSpec;
  readonly state: ReadonlyMap<string, Float32Array>;
  readonly step: number | undefined;
  readonly hyper: ReadonlyMap<string, number>;
  readonly classNames: ClassNames;
}

async function openSource(path: string, context: CommandContext): Promise<Source> {
  if (await isSpec(resolve(context.workingFolder, path))) {
    const compiled = compileSpec(await readSpecFile(path, context.workingFolder));
    const { state, seed, hyper } = compiled.program;
    const initial = state.map((declaration) => [declaration.name, initialState(declaration, seed)] as const);
    return { compiled, state: new Map(initial), step: undefined, hyper, classNames: {} };
  }
  const checkpoint = await openCheckpoint(path, context);
  const compiled = compileSpec(keptSpec(checkpoint.spec, context.workingFolder));
  requireTensors(compiled.program, checkpoint);
  const { step, hyper } = checkpoint.progress;
  return {
    compiled,
    // Of a checkpoint that fits its program, all tensors are F32.
    state: new Map([...checkpoint.tensors].map(([name, { data }]) => [name, data as Float32Array])),
    step,
    hyper: new Map([...compiled.program.hyper, ...Object.entries(hyper)]),
    classNames: readClassNames(checkpoint),
  };
}

/** Whether a path is a file, and no checkpoint. What is not there is a run that cannot be read. */
async function isSpec(path: string): Promise<boolean> {
  if (/\.ya?ml$/i.test(path)) return true;
  if (path.endsWith('.safetensors')) return false;
  return await stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
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
  name === FILES.module || (name.startsWith('shaders.') && name === shadersFile(name.split('.')[1]!));
