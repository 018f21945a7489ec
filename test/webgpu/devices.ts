/** WebGPU for tests: a device that runs (a GPU's, or one on the CPU), and one that only checks shaders. */
import { create, globals } from 'webgpu';
import { openWebgpu, type WebgpuDevice } from '../../runtimes/node/webgpu-device.js';
import { DiagnosticError } from '../../spec/diagnostics/diagnostic.js';

/** Undefined, with a line on stderr, where there is no driver: what needs it is skipped. */
export async function webgpuDevice(): Promise<WebgpuDevice | undefined> {
  try {
    return await openWebgpu({ allowCpu: true }, process.cwd());
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    process.stderr.write(
      `SKIPPED: ${error.diagnostics[0]!.message}, so the webgpu backend is not run. ` +
        'Debian has a driver for the CPU: `apt-get install --no-install-recommends chromium libvulkan1`\n',
    );
    return undefined;
  }
}

/** Held for as long as its device is used. */
const held: GPU[] = [];

/** Dawn without a driver: it compiles shaders as far as any driver would see them, and runs nothing. */
export async function checkingDevice(): Promise<GPUDevice> {
  Object.assign(globalThis, globals);
  const gpu = create(['backend=null']);
  held.push(gpu);
  const adapter = await gpu.requestAdapter();
  if (adapter === null) throw new Error('Dawn has no null backend');
  return await adapter.requestDevice();
}
