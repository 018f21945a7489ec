/** A launch that threads share: who is done helps the others. */
import { expect, it } from 'vitest';
import { GraphBuilder } from '../../compiler/graph/builder.js';
import { input, tanh } from '../../compiler/graph/construct.js';
import { planGraphs } from '../../compiler/plan/plan.js';
import { atomic, i32, type I32 } from '../../compiler/wasm/assembler/expression.js';
import { ModuleBuilder } from '../../compiler/wasm/assembler/module-builder.js';
import { ThreadControl, threadedBytes } from '../../compiler/wasm/thread-control.js';
import { nodeThreads } from '../node/worker-threads.js';
import { instantiate } from './module.js';
import { ThreadPool, type StagedRun } from './thread-pool.js';
import { webAssembly } from './web-assembly.js';

const THREADS = 3;
const TILES = 23;
/** About a minute: a thread that waited so long for others to do its work does it itself, and the test fails. */
const PATIENCE = 2 ** 31 - 1;

it('a thread that is held up leaves its share to the others, run after run', async () => {
  const b = new GraphBuilder();
  const graph = b.build('g', [{ kind: 'value', name: 'y', node: tanh(b, input(b, 'feed', 'x', [4])) }]);
  const plan = planGraphs([graph], []);
  const bytes = threadedBytes(plan, THREADS);
  /** Behind everything else: how many tiles are done, then by tile the number of the thread that did it, and one more. */
  const done = i32.constant(bytes);
  const pages = Math.ceil((bytes + 4 * (1 + TILES)) / 65_536);
  const module = new ModuleBuilder({ pages, maximumPages: pages, shared: true });
  const control = new ThreadControl(module, plan, { threads: THREADS });
  control.addGraph('all', [
    (f, thread) => {
      // The last thread begins when nothing is left to do.
      f.if(i32.equal(thread, i32.constant(THREADS - 1)), () => {
        const left = f.local('i32', i32.constant(PATIENCE));
        f.block((end) => {
          f.loop((again) => {
            f.branchIf(end, i32.equal(atomic.load(done), i32.constant(TILES)));
            f.advance(left, -1);
            f.branchIf(again, left);
          });
        });
      });
      control.share(f, thread, { launch: 0, tiles: TILES, piece: 2 }, (from: I32, to: I32) => {
        const tile = f.local('i32', from);
        f.whileBelow(tile, to, 1, () => {
          const place = i32.add(done, i32.multiply(tile, i32.constant(4)));
          f.drop(atomic.add(place, i32.add(thread, i32.constant(1)), 4));
          f.drop(atomic.add(done, i32.constant(1)));
        });
      });
    },
  ]);
  control.addServe();
  const memory = new webAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  const home = { memory, base: 0 };
  const instance = await instantiate(module.finish(), home);
  const pool = await ThreadPool.start(nodeThreads, THREADS, { ...home, module: instance.module });
  const numbers = new Int32Array(memory.buffer, bytes, 1 + TILES);
  for (let run = 0; run < 20; run++) {
    numbers.fill(0);
    await pool.run(instance.exports['all'] as StagedRun);
    const by = [...numbers.subarray(1)];
    expect(numbers[0]).toBe(TILES);
    expect(by.filter((thread) => thread !== 1 && thread !== 2)).toEqual([]);
  }
  await pool.end();
});
