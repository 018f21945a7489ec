/** TensorFlow behind the native addon, for tests: on the GPU where there is one, otherwise on the CPU. */
import { detectCuda, thisMachine, type CudaState } from '../../runtimes/cuda/detect.js';
import { setEnvironment } from '../../runtimes/cuda/environment.js';

export type NativeTensorflow = Extract<CudaState, { kind: 'cuda' | 'cpu-only' }>;

/** Undefined, with a line on stderr, where the addon is not there: what needs it is skipped. */
export function nativeTensorflow(): NativeTensorflow | undefined {
  // TF32 rounds to 10 bits, so on a GPU only precise runs can be held against the reference.
  setEnvironment(process.env, { precise: true });
  const state = detectCuda(thisMachine(process.cwd()));
  if (state.kind === 'cuda' || state.kind === 'cpu-only') return state;
  process.stderr.write(
    `SKIPPED: no TensorFlow for Node (${state.kind}), so the cuda backend is not checked. ` +
      'Get one: `pip download --no-deps tensorflow-cpu`, then `npx began-compile setup cuda --tensorflow WHEEL`\n',
  );
  return undefined;
}
