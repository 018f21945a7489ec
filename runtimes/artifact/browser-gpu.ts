/** The browser's GPU, or why there is none to use. */
import { describeAdapter, requestDevice, type AdapterDescription } from '../webgpu/adapter.js';

export type BrowserGpu =
  { readonly device: GPUDevice; readonly adapter: AdapterDescription } | { readonly missing: string };

export async function openBrowserGpu(allowCpu: boolean): Promise<BrowserGpu> {
  const { navigator } = globalThis as { readonly navigator?: { readonly gpu?: GPU } };
  const gpu = navigator?.gpu;
  if (gpu === undefined) {
    const secure = (globalThis as { readonly isSecureContext?: boolean }).isSecureContext !== false;
    return {
      missing: secure ? 'This browser has no WebGPU' : 'WebGPU needs a page served by https or localhost',
    };
  }
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (adapter === null) return { missing: 'WebGPU finds no GPU' };
  const description = describeAdapter(adapter);
  if (description.software && !allowCpu) return { missing: `WebGPU finds no GPU, only ${description.name}` };
  return { device: await requestDevice(adapter), adapter: description };
}
