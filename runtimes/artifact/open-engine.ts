/** What trains in a page. */
import { PROFILES } from '../../compiler/webgpu/profile.js';
import type { Engine } from '../engine.js';
import { WasmEngine } from '../wasm/engine.js';
import { WebgpuEngine } from '../webgpu/engine.js';
import type { LoadOptions } from './api.js';
import { openBrowserGpu } from './browser-gpu.js';
import { ModelError } from './model-error.js';

export interface OpenedEngine {
  readonly engine: Engine;
  readonly backend: 'webgpu' | 'wasm';
  /** Why it is not WebGPU, where that was not asked for. */
  readonly why?: string;
}

/** WebGPU where the browser has a GPU for it, otherwise WebAssembly. Throws ModelError where a GPU is asked for and missing. */
export async function openEngine({ backend, allowCpu = false }: LoadOptions = {}): Promise<OpenedEngine> {
  if (backend === 'wasm') return { engine: new WasmEngine(), backend };
  const gpu = await openBrowserGpu(allowCpu);
  if ('missing' in gpu) {
    if (backend === 'webgpu') throw new ModelError(gpu.missing);
    return { engine: new WasmEngine(), backend: 'wasm', why: gpu.missing };
  }
  const { device, adapter } = gpu;
  const engine = new WebgpuEngine(device, { adapter: adapter.name, profile: PROFILES[adapter.profile] });
  return { engine, backend: 'webgpu' };
}
