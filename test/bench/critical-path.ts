/**
 * What threads could save at most: every thread's share of every launch is timed by itself on one thread, the fastest of some
 * rounds, and a stage takes as long as its busiest thread. Unlike a run on several threads this can be measured while other programs
 * have the cores. What threads cost each other in caches and memory is not in it.
 *   npx rolldown test/bench/critical-path.ts --platform node --format esm --file test/bench/critical-path.tmp.mjs && node test/bench/critical-path.tmp.mjs examples/faces-32.yaml 2,4,8
 */
import { readFileSync } from 'node:fs';
import { compile } from '../../compiler/compile.js';
import { HAND_OVER, planStages } from '../../compiler/plan/stages.js';
import { initialState } from '../../compiler/random/initialise.js';
import { folderLibrary } from '../../runtimes/node/library-source.js';
import { enableRelaxedSimd } from '../../runtimes/node/relaxed-simd.js';
import { WasmEngine } from '../../runtimes/wasm/engine.js';

const ROUNDS = 30;
const [path = 'examples/faces-32.yaml', counts = '2'] = process.argv.slice(2);
const { program } = compile({ name: path, text: readFileSync(path, 'utf8') }, folderLibrary());
if (program === undefined) throw new Error('the spec has errors');
enableRelaxedSimd();
const engine = new WasmEngine();
const executable = await engine.load(program);
for (const state of program.state) await executable.writeState(state.name, initialState(state, program.seed));
console.log(engine.name);

for (const { name, feeds, scalars } of program.phases) {
  const noise = (count: number): Float32Array =>
    Float32Array.from({ length: count }, () => Math.random() * 2 - 1);
  const inputs = {
    feeds: new Map(feeds.map((feed) => [feed.name, noise(feed.shape.reduce((p, s) => p * s, 1))])),
    scalars: new Map(scalars.map((scalar) => [scalar.name, 0.001])),
  };
  for (let i = 0; i < 5; i++) executable.runNow(name, inputs);
  const graph = executable.plan.graphs.find((found) => found.name === name)!;
  for (const threads of counts.split(',').map(Number)) {
    const { stages } = planStages(graph, threads);
    let all = 0;
    let critical = 0;
    for (const times of fastestShares(name, stages, threads)) {
      all += times.reduce((sum, time) => sum + time, 0);
      critical += Math.max(...times) + HAND_OVER.stage / 1e6;
    }
    console.log(
      `${name}: ${all.toFixed(2)} ms in all, ${critical.toFixed(2)} ms on ${threads} threads in ${stages.length} stages: ${(all / critical).toFixed(2)}x`,
    );
  }
}

/** For every stage the milliseconds of each thread. */
function fastestShares(
  name: string,
  stages: ReturnType<typeof planStages>['stages'],
  threads: number,
): readonly (readonly number[])[] {
  const { launches } = executable.plan.graphs.find((found) => found.name === name)!.plan;
  const fastest = new Map<string, number>();
  for (let round = 0; round < ROUNDS; round++) {
    for (const { launch, by } of stages.flat()) {
      const { tiles } = launches[launch]!.kernel;
      for (let thread = 0; thread < threads; thread++) {
        if (by !== 'all' && by !== thread) continue;
        const bound = (at: number): number => (by === 'all' ? Math.floor((at * tiles) / threads) : tiles);
        const begin = by === 'all' ? bound(thread) : 0;
        if (begin === bound(thread + 1)) continue;
        const from = performance.now();
        executable.runLaunch(name, launch, begin, bound(thread + 1));
        const key = `${launch} ${thread}`;
        fastest.set(key, Math.min(fastest.get(key) ?? Infinity, performance.now() - from));
      }
    }
  }
  return stages.map((stage) =>
    Array.from({ length: threads }, (_, thread) =>
      stage.reduce((sum, { launch }) => sum + (fastest.get(`${launch} ${thread}`) ?? 0), 0),
    ),
  );
}
