/** What a command makes a model of: a spec, a run, or a checkpoint. */
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { initialState } from '../../compiler/random/initialise.js';
import { requireTensors } from '../training/checkpoint.js';
import type { HostScope } from '../training/host-expression.js';
import { readClassNames, type ClassNames } from './class-names.js';
import { compileSpec, type CompiledSpec } from './compile-spec.js';
import type { CommandContext } from './context.js';
import { openCheckpoint } from './open-checkpoint.js';
import type { Override } from '../../spec/override.js';
import { keptSpec, readSpecFile } from './spec-file.js';

export interface OpenedModel {
  readonly compiled: CompiledSpec;
  /** All that the program declares. */
  readonly state: ReadonlyMap<string, Float32Array>;
  /** Undefined where the weights are those that a run starts with. */
  readonly step: number | undefined;
  /** Where schedules and hyper values stand. */
  readonly scope: HostScope;
  readonly classNames: ClassNames;
}

/**
 * A spec (with the weights that a run starts with), a run folder's newest checkpoint, or a checkpoint file. Throws DiagnosticError where
 * there is nothing to be read, or a checkpoint is not of its spec.
 */
export async function openModel(
  path: string,
  context: CommandContext,
  overrides: readonly Override[] = [],
): Promise<OpenedModel> {
  if (await isSpec(resolve(context.workingFolder, path))) {
    const compiled = compileSpec(await readSpecFile(path, context.workingFolder), overrides);
    const { state, seed, hyper, steps } = compiled.program;
    const initial = state.map((declaration) => [declaration.name, initialState(declaration, seed)] as const);
    return {
      compiled,
      state: new Map(initial),
      step: undefined,
      scope: { hyper, step: 0, steps, execution: 0 },
      classNames: {},
    };
  }
  const checkpoint = await openCheckpoint(path, context);
  const compiled = compileSpec(keptSpec(checkpoint.spec, context.workingFolder), overrides);
  requireTensors(compiled.program, checkpoint);
  const { step, hyper } = checkpoint.progress;
  return {
    compiled,
    // Of a checkpoint that fits its program, all tensors are F32.
    state: new Map([...checkpoint.tensors].map(([name, { data }]) => [name, data as Float32Array])),
    step,
    scope: {
      hyper: new Map([...compiled.program.hyper, ...Object.entries(hyper)]),
      step,
      steps: compiled.program.steps,
      execution: step,
    },
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
