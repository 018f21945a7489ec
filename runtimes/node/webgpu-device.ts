/**
 * A WebGPU device under Node: Dawn, from the package `webgpu`, on whatever driver the system has. Drivers that run
 * shaders on the CPU are for tests and for those who ask.
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { PROFILES, type Profile } from '../../compiler/webgpu/profile.js';
import { DiagnosticError, type Diagnostic } from '../../spec/diagnostics/diagnostic.js';
import { describeAdapter, requestDevice } from '../webgpu/adapter.js';

/** The version that loads on systems of 2022 and newer; its neighbours ask for a newer C++ library. */
export const WEBGPU_PACKAGE = 'webgpu@0.6.2';

/** Where Debian's and Ubuntu's chromium bring SwiftShader, which runs shaders on the CPU. */
const SWIFTSHADER = '/usr/lib/chromium/vk_swiftshader_icd.json';

export interface WebgpuDevice {
  readonly device: GPUDevice;
  /** As the driver calls its hardware. */
  readonly adapter: string;
  readonly software: boolean;
  readonly profile: Profile;
}

interface Dawn {
  readonly create: (options: readonly string[]) => GPU;
  readonly globals: object;
}

/** Dawn ends with its entry point: as long as a device is used, this has to be held. */
const held: GPU[] = [];

/** Throws DiagnosticError webgpu/.... */
export async function openWebgpu(
  { allowCpu = false }: { readonly allowCpu?: boolean | undefined },
  workingFolder: string,
): Promise<WebgpuDevice> {
  const dawn = await loadDawn(workingFolder);
  Object.assign(globalThis, dawn.globals);
  const adapter = await requestAdapter(dawn, allowCpu);
  if (adapter === null) throw new DiagnosticError(NO_ADAPTER);
  const { name, software, profile } = describeAdapter(adapter);
  if (software && !allowCpu) throw new DiagnosticError(softwareOnly(name));
  return { device: await requestDevice(adapter), adapter: name, software, profile: PROFILES[profile] };
}

async function loadDawn(workingFolder: string): Promise<Dawn> {
  for (const from of [import.meta.url, join(workingFolder, 'package.json')]) {
    let path: string;
    try {
      path = createRequire(from).resolve('webgpu');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') continue;
      throw error;
    }
    try {
      return (await import(pathToFileURL(path).href)) as Dawn;
    } catch (error) {
      throw new DiagnosticError(cannotLoad((error as Error).message));
    }
  }
  throw new DiagnosticError(PACKAGE_MISSING);
}

async function requestAdapter({ create }: Dawn, allowCpu: boolean): Promise<GPUAdapter | null> {
  const request = async (): Promise<GPUAdapter | null> => {
    // Dawn rounds timestamps to 65 us, which protects pages from each other and would hide most kernels from a profile.
    const gpu = create(['disable-dawn-features=timestamp_quantization']);
    held.push(gpu);
    return await gpu.requestAdapter({ powerPreference: 'high-performance' });
  };
  const adapter = await request();
  if (
    adapter !== null ||
    !allowCpu ||
    process.env['VK_ICD_FILENAMES'] !== undefined ||
    !existsSync(SWIFTSHADER)
  )
    return adapter;
  process.env['VK_ICD_FILENAMES'] = SWIFTSHADER;
  return await request();
}

const OTHERWISE = '`--backend wasm` needs nothing installed and runs the same specs.';

export const PACKAGE_MISSING: Diagnostic = {
  code: 'webgpu/package-missing',
  severity: 'error',
  message: 'The package `webgpu` is not installed',
  note: 'It brings Dawn, by which Node reaches GPUs; web pages need nothing.',
  help: `Run \`npm install ${WEBGPU_PACKAGE}\`. ${OTHERWISE}`,
};

const cannotLoad = (reason: string): Diagnostic => ({
  code: 'webgpu/package-missing',
  severity: 'error',
  message: `The package \`webgpu\` cannot be loaded: ${reason.split('\n', 1)[0]!}`,
  help: `Run \`npm install ${WEBGPU_PACKAGE}\`: other versions ask for newer system libraries. ${OTHERWISE}`,
});

const NO_ADAPTER: Diagnostic = {
  code: 'webgpu/no-adapter',
  severity: 'error',
  message: 'WebGPU finds no GPU on this machine',
  note: 'Dawn looks for a Vulkan driver on Linux, for Direct3D 12 on Windows and for Metal on macOS.',
  help:
    "Install the GPU's driver; on Linux also `libvulkan1`. To run shaders on the CPU on purpose, install Debian's `chromium` " +
    `(it brings SwiftShader) and add \`--allow-cpu\`. ${OTHERWISE}`,
};

const softwareOnly = (name: string): Diagnostic => ({
  code: 'webgpu/no-adapter',
  severity: 'error',
  message: `WebGPU finds no GPU on this machine, only a driver that runs shaders on the CPU: ${name}`,
  note: 'It is many times slower than `--backend wasm`, and is never used without being asked for.',
  help: `Install the GPU's driver. To run on the CPU on purpose, add \`--allow-cpu\`. ${OTHERWISE}`,
});
