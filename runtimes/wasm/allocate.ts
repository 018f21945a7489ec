/** Memory for a program. */
import { DiagnosticError } from '../../spec/diagnostics/diagnostic.js';
import { webAssembly, type WasmMemory } from './web-assembly.js';

const PAGE_BYTES = 65_536;
/** Addresses have 32 bits. */
const MOST_PAGES = 65_536;

/** Whether any memory of WebAssembly has so many bytes. */
export const canHold = (bytes: number): boolean => bytes <= MOST_PAGES * PAGE_BYTES;

/** Pages for so many bytes. Throws DiagnosticError wasm/too-large where no memory of WebAssembly has so many. */
export function pagesFor(bytes: number): number {
  const pages = Math.max(1, Math.ceil(bytes / PAGE_BYTES));
  if (pages <= MOST_PAGES) return pages;
  throw new DiagnosticError({
    code: 'wasm/too-large',
    severity: 'error',
    message: `The program needs ${gibibytes(bytes)} of memory, and WebAssembly has 4 GiB`,
    help: 'Say `micro_batch` under `train`, or take a smaller `batch`, smaller pictures or fewer filters; `began-compile inspect` shows what needs how much.',
  });
}

/** A memory of so many pages, which grows to no more than that where it is shared. Throws DiagnosticError wasm/too-large. */
export function allocate(pages: number, shared = false): WasmMemory {
  return withRoom(pages, () =>
    shared
      ? new webAssembly.Memory({ initial: pages, maximum: pages, shared })
      : new webAssembly.Memory({ initial: pages }),
  );
}

/** Makes a memory at least so many pages long. Throws DiagnosticError wasm/too-large. */
export function growTo(memory: WasmMemory, pages: number): void {
  const present = memory.buffer.byteLength / PAGE_BYTES;
  if (present < pages) withRoom(pages, () => memory.grow(pages - present));
}

function withRoom<T>(pages: number, take: () => T): T {
  try {
    return take();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new DiagnosticError({
      code: 'wasm/too-large',
      severity: 'error',
      message: `The program needs ${gibibytes(pages * PAGE_BYTES)} of memory, which this machine does not give: ${error.message}`,
      help: 'Say `micro_batch` under `train`, take a smaller `batch`, or end what else needs memory.',
    });
  }
}

const gibibytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`;
