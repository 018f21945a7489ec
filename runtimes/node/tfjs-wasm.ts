/** tfjs-backend-wasm under Node: where its files lie, and what it leaves behind in the process. */
import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';
import { TfjsEngine } from '../tfjs/engine.js';
import { startWasmBackend } from '../tfjs/wasm-backend.js';
import { measurePeak } from '../wasm/measure-peak.js';

const PROCESS_EVENTS = ['uncaughtException', 'unhandledRejection'] as const;

/** An engine on tfjs-backend-wasm, started from the installed package. */
export async function createTfjsWasmEngine(): Promise<TfjsEngine> {
  // The backend's module puts listeners on the process that only throw again, and hide where an error came from.
  const before = PROCESS_EVENTS.map((event) => new Set(process.listeners(event as 'uncaughtException')));
  const entry = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm');
  await startWasmBackend(dirname(entry) + sep);
  PROCESS_EVENTS.forEach((event, i) => {
    for (const listener of process.listeners(event as 'uncaughtException')) {
      if (!before[i]!.has(listener)) process.removeListener(event, listener);
    }
  });
  return new TfjsEngine('wasm', { measurePeak });
}
