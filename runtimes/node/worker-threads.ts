/** Threads for the wasm engine under Node. */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { THREAD_SCRIPT, type ThreadHost } from '../wasm/thread-host.js';

const SCRIPT = `
const { parentPort, workerData: start } = require('node:worker_threads');
const ready = () => parentPort.postMessage('ready');
${THREAD_SCRIPT}`;

export const nodeThreads: ThreadHost = {
  get cores() {
    return Math.max(1, Math.min(availableParallelism(), physicalCores(), quota()));
  },
  maySleep: true,
  start(given, events) {
    const worker = new Worker(SCRIPT, { eval: true, workerData: given, execArgv: [] });
    worker.once('message', () => {
      // Who waits for it is kept alive by it until now, and nobody from here on.
      worker.unref();
      events.ready();
    });
    worker.once('error', (error: unknown) =>
      events.ended(error instanceof Error ? error.message : String(error)),
    );
    worker.once('exit', (code) => events.ended(`it exited with ${code}`));
    return {
      end: async () => {
        worker.removeAllListeners();
        // An error that is already under way must not end the process.
        worker.on('error', () => undefined);
        await worker.terminate();
      },
    };
  },
};

/** Two threads of one core share what does the arithmetic: they win little, and wait for each other. */
function physicalCores(): number {
  const cores = new Set<string>();
  for (let cpu = 0; cpu < availableParallelism(); cpu++) {
    const siblings = readOrNothing(`/sys/devices/system/cpu/cpu${cpu}/topology/thread_siblings_list`);
    if (siblings === undefined) return Infinity;
    cores.add(siblings);
  }
  return cores.size;
}

/** Cores that a container may use, which older Nodes do not know: `quota period` in microseconds, or `max period`. */
function quota(): number {
  const [allowed, period] = (readOrNothing('/sys/fs/cgroup/cpu.max') ?? '').split(' ').map(Number);
  return allowed !== undefined && period !== undefined && allowed > 0 && period > 0
    ? Math.ceil(allowed / period)
    : Infinity;
}

/** Of Linux; elsewhere there is no such file. */
function readOrNothing(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}
