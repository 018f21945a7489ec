/** What trains in a page. */
import { PROFILES } from '../../compiler/webgpu/profile.js';
import type { Engine } from '../engine.js';
import { WasmEngine } from '../wasm/engine.js';
import { WebgpuEngine } from '../webgpu/engine.js';
import type { LoadOptions } from './api.js';
import { openBrowserGpu } from './browser-gpu.js';
import { ModelError } from './model-error.js';
import { openWebThreads } from './web-threads.js';

export interface OpenedEngine {
  readonly engine: Engine;
  readonly backend: 'webgpu' | 'wasm';
  /** Why it is not WebGPU, where that was not asked for. */
  readonly why?: string;
  /** Of WebAssembly: why one thread computes, where the page has no more. */
  readonly oneThread?: string;
}

/** WebGPU where the browser has a GPU for it, otherwise WebAssembly. Throws ModelError where a GPU is asked for and missing. */
export async function openEngine({ backend, allowCpu = false }: LoadOptions = {}): Promise<OpenedEngine> {
  if (backend === 'wasm') return await openWasm();
  const gpu = await openBrowserGpu(allowCpu);
  if ('missing' in gpu) {
    if (backend === 'webgpu') throw new ModelError(gpu.missing);
    return { ...(await openWasm()), why: gpu.missing };
  }
  const { device, adapter } = gpu;
  const engine = new WebgpuEngine(device, { adapter: adapter.name, profile: PROFILES[adapter.profile] });
  return { engine, backend: 'webgpu' };
}

/** On as many threads as the page has and a program can use. */
async function openWasm(): Promise<OpenedEngine> {
  const host = await openWebThreads();
  return 'missing' in host
    ? { engine: new WasmEngine(), backend: 'wasm', oneThread: host.missing }
    : { engine: new WasmEngine({ threads: { host } }), backend: 'wasm' };
}
