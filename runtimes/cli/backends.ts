/** Backends and engines by the names of the command line, and which of them this version has. */
import { DiagnosticError } from '../../spec/diagnostics/diagnostic.js';
import type { ProfilableEngine } from '../profilable.js';

export const BACKENDS = ['wasm', 'webgpu', 'cuda', 'reference'] as const;
export type Backend = (typeof BACKENDS)[number];

const GPU_BACKENDS: ReadonlySet<Backend> = new Set(['webgpu', 'cuda']);

export const ENGINES = ['tfjs'] as const;
export type EngineName = (typeof ENGINES)[number];

/** What runs a program, and how. */
export interface EngineChoice {
  readonly backend: Backend;
  /** A peer that runs op by op in the backend's place. */
  readonly engine?: EngineName | undefined;
  /** Of the backends for GPUs: to run on the CPU where there is none. */
  readonly allowCpu?: boolean | undefined;
  /** No arithmetic that rounds more than float32. */
  readonly precise?: boolean | undefined;
  /** Of the backend `wasm`: how many compute. As many as pay where it is left out. */
  readonly threads?: number | undefined;
}

/** How an engine is made: engines are loaded when asked for, so that `validate` starts at once. */
type Maker = (choice: EngineChoice, workingFolder: string) => Promise<ProfilableEngine>;

const MAKERS: Readonly<Record<Backend, Maker>> = {
  wasm: async ({ threads, precise }) => {
    const [{ WasmEngine }, { enableRelaxedSimd }, { nodeThreads }] = await Promise.all([
      import('../wasm/engine.js'),
      import('../node/relaxed-simd.js'),
      import('../node/worker-threads.js'),
    ]);
    enableRelaxedSimd();
    return new WasmEngine({ precise, threads: { host: nodeThreads, count: threads } });
  },
  reference: async () => {
    const { referenceEngine } = await import('../reference/engine.js');
    return referenceEngine;
  },
  webgpu: async (choice, workingFolder) => {
    const { openWebgpu } = await import('../node/webgpu-device.js');
    const { WebgpuEngine } = await import('../webgpu/engine.js');
    const { device, ...options } = await openWebgpu(choice, workingFolder);
    return new WebgpuEngine(device, options);
  },
  cuda: async (choice, workingFolder) => {
    const { openCuda } = await import('../cuda/open-cuda.js');
    const { CudaEngine } = await import('../cuda/engine.js');
    return new CudaEngine(openCuda(choice, workingFolder).binding, choice);
  },
};

const PEERS: Readonly<Record<EngineName, Readonly<Partial<Record<Backend, Maker>>>>> = {
  tfjs: {
    wasm: async () => {
      const { createTfjsWasmEngine } = await import('../node/tfjs-wasm.js');
      return createTfjsWasmEngine();
    },
    cuda: async (choice, workingFolder) => {
      const { openCuda } = await import('../cuda/open-cuda.js');
      const { createTfjsTensorflowEngine } = await import('../node/tfjs-tensorflow.js');
      const { kind, folder } = openCuda(choice, workingFolder);
      return createTfjsTensorflowEngine(folder, { onGpu: kind === 'cuda' });
    },
  },
};

/** Throws DiagnosticError run/option, webgpu/... or cuda/.... */
export async function makeEngine(choice: EngineChoice, workingFolder: string): Promise<ProfilableEngine> {
  const { backend, engine, allowCpu, threads } = choice;
  if (allowCpu === true && !GPU_BACKENDS.has(backend)) {
    throw new DiagnosticError({
      code: 'run/option',
      severity: 'error',
      message: `\`--allow-cpu\` says nothing to the backend \`${backend}\``,
      note: 'It lets the backends for GPUs run on the CPU where there is none.',
      help: 'Leave it out, or add `--backend cuda` or `--backend webgpu`.',
    });
  }
  if (threads !== undefined && (backend !== 'wasm' || engine !== undefined)) {
    throw new DiagnosticError({
      code: 'run/option',
      severity: 'error',
      message: `\`--threads\` says nothing to ${engine === undefined ? `the backend \`${backend}\`` : `\`--engine ${engine}\``}`,
      note: 'It says how many threads run the modules of the backend `wasm`.',
      help: 'Leave it out, or add `--backend wasm`.',
    });
  }
  if (engine === undefined) return MAKERS[backend](choice, workingFolder);
  const peers = PEERS[engine];
  const peer = peers[backend];
  if (peer !== undefined) return peer(choice, workingFolder);
  const able = Object.keys(peers).map((name) => `\`--backend ${name} --engine ${engine}\``);
  throw new DiagnosticError({
    code: 'run/option',
    severity: 'error',
    message: `\`--engine ${engine}\` cannot run on the backend \`${backend}\``,
    help: `Write ${able.join(' or ')}: it runs the program op by op on the kernels of TensorFlow.js.`,
  });
}
