/** Backends and engines by the names of the command line, and which of them this version has. */
import { DiagnosticError } from '../../spec/diagnostics/diagnostic.js';
import type { Engine } from '../engine.js';

export const BACKENDS = ['wasm', 'webgpu', 'cuda', 'reference'] as const;
export type Backend = (typeof BACKENDS)[number];

export const ENGINES = ['tfjs'] as const;
export type EngineName = (typeof ENGINES)[number];

/** How an engine is made: engines are loaded when asked for, so that `validate` starts at once. */
type Maker = () => Promise<Engine>;

function notBuilt(backend: Backend, what: string): never {
  throw new DiagnosticError({
    code: 'run/backend-not-built',
    severity: 'error',
    message: `The backend \`${backend}\` is not part of this version`,
    note: `${what} is planned and not written yet.`,
    help: 'Use `--backend wasm`: it needs nothing installed and runs the same specs.',
  });
}

const MAKERS: Readonly<Record<Backend, Maker>> = {
  wasm: async () => {
    const { WasmEngine } = await import('../wasm/engine.js');
    return new WasmEngine();
  },
  reference: async () => {
    const { referenceEngine } = await import('../reference/engine.js');
    return referenceEngine;
  },
  webgpu: () => notBuilt('webgpu', 'The WebGPU runtime'),
  cuda: () => notBuilt('cuda', 'The CUDA runtime'),
};

/** Throws DiagnosticError run/backend-not-built or run/option. */
export async function makeEngine(backend: Backend, engine?: EngineName): Promise<Engine> {
  if (engine === undefined) return MAKERS[backend]();
  if (backend !== 'wasm') {
    // A backend that is not there is the more useful thing to say.
    if (backend !== 'reference') await MAKERS[backend]();
    throw new DiagnosticError({
      code: 'run/option',
      severity: 'error',
      message: `\`--engine ${engine}\` cannot run on the backend \`${backend}\``,
      help: `Write \`--backend wasm --engine ${engine}\`: it runs the program op by op on tfjs-backend-wasm.`,
    });
  }
  const { createTfjsWasmEngine } = await import('../node/tfjs-wasm.js');
  return createTfjsWasmEngine();
}
