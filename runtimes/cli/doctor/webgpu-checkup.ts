/** The backend webgpu: whether Node reaches a GPU through Dawn, and which. */
import { DiagnosticError } from '../../../spec/diagnostics/diagnostic.js';
import { openWebgpu, WEBGPU_PACKAGE } from '../../node/webgpu-device.js';
import type { Checkup, Surroundings } from './checkup.js';

export async function checkWebgpu({ workingFolder }: Surroundings): Promise<Checkup> {
  try {
    const { device, adapter } = await openWebgpu({}, workingFolder);
    const { maxStorageBufferBindingSize } = device.limits;
    device.destroy();
    return {
      ready: true,
      facts: [
        ['GPU', adapter],
        ['largest program', `${Math.floor(maxStorageBufferBindingSize / 2 ** 20)} MiB`],
      ],
      diagnostics: [],
    };
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    return { ready: false, facts: [['package', WEBGPU_PACKAGE]], diagnostics: error.diagnostics };
  }
}
