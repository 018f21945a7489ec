/**
 * What handing over between threads costs: a graph of stages in which nothing is done, so that all of its time is waiting.
 *   npx rolldown test/bench/hand-over.ts --platform node --format esm --file test/bench/hand-over.tmp.mjs && node test/bench/hand-over.tmp.mjs 2
 */
import { planGraphs } from '../../compiler/plan/plan.js';
import { ModuleBuilder } from '../../compiler/wasm/assembler/module-builder.js';
import { ThreadControl, threadedBytes } from '../../compiler/wasm/thread-control.js';
import { nodeThreads } from '../../runtimes/node/worker-threads.js';
import { instantiate } from '../../runtimes/wasm/module.js';
import { ThreadPool, type StagedRun } from '../../runtimes/wasm/thread-pool.js';
import { webAssembly } from '../../runtimes/wasm/web-assembly.js';

const STAGES = 1000;
const threads = Number(process.argv[2] ?? nodeThreads.cores);

const plan = planGraphs([], []);
const pages = Math.ceil(threadedBytes(plan, threads) / 65_536);
const module = new ModuleBuilder({ pages, maximumPages: pages, shared: true });
const control = new ThreadControl(module, plan, { threads });
control.addGraph(
  'stages',
  Array.from({ length: STAGES }, () => () => undefined),
);
control.addGraph('one', [() => undefined]);
control.addServe();
const home = {
  memory: new webAssembly.Memory({ initial: pages, maximum: pages, shared: true }),
  base: 0,
};
const instance = await instantiate(module.finish(), home);
const pool = await ThreadPool.start(nodeThreads, threads, { ...home, module: instance.module });

async function fastest(name: string, rounds: number, pause: number): Promise<number> {
  let best = Infinity;
  for (let round = 0; round < rounds; round++) {
    if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause));
    const from = performance.now();
    await pool.run(instance.exports[name] as StagedRun);
    best = Math.min(best, performance.now() - from);
  }
  return best * 1000;
}

console.log(`${threads} threads`);
await fastest('stages', 200, 0);
console.log(`a stage            ${((1000 * (await fastest('stages', 300, 0))) / STAGES).toFixed(0)} ns`);
console.log(`a run, awake       ${(await fastest('one', 5000, 0)).toFixed(1)} us`);
console.log(`a run, asleep      ${(await fastest('one', 100, 20)).toFixed(1)} us`);
await pool.end();
