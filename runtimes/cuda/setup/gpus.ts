/** The GPUs, as `nvidia-smi` lists them. */
import { runProgram } from './run-program.js';
import type { SetupContext } from './setup-context.js';

export interface Gpu {
  readonly name: string;
  /** What its instructions are: 8.6 for Ampere, 9 for Hopper. Absent where an old driver does not tell. */
  readonly computeCapability?: number | undefined;
}

/** Undefined where nvidia-smi is missing or fails. */
export async function listGpus({
  environment,
  signal,
}: Pick<SetupContext, 'environment' | 'signal'>): Promise<readonly Gpu[] | undefined> {
  const query = ['--query-gpu=name,compute_cap', '--format=csv,noheader'];
  const outcome = await runProgram('nvidia-smi', query, { environment, signal });
  return outcome?.code === 0 ? gpusIn(outcome.output) : undefined;
}

/** Lines are `NVIDIA GeForce RTX 3090, 8.6`. */
export function gpusIn(printed: string): readonly Gpu[] {
  return printed
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const comma = line.lastIndexOf(',');
      const capability = Number(line.slice(comma + 1));
      return {
        name: line.slice(0, comma).trim(),
        computeCapability: Number.isFinite(capability) ? capability : undefined,
      };
    });
}
