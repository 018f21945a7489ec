/** How each backend is examined. */
import { createRequire } from 'node:module';
import type { Check, Fact, Patient } from './checkup.js';
import { enableRelaxedSimd } from '../../node/relaxed-simd.js';
import { nodeThreads } from '../../node/worker-threads.js';
import { hasWasmFeature, WASM_FEATURES } from '../../wasm/features.js';

const NODE: Fact = ['Node', `${process.versions.node}, ${process.platform} ${process.arch}`];

function packageVersion(name: string): string {
  const { version } = createRequire(import.meta.url)(`${name}/package.json`) as { version: string };
  return version;
}

export const CHECKS: Readonly<Record<Patient, Check>> = {
  wasm: () => {
    enableRelaxedSimd();
    return {
      // Relaxed SIMD and threads are used where they are.
      ready: hasWasmFeature('SIMD'),
      facts: [
        NODE,
        ...WASM_FEATURES.map((feature): Fact => [feature, hasWasmFeature(feature) ? 'yes' : 'no']),
        ['most threads', String(nodeThreads.cores)],
      ],
      diagnostics: [],
    };
  },
  webgpu: async (surroundings) => {
    const { checkWebgpu } = await import('./webgpu-checkup.js');
    return await checkWebgpu(surroundings);
  },
  cuda: async (surroundings) => {
    const { checkCuda } = await import('./cuda-checkup.js');
    return await checkCuda(surroundings);
  },
  reference: () => ({ ready: true, facts: [NODE], diagnostics: [] }),
  tfjs: () => ({
    ready: hasWasmFeature('SIMD'),
    facts: [
      ['tfjs-core', packageVersion('@tensorflow/tfjs-core')],
      ['tfjs-backend-wasm', packageVersion('@tensorflow/tfjs-backend-wasm')],
    ],
    diagnostics: [],
  }),
};
