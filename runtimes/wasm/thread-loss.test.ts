/** Threads that die: each a diagnostic, none a hang; and threads that are not needed any more. */
import { Worker } from 'node:worker_threads';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../compiler/graph/builder.js';
import { add, input, tanh } from '../../compiler/graph/construct.js';
import type { Program } from '../../compiler/program.js';
import { programOf } from '../../test/ops/program-of.js';
import { nodeThreads } from '../node/worker-threads.js';
import { WasmEngine, type WasmExecutable } from './engine.js';
import { THREAD_SCRIPT, type ThreadHost, type ThreadStart } from './thread-host.js';
import { ThreadPool } from './thread-pool.js';

const ELEMENTS = 1 << 18;

/** One addition to a state of many tiles. */
function program(): Program {
  const b = new GraphBuilder();
  const p = input(b, 'state', 'p', [ELEMENTS]);
  const x = input(b, 'feed', 'x', [ELEMENTS]);
  return programOf(b.build('step', [{ kind: 'state', name: 'p', node: add(b, p, tanh(b, x)) }]));
}
const inputs = { feeds: new Map([['x', new Float32Array(ELEMENTS).fill(100)]]), scalars: new Map() };

/** Node's threads, with a script of the test's own and a hand on the workers. */
class Host implements ThreadHost {
  readonly cores = 4;
  readonly maySleep = nodeThreads.maySleep;
  readonly workers: Worker[] = [];
  alive = 0;
  constructor(
    readonly script = THREAD_SCRIPT,
    readonly heapMegabytes?: number,
  ) {}

  start(given: ThreadStart, events: Parameters<ThreadHost['start']>[1]): ReturnType<ThreadHost['start']> {
    const worker = new Worker(
      `const { parentPort, workerData: start } = require('node:worker_threads');
       const ready = () => parentPort.postMessage('ready');
       ${this.script}`,
      { eval: true, workerData: given, resourceLimits: { maxOldGenerationSizeMb: this.heapMegabytes } },
    );
    this.workers.push(worker);
    this.alive++;
    worker.on('message', () => events.ready());
    worker.on('error', (error: Error) => events.ended(error.message));
    worker.on('exit', (code) => {
      this.alive--;
      events.ended(`it exited with ${code}`);
    });
    return { end: async () => void (await worker.terminate()) };
  }
}

/** Threads that do something else as soon as a run begins: the memory is empty until its inputs are written. */
const inARun = (what: string): string =>
  THREAD_SCRIPT.replace(
    "exports['#serve'](start.thread);",
    `const words = new Int32Array(start.memory.buffer);
     while (!words.some((word) => word !== 0));
     ${what}`,
  );

const made: WasmExecutable[] = [];
afterEach(() => {
  for (const executable of made.splice(0)) executable.dispose();
});

async function loaded(host: ThreadHost, count = 3): Promise<WasmExecutable> {
  const executable = await new WasmEngine({
    threads: { host, count, cost: { stage: 0, run: -Infinity } },
  }).load(program());
  made.push(executable);
  return executable;
}

const lost = (why: string) => `wasm/thread-lost: A thread of the program has ended: ${why}`;

describe('a thread that dies', () => {
  it('of a trap is a diagnostic, and so is everything after it', async () => {
    const executable = await loaded(new Host(inARun('throw new WebAssembly.RuntimeError("unreachable");')));
    await expect(executable.run('step', inputs)).rejects.toThrow(lost('unreachable'));
    await expect(executable.run('step', inputs)).rejects.toThrow(lost('unreachable'));
    await expect(executable.readState('p')).rejects.toThrow(lost('unreachable'));
    await expect(executable.writeState('p', inputs.feeds.get('x')!)).rejects.toThrow(lost('unreachable'));
  });

  it('of too little memory is a diagnostic', async () => {
    const hoard = 'const hoard = []; for (;;) hoard.push(new Array(1000).fill(hoard.length));';
    const executable = await loaded(new Host(inARun(hoard), 16));
    await expect(executable.run('step', inputs)).rejects.toThrow(
      lost('Worker terminated due to reaching memory limit: JS heap out of memory'),
    );
  });

  it('ended from outside in the middle of a run is a diagnostic', async () => {
    const host = new Host(inARun('for (;;);'));
    const executable = await loaded(host);
    const running = executable.run('step', inputs);
    await host.workers[0]!.terminate();
    await expect(running).rejects.toThrow(lost('it exited with 1'));
    await expect(executable.readState('p')).rejects.toThrow(lost('it exited with 1'));
  });

  it('while nothing runs leaves the last state to be read, and ends the next run', async () => {
    const host = new Host();
    const executable = await loaded(host);
    await executable.run('step', inputs);
    await host.workers[1]!.terminate();
    await expect(executable.run('step', inputs)).rejects.toThrow(lost('it exited with 1'));
    expect((await executable.readState('p'))[ELEMENTS - 1]).toBe(1);
  });

  it('on the calling side ends the program too', async () => {
    const idle: ThreadHost = {
      cores: 2,
      maySleep: true,
      start: (_, events) => {
        events.ready();
        return { end: () => Promise.resolve() };
      },
    };
    const memory = { buffer: new ArrayBuffer(0), grow: () => 0 };
    const pool = await ThreadPool.start(idle, 2, { module: {}, memory, base: 0 });
    const trap = (): number => {
      throw new Error('memory access out of bounds');
    };
    await expect(pool.run(trap)).rejects.toThrow(lost('memory access out of bounds'));
    expect(() => pool.requireWhole()).toThrow(lost('memory access out of bounds'));
    await pool.end();
  });

  it('before it is there is a diagnostic of the load', async () => {
    await expect(loaded(new Host('throw new Error("no module");'))).rejects.toThrow(lost('no module'));
    const refusing: ThreadHost = {
      cores: 2,
      maySleep: true,
      start: () => {
        throw new Error('threads are forbidden here');
      },
    };
    await expect(loaded(refusing)).rejects.toThrow(lost('threads are forbidden here'));
  });
});

describe('threads that are not needed', () => {
  it('are gone after dispose, however often programs are loaded', async () => {
    const host = new Host();
    for (let i = 0; i < 50; i++) {
      const executable = await loaded(host, 2);
      await executable.run('step', inputs);
      executable.dispose();
    }
    for (let waited = 0; host.alive > 0 && waited < 5000; waited += 20) await wait(20);
    expect(host.workers).toHaveLength(50);
    expect(host.alive).toBe(0);
  });

  it('take no processor time between runs', async () => {
    const executable = await loaded(new Host());
    for (let i = 0; i < 5; i++) await executable.run('step', inputs);
    await wait(100);
    const before = process.cpuUsage();
    await wait(1000);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1e6, 'seconds').toBeLessThan(0.1);
  });

  it('do what they did after they have slept', async () => {
    const executable = await loaded(new Host());
    for (let i = 1; i <= 4; i++) {
      await executable.run('step', inputs);
      expect((await executable.readState('p')).every((value) => value === i)).toBe(true);
      await wait(i * 20);
    }
  });
});
