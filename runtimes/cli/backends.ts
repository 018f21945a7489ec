/** Backends and engines by the names of the command line, and which of them this version has. */
import { DiagnosticError, type Diagnostic } from '../../spec/diagnostics/diagnostic.js';
import type { Engine } from '../engine.js';

export const BACKENDS = ['wasm', 'webgpu', 'cuda', 'reference'] as const;
export type Backend = (typeof BACKENDS)[number];

export const ENGINES = ['tfjs'] as const;
export type EngineName = (typeof ENGINES)[number];

/** What runs a program, and how. */
export interface EngineChoice {
  readonly backend: Backend;
  /** A peer that runs op by op in the backend's place. */
  readonly engine?: EngineName | undefined;
  /** Of `cuda`: to run on the CPU where there is no GPU. */
  readonly allowCpu?: boolean | undefined;
  /** No arithmetic that rounds more than float32. */
  readonly precise?: boolean | undefined;
}

/** Backends that have a name and no engine. */
export const NOT_BUILT = {
  webgpu: {
    code: 'run/backend-not-built',
    severity: 'error',
    message: 'The backend `webgpu` is not part of this version',
    note: 'The WebGPU runtime is planned and not written yet.',
    help: 'Use `--backend wasm`: it needs nothing installed and runs the same specs.',
  },
} as const satisfies Partial<Record<Backend, Diagnostic>>;

/** How an engine is made: engines are loaded when asked for, so that `validate` starts at once. */
type Maker = (choice: EngineChoice, workingFolder: string) => Promise<Engine>;

const MAKERS: Readonly<Record<Backend, Maker>> = {
  wasm: async () => {
    const { WasmEngine } = await import('../wasm/engine.js');
    return new WasmEngine();
  },
  reference: async () => {
    const { referenceEngine } = await import('../reference/engine.js');
    return referenceEngine;
  },
  webgpu: () => {
    throw new DiagnosticError(NOT_BUILT.webgpu);
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
      return createTfjsTensorflowEngine(openCuda(choice, workingFolder).folder);
    },
  },
};

/** Throws DiagnosticError run/backend-not-built, run/option or cuda/.... */
export async function makeEngine(choice: EngineChoice, workingFolder: string): Promise<Engine> {
  const { backend, engine, allowCpu } = choice;
  if (allowCpu === true && backend !== 'cuda') {
    throw new DiagnosticError({
      code: 'run/option',
      severity: 'error',
      message: `\`--allow-cpu\` says nothing to the backend \`${backend}\``,
      note: 'It lets the graph of `--backend cuda` run on the CPU where there is no GPU.',
      help: 'Leave it out, or add `--backend cuda`.',
    });
  }
  if (engine === undefined) return MAKERS[backend](choice, workingFolder);
  const peers = PEERS[engine];
  const peer = peers[backend];
  if (peer !== undefined) return peer(choice, workingFolder);
  // A backend that is not there is the more useful thing to say.
  if (backend !== 'reference') await MAKERS[backend](choice, workingFolder);
  const able = Object.keys(peers).map((name) => `\`--backend ${name} --engine ${engine}\``);
  throw new DiagnosticError({
    code: 'run/option',
    severity: 'error',
    message: `\`--engine ${engine}\` cannot run on the backend \`${backend}\``,
    help: `Write ${able.join(' or ')}: it runs the program op by op on the kernels of TensorFlow.js.`,
  });
}
