/** CUDA, or a refusal: nothing falls back to the CPU unasked. */
import { DiagnosticError } from '../../spec/diagnostics/diagnostic.js';
import { detectCuda, thisMachine, type CudaState } from './detect.js';
import { setEnvironment } from './environment.js';
import { nvidiaDriver } from './nvidia-driver.js';
import { cudaRefusal } from './refusal.js';

export interface CudaOptions {
  readonly allowCpu?: boolean | undefined;
  readonly precise?: boolean | undefined;
}

/** Throws DiagnosticError cuda/.... */
export function openCuda(
  { allowCpu = false, precise }: CudaOptions,
  workingFolder: string,
): Extract<CudaState, { kind: 'cuda' | 'cpu-only' }> {
  setEnvironment(process.env, { precise });
  const state = detectCuda(thisMachine(workingFolder));
  if (state.kind === 'cuda' || (state.kind === 'cpu-only' && allowCpu)) return state;
  throw new DiagnosticError(cudaRefusal(state, nvidiaDriver()));
}
