/** What can go wrong on a device, told as diagnostics. */
import { DiagnosticError } from '../../spec/diagnostics/diagnostic.js';

const lost = new WeakMap<GPUDevice, string>();

/** From here on the device is watched: `requirePresent` knows when it is gone. */
export function watch(device: GPUDevice): void {
  void device.lost.then(({ message, reason }) => {
    lost.set(device, message === '' ? reason : message);
  });
}

/** Throws DiagnosticError webgpu/device-lost. */
export function requirePresent(device: GPUDevice): void {
  const reason = lost.get(device);
  if (reason === undefined) return;
  throw new DiagnosticError({
    code: 'webgpu/device-lost',
    severity: 'error',
    message: `The GPU has gone away: ${reason}`,
    note: 'Its driver was restarted, or the system took it for something else. What was in its memory is lost.',
    help: 'Go on from the last checkpoint with `began-compile run --resume FOLDER`.',
  });
}

/** Throws DiagnosticError webgpu/too-large. */
export function requireLimits({ limits }: GPUDevice, bytes: number): void {
  const most = Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize);
  if (bytes <= most) return;
  throw new DiagnosticError({
    code: 'webgpu/too-large',
    severity: 'error',
    message: `The program needs ${megabytes(bytes)} in one buffer, and this GPU allows ${megabytes(most)}`,
    help: 'Say `micro_batch` under `train`, or take a smaller `batch`, smaller pictures or fewer filters, or another backend.',
  });
}

const megabytes = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20).toLocaleString('en-US')} MiB`;

/** Makes something on the device. Throws DiagnosticError webgpu/refused with what the device says of it. */
export async function checked<T>(device: GPUDevice, what: string, make: () => T | Promise<T>): Promise<T> {
  const filters = ['validation', 'out-of-memory', 'internal'] as const;
  for (const filter of filters) device.pushErrorScope(filter);
  let made: { readonly value: T } | undefined;
  let rejection: unknown;
  try {
    made = { value: await make() };
  } catch (error) {
    rejection = error;
  }
  // A scope holds the first thing that went wrong, the rejection what came of it.
  let failure: unknown;
  for (let i = 0; i < filters.length; i++) failure = (await device.popErrorScope()) ?? failure;
  failure ??= rejection;
  if (failure === undefined && made !== undefined) return made.value;
  throw new DiagnosticError({
    code: 'webgpu/refused',
    severity: 'error',
    message: `The GPU refuses the program, ${what}: ${messageOf(failure)}`,
    help: '`--backend wasm` runs the same specs on the CPU.',
  });
}

/** Its first line: what follows shows the place in the shader, which is ours. */
const messageOf = (failure: unknown): string => textOf(failure).split('\n', 1)[0]!;

const textOf = (failure: unknown): string =>
  typeof failure === 'object' && failure !== null && 'message' in failure
    ? String(failure.message)
    : String(failure);
