/** What each state short of CUDA is told as, with the command that mends it. */
import type { Diagnostic } from '../../spec/diagnostics/diagnostic.js';
import type { CudaState } from './detect.js';
import type { LoadedTensorflow } from './native-binding.js';
import type { NvidiaDriver } from './nvidia-driver.js';
import { addonPath, PACKAGE_NAME } from './package-folders.js';

export type Unready = Exclude<CudaState<LoadedTensorflow>, { kind: 'cuda' }>;

const OTHERWISE = '`--backend wasm` needs nothing installed and runs the same specs.';

export function cudaRefusal(state: Unready, driver: NvidiaDriver | undefined): Diagnostic {
  switch (state.kind) {
    case 'package-missing':
      return {
        code: 'cuda/package-missing',
        severity: 'error',
        message: `The package \`${PACKAGE_NAME}\` is not installed`,
        note: 'It brings TensorFlow, which runs programs on CUDA. npm leaves it out where its download fails.',
        help: `Run \`began-compile setup cuda\`. ${OTHERWISE}`,
      };
    case 'addon-missing':
      return {
        code: 'cuda/addon-missing',
        severity: 'error',
        message: `The native addon of \`${PACKAGE_NAME}\` is missing`,
        note: `\`${addonPath(state.folder)}\` is not there: the package's install script has not run, or has failed.`,
        help: `Run \`began-compile setup cuda\`. ${OTHERWISE}`,
      };
    case 'library-missing':
      return {
        code: 'cuda/library-missing',
        severity: 'error',
        message: `TensorFlow cannot be loaded: ${firstLine(state.reason)}`,
        note: `\`${addonPath(state.folder)}\` is there, and a library that it needs is not, or is of another version.`,
        help: `Run \`began-compile setup cuda\`, which brings the library and builds the addon for it. ${OTHERWISE}`,
      };
    case 'cpu-only':
      return noGpu(state.binding.TF_Version, driver);
    default:
      return state satisfies never;
  }
}

function noGpu(tensorflow: string, driver: NvidiaDriver | undefined): Diagnostic {
  const refusal = {
    code: 'cuda/no-gpu',
    severity: 'error',
    message: `TensorFlow ${tensorflow} finds no GPU on this machine`,
  } as const;
  const onPurpose = 'To run the same graph on the CPU on purpose, add `--allow-cpu`.';
  if (driver === undefined) {
    return {
      ...refusal,
      note: 'No NVIDIA driver is loaded. It is never run on the CPU instead without being asked to.',
      help: `Install the driver until \`nvidia-smi\` lists the GPU, then look again with \`began-compile doctor cuda\`. ${onPurpose}`,
    };
  }
  const named = driver.version === undefined ? 'An NVIDIA driver' : `The NVIDIA driver ${driver.version}`;
  return {
    ...refusal,
    note:
      `${named} is loaded, so this TensorFlow misses its CUDA libraries, is a build without CUDA, or is older than the GPU. ` +
      'It is never run on the CPU instead without being asked to.',
    help:
      '`TF_CPP_MIN_LOG_LEVEL=0 began-compile doctor cuda` shows which libraries it looks for; ' +
      `\`began-compile setup cuda --tensorflow pip\` brings a current TensorFlow with its CUDA libraries. ${onPurpose}`,
  };
}

const firstLine = (text: string): string => text.split('\n', 1)[0]!;
