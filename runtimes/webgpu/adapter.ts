/** Adapters and the devices they give, wherever they come from. */
import type { PROFILES } from '../../compiler/webgpu/profile.js';
import { watch } from './failures.js';

export interface AdapterDescription {
  /** As the driver calls its hardware. */
  readonly name: string;
  /** Whether it runs shaders on the CPU. */
  readonly software: boolean;
  /** Of the kernels that suit it. */
  readonly profile: keyof typeof PROFILES;
}

export function describeAdapter({ info }: GPUAdapter): AdapterDescription {
  const name = info.description || info.device || `${info.vendor} ${info.architecture}`.trim() || 'a GPU';
  const software =
    info.isFallbackAdapter || /swiftshader|llvmpipe|lavapipe|software/i.test(`${info.architecture} ${name}`);
  return software
    ? { name: `${name}, on the CPU`, software, profile: 'software' }
    : { name, software, profile: 'gpu' };
}

/** A device with buffers as large as the adapter allows, and with timestamps if it has them, watched for its loss. */
export async function requestDevice(adapter: GPUAdapter): Promise<GPUDevice> {
  const { maxBufferSize, maxStorageBufferBindingSize } = adapter.limits;
  const device = await adapter.requestDevice({
    requiredLimits: { maxBufferSize, maxStorageBufferBindingSize },
    requiredFeatures: adapter.features.has('timestamp-query') ? ['timestamp-query'] : [],
  });
  watch(device);
  return device;
}
