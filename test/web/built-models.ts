/** Models built from specs, as `began-compile build` builds them, and the sessions that they have to agree with. */
import { compile } from '../../compiler/compile.js';
import { initialState } from '../../compiler/random/initialise.js';
import type { LoadOptions, Model } from '../../runtimes/artifact/api.js';
import { BACKENDS } from '../../runtimes/artifact/format.js';
import { load } from '../../runtimes/artifact/load.js';
import { packArtifact, type PackedModel, type PackOptions } from '../../runtimes/cli/build/pack-artifact.js';
import type { ClassNames } from '../../runtimes/cli/class-names.js';
import { folderLibrary } from '../../runtimes/node/library-source.js';
import { TrainingSession } from '../../runtimes/training/session.js';
import { WasmEngine } from '../../runtimes/wasm/engine.js';

export interface Built {
  readonly packed: PackedModel;
  /** With the same weights, on the engine that trains. */
  readonly session: TrainingSession;
  read(name: string): Promise<Uint8Array>;
  load(options?: LoadOptions): Promise<Model>;
}

export async function build(
  text: string,
  outputs: readonly string[],
  options: Partial<PackOptions> = {},
  classNames: ClassNames = {},
): Promise<Built> {
  const { program, model, diagnostics } = compile({ name: 'spec.yaml', text }, folderLibrary());
  if (program === undefined || model === undefined) throw new Error(diagnostics.map((d) => d.message).join());
  const state = new Map(
    program.state.map((declaration) => [declaration.name, initialState(declaration, program.seed)] as const),
  );
  const packed = packArtifact(
    {
      title: 'A model',
      model,
      program,
      outputs,
      state,
      scope: { hyper: program.hyper, step: 0, steps: program.steps, execution: 0 },
      classNames,
    },
    { backends: BACKENDS, weights: 'float32', ...options },
  );
  const executable = await new WasmEngine().load(program);
  const session = await TrainingSession.create({ program, executable, examples: new Map() });
  const read = async (name: string): Promise<Uint8Array> => {
    const file = packed.files.find((one) => one.name === name);
    if (file === undefined) throw new Error(`no file ${name}`);
    return file.content;
  };
  return { packed, session, read, load: (more) => load(read, more) };
}
