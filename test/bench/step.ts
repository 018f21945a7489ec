/**
 * A spec's phases on the wasm engine, launch by launch: where the time of a step goes.
 *   npx rolldown test/bench/step.ts --platform node --format esm --file test/bench/step.tmp.mjs && node test/bench/step.tmp.mjs examples/faces-32.yaml
 * Noise goes in as data, so the numbers mean nothing; the time does.
 */
import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { compile } from '../../compiler/compile.js';
import type { Graph } from '../../compiler/graph/graph.js';
import { optimize } from '../../compiler/passes/optimize.js';
import { planProgram } from '../../compiler/plan/plan.js';
import { initialState } from '../../compiler/random/initialise.js';
import { folderLibrary } from '../../runtimes/node/library-source.js';
import { loadPlan } from '../../runtimes/wasm/engine.js';

// Of Node 20; later ones have it without.
setFlagsFromString('--experimental-wasm-relaxed-simd');
const [path = 'examples/faces-32.yaml', top = '25', winograd = 'faster'] = process.argv.slice(2);
const time = (label: string, from: number): void =>
  console.log(`${label.padEnd(24)} ${(performance.now() - from).toFixed(0)} ms`);

let start = performance.now();
const { program } = compile({ name: path, text: readFileSync(path, 'utf8') }, folderLibrary());
if (program === undefined) throw new Error('the spec has errors');
time('spec to program', start);
start = performance.now();
let passes = 0;
const timed = (graph: Graph): Graph => {
  const from = performance.now();
  const optimised = optimize(graph);
  passes += performance.now() - from;
  return optimised;
};
const plan = planProgram(program, timed, { winograd: winograd === 'never' ? 'never' : 'faster' });
time('passes', performance.now() - passes);
time('plan', start + passes);
start = performance.now();
const executable = await loadPlan(plan, { relaxed: true });
time('emit and compile', start);
console.log(plan.memory, executable.module);

for (const state of program.state) await executable.writeState(state.name, initialState(state, program.seed));
for (const { name, feeds, scalars } of program.phases) {
  const { launches } = plan.graphs.find((graph) => graph.plan.name === name)!.plan;
  const inputs = {
    feeds: new Map(
      feeds.map((feed) => [
        feed.name,
        Float32Array.from({ length: feed.shape.reduce((p, s) => p * s, 1) }, () => Math.random() * 2 - 1),
      ]),
    ),
    scalars: new Map(scalars.map((scalar) => [scalar.name, 0.001])),
  };
  for (let i = 0; i < 5; i++) executable.runNow(name, inputs);
  let best = Infinity;
  const each = launches.map(() => Infinity);
  for (let round = 0; round < 15; round++) {
    const from = performance.now();
    executable.runNow(name, inputs);
    best = Math.min(best, performance.now() - from);
    launches.forEach((_, at) => {
      const begin = performance.now();
      executable.runLaunch(name, at);
      each[at] = Math.min(each[at]!, performance.now() - begin);
    });
  }
  const gigaflops = (2 * launches.reduce((sum, launch) => sum + launch.multiplyAdds, 0)) / 1e9;
  console.log(
    `\n${name}: ${best.toFixed(1)} ms, ${gigaflops.toFixed(2)} GFLOP, ${launches.length} launches, ${((gigaflops / best) * 1e3).toFixed(1)} GFLOP/s`,
  );
  const kinds = new Map<string, number>();
  launches.forEach(({ kernel }, at) => kinds.set(kernel.kind, (kinds.get(kernel.kind) ?? 0) + each[at]!));
  for (const [kind, sum] of kinds) console.log(`  ${kind.padEnd(18)} ${sum.toFixed(2)} ms`);
  const order = launches.map((_, at) => at).sort((a, b) => each[b]! - each[a]!);
  for (const at of order.slice(0, Number(top))) {
    const { name: what, kernel, shape, multiplyAdds } = launches[at]!;
    const rate = multiplyAdds === 0 ? '' : `${((2 * multiplyAdds) / each[at]! / 1e6).toFixed(1)} GFLOP/s`;
    console.log(
      `  ${each[at]!.toFixed(3).padStart(8)} ms ${rate.padStart(14)}  ${kernel.kind} [${shape.join()}] ${what}`,
    );
  }
}
