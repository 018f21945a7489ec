/** Threads for the wasm engine in a page or one of its workers. */
import { THREAD_SCRIPT, type Thread, type ThreadEvents, type ThreadHost } from '../wasm/thread-host.js';

/** The part of a page's globals that is used here; no library file has it without the whole of a browser. */
interface PageGlobals {
  readonly crossOriginIsolated?: boolean;
  readonly document?: object;
  readonly navigator?: { readonly hardwareConcurrency?: number };
  readonly Worker?: new (address: string) => PageWorker;
}

interface PageWorker {
  onmessage: (() => void) | null;
  onerror: ((event: { readonly message?: string; preventDefault(): void }) => void) | null;
  postMessage(message: unknown): void;
  terminate(): void;
}

const page = globalThis as unknown as PageGlobals;

/** What every thread runs. A blob, so that no server has to have a file of it. */
const script = (body: string): string => URL.createObjectURL(new Blob([body], { type: 'text/javascript' }));

const SCRIPT = `onmessage = ({ data: start }) => {
const ready = () => postMessage('ready');
${THREAD_SCRIPT}};`;

/** Threads, or why there are none: a sentence without a stop. */
export async function openWebThreads(): Promise<ThreadHost | { readonly missing: string }> {
  if (page.crossOriginIsolated !== true) return { missing: 'the page is not cross-origin isolated' };
  if (page.Worker === undefined) return { missing: 'there are no workers here' };
  if (!(await workersStart(page.Worker))) return { missing: 'the page forbids workers that it makes itself' };
  return new WebThreads(page.Worker);
}

/** A page's content security policy may forbid workers of blobs, which shows when one is started. */
function workersStart(Worker: NonNullable<PageGlobals['Worker']>): Promise<boolean> {
  return new Promise((resolve) => {
    const address = script("postMessage('ready')");
    const end = (starts: boolean): void => {
      worker?.terminate();
      URL.revokeObjectURL(address);
      resolve(starts);
    };
    let worker: PageWorker | undefined;
    try {
      worker = new Worker(address);
    } catch {
      end(false);
      return;
    }
    worker.onmessage = () => end(true);
    worker.onerror = (event) => {
      event.preventDefault();
      end(false);
    };
  });
}

/** More than that have not been tried in a page, and the page wants some of the machine itself. */
const MOST = 8;

class WebThreads implements ThreadHost {
  readonly #Worker: NonNullable<PageGlobals['Worker']>;
  #address: string | undefined;

  constructor(Worker: NonNullable<PageGlobals['Worker']>) {
    this.#Worker = Worker;
  }

  /** Browsers count what a processor runs at once, mostly two for each core that does arithmetic. */
  get cores(): number {
    const logical = page.navigator?.hardwareConcurrency ?? 1;
    return Math.max(Math.min(2, logical), Math.min(MOST, Math.floor(logical / 2)));
  }

  get maySleep(): boolean {
    return page.document === undefined;
  }

  start(given: object, events: ThreadEvents): Thread {
    const worker = new this.#Worker((this.#address ??= script(SCRIPT)));
    worker.onmessage = () => events.ready();
    worker.onerror = (event) => {
      event.preventDefault();
      events.ended(event.message ?? 'it could not be started');
    };
    worker.postMessage(given);
    return {
      end: () => {
        worker.terminate();
        return Promise.resolve();
      },
    };
  }
}
