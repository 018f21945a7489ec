import { describe, expect, it } from 'vitest';
import { renderDiagnostic } from '../../spec/diagnostics/render.js';
import { detectCuda, type CudaState } from './detect.js';
import type { LoadedTensorflow } from './native-binding.js';
import { nvidiaDriver } from './nvidia-driver.js';
import { cudaRefusal } from './refusal.js';

const ADDON = '/package/lib/napi-v8/tfjs_binding.node';

function tensorflow(gpu: boolean): LoadedTensorflow {
  return { TF_Version: '2.21.0', isUsingGpuDevice: () => gpu };
}

interface FakeMachine {
  readonly folders?: readonly string[];
  readonly files?: readonly string[];
  readonly load?: () => LoadedTensorflow;
}

const detect = ({
  folders = ['/package'],
  files = [ADDON],
  load = () => tensorflow(false),
}: FakeMachine): CudaState<LoadedTensorflow> =>
  detectCuda({ folders, exists: (path) => files.includes(path), load });

const driver = (files: Readonly<Record<string, string>>): ReturnType<typeof nvidiaDriver> =>
  nvidiaDriver({ exists: (path) => path in files, read: (path) => files[path]! });

const LINUX_DRIVER = driver({
  '/proc/driver/nvidia/version':
    'NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.15  Tue Mar  5 22:23:56 UTC 2024\nGCC version:  12.2.0\n',
});
const WSL_DRIVER = driver({ '/usr/lib/wsl/lib/libcuda.so.1': '' });

function refusal(state: CudaState<LoadedTensorflow>, found?: ReturnType<typeof nvidiaDriver>): string {
  if (state.kind === 'cuda') throw new Error('not refused');
  return renderDiagnostic(cudaRefusal(state, found));
}

describe('each of the five states is told apart, and told with what mends it', () => {
  it('package-missing', () => {
    const state = detect({ folders: [] });
    expect(state).toEqual({ kind: 'package-missing' });
    expect(refusal(state)).toMatchInlineSnapshot(`
      "error[cuda/package-missing] The package \`@tensorflow/tfjs-node-gpu\` is not installed
      why: It brings TensorFlow, which runs programs on CUDA. npm leaves it out where its download fails.
      help: Run \`began-compile setup cuda\`. \`--backend wasm\` needs nothing installed and runs the same specs."
    `);
  });

  it('addon-missing', () => {
    const state = detect({ files: [] });
    expect(state).toEqual({ kind: 'addon-missing', folder: '/package' });
    expect(refusal(state)).toMatchInlineSnapshot(`
      "error[cuda/addon-missing] The native addon of \`@tensorflow/tfjs-node-gpu\` is missing
      why: \`/package/lib/napi-v8/tfjs_binding.node\` is not there: the package's install script has not run, or has failed.
      help: Run \`began-compile setup cuda\`. \`--backend wasm\` needs nothing installed and runs the same specs."
    `);
  });

  it('library-missing', () => {
    const state = detect({
      load: () => {
        throw new Error(
          'libtensorflow.so.2: cannot open shared object file: No such file or directory\nat x',
        );
      },
    });
    expect(state).toMatchObject({ kind: 'library-missing', folder: '/package' });
    expect(refusal(state)).toMatchInlineSnapshot(`
      "error[cuda/library-missing] TensorFlow cannot be loaded: libtensorflow.so.2: cannot open shared object file: No such file or directory
      why: \`/package/lib/napi-v8/tfjs_binding.node\` is there, and a library that it needs is not, or is of another version.
      help: Run \`began-compile setup cuda\`, which brings the library and builds the addon for it. \`--backend wasm\` needs nothing installed and runs the same specs."
    `);
  });

  it('cpu-only, without a driver', () => {
    const state = detect({});
    expect(state).toMatchObject({ kind: 'cpu-only', folder: '/package' });
    expect(refusal(state, driver({}))).toMatchInlineSnapshot(`
      "error[cuda/no-gpu] TensorFlow 2.21.0 finds no GPU on this machine
      why: No NVIDIA driver is loaded. It is never run on the CPU instead without being asked to.
      help: Install the driver until \`nvidia-smi\` lists the GPU, then look again with \`began-compile doctor cuda\`. To run the same graph on the CPU on purpose, add \`--allow-cpu\`."
    `);
  });

  it('cpu-only, with a driver that TensorFlow makes nothing of', () => {
    expect(refusal(detect({}), LINUX_DRIVER)).toMatchInlineSnapshot(`
      "error[cuda/no-gpu] TensorFlow 2.21.0 finds no GPU on this machine
      why: The NVIDIA driver 550.54.15 is loaded, so this TensorFlow misses its CUDA libraries, is a build without CUDA, or is older than the GPU. It is never run on the CPU instead without being asked to.
      help: \`TF_CPP_MIN_LOG_LEVEL=0 began-compile doctor cuda\` shows which libraries it looks for; \`began-compile setup cuda --tensorflow pip\` brings a current TensorFlow with its CUDA libraries. To run the same graph on the CPU on purpose, add \`--allow-cpu\`."
    `);
  });

  it('cpu-only, with the driver of WSL, which has no version', () => {
    expect(refusal(detect({}), WSL_DRIVER)).toMatch(/^why: An NVIDIA driver is loaded, so /m);
  });

  it('cuda', () => {
    const binding = tensorflow(true);
    expect(detect({ load: () => binding })).toEqual({ kind: 'cuda', folder: '/package', binding });
  });
});

it('a folder with an addon is taken before one without, whatever their order', () => {
  expect(detect({ folders: ['/npm', '/package'] })).toMatchObject({ kind: 'cpu-only', folder: '/package' });
  expect(detect({ folders: ['/npm', '/package'], files: [] })).toEqual({
    kind: 'addon-missing',
    folder: '/npm',
  });
});

it('the driver is known by the file of its kernel module, or by its library under WSL', () => {
  expect(LINUX_DRIVER).toEqual({ version: '550.54.15' });
  expect(WSL_DRIVER).toEqual({});
  expect(driver({})).toBeUndefined();
});
