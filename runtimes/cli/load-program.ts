/** Loads what a run trains. Where the engine has no memory for it, finds the parts of a batch that it has memory for. */
import { fittingMicroBatch } from '../../compiler/fitting-micro-batch.js';
import { DiagnosticError } from '../../spec/diagnostics/diagnostic.js';
import type { Engine, Executable } from '../engine.js';
import type { CompiledSpec } from './compile-spec.js';

/** Throws what the engine throws; DiagnosticError wasm/too-large says which `micro_batch` would fit, where one does, and nothing of it where none does. */
export async function loadProgram(
  engine: Engine,
  { model, program }: Pick<CompiledSpec, 'model' | 'program'>,
): Promise<Executable> {
  try {
    return await engine.load(program);
  } catch (error) {
    if (
      !(error instanceof DiagnosticError) ||
      !error.diagnostics.some(({ code }) => code === 'wasm/too-large')
    )
      throw error;
    const fits = engine.fits?.bind(engine);
    // Where it fits, it is this machine that has too little, and nobody knows how much it would give.
    if (fits === undefined || fits(program)) throw error;
    const size = fittingMicroBatch(model, fits);
    const help =
      size === undefined
        ? 'Take a smaller `batch`, smaller pictures or fewer filters; `began-compile inspect` shows what needs how much.'
        : `Add \`--set train.micro_batch=${size}\`, or say that in the spec: the gradients of a batch are then summed over parts of ${size}, which fit.`;
    throw new DiagnosticError(error.diagnostics.map((found) => ({ ...found, help })));
  }
}
