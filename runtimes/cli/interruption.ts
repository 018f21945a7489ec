/** Ctrl-C and SIGTERM: the first asks the run to stop after its step, the second stops the process at once. */
import { EXIT } from './exit-code.js';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * A signal that is aborted by the first of these. A Ctrl-C reaches every process of a terminal's group, and a
 * wrapper (npm, npx) may hand it on once more: a repetition within `debounce` milliseconds is the same one.
 */
export function listenForInterruption(debounce = 500): AbortSignal {
  const controller = new AbortController();
  let first = 0;
  const onSignal = (): void => {
    if (!controller.signal.aborted) {
      first = Date.now();
      controller.abort();
    } else if (Date.now() - first > debounce) {
      process.exit(EXIT.interrupted);
    }
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  return controller.signal;
}
