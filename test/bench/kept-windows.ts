/**
 * What it saves to keep the transformed windows of Winograd's convolutions for their filter gradients: a training step's
 * launches one by one, planned with windows kept and without, in turns. A step at a time, so that what is kept has left the caches
 * when it is read.
 *   npx rolldown test/bench/kept-windows.ts --platform node --format esm --file test/bench/kept-windows.tmp.mjs && node test/bench/kept-windows.tmp.mjs test/bench/specs/began-32.yaml 60
 */
import { readFileSync } from 'node:fs';
import { compile } from '../../compiler/compile.js';
import { optimize } from '../../compiler/passes/optimize.js';
import type { Kernel } from '../../compiler/plan/kernel.js';
import { planProgram } from '../../compiler/plan/plan.js';
import { folderLibrary } from '../../runtimes/node/library-source.js';
import { enableRelaxedSimd } from '../../runtimes/node/relaxed-simd.js';
import { loadPlan } from '../../runtimes/wasm/engine.js';
import { trainingStep } from './rounds.js';

const [path, rounds = '30'] = process.argv.slice(2);
if (path === undefined) throw new Error('usage: kept-windows SPEC [ROUNDS]');
const { program, diagnostics } = compile({ name: path, text: readFileSync(path, 'utf8') }, folderLibrary());
if (program === undefined) throw new Error(diagnostics[0]!.message);
enableRelaxedSimd();

/** What a launch is counted as. */
function kindOf(kernel: Kernel): string {
  switch (kernel.kind) {
    case 'winograd':
      return `convolution ${kernel.rows.output}x${kernel.columns.output} ${kernel.sourceChannels}->${kernel.outputChannels}, batch ${kernel.batch}`;
    case 'winograd_filter_gradient':
      return `filter gradient ${kernel.rows.output}x${kernel.columns.output} ${kernel.channels}->${kernel.outputChannels}, batch ${kernel.batch}`;
    default:
      return 'others';
  }
}

const ways = [];
for (const keepsWindows of [false, true]) {
  const plan = planProgram(program, optimize, { winograd: 'faster', keepsWindows });
  const executable = await loadPlan(plan, { relaxed: true });
  const step = await trainingStep(program, executable);
  for (let i = 0; i < 3; i++) await step();
  const graphs = plan.graphs.filter(({ name }) => program.phases.some((phase) => phase.name === name));
  const times = graphs.map(({ plan: { launches } }) => launches.map((): number[] => []));
  ways.push({ plan, executable, graphs, times });
}
for (let round = 0; round < Number(rounds); round++)
  for (const { executable, graphs, times } of ways)
    for (const [i, { name }] of graphs.entries())
      for (const [at, own] of times[i]!.entries()) {
        const from = performance.now();
        executable.runLaunch(name, at);
        own.push(performance.now() - from);
      }

/** A launch that nothing else got in the way of. */
const quartile = (times: readonly number[]): number => [...times].sort((a, b) => a - b)[times.length >> 2]!;
const sums = ways.map(({ graphs, times }) => {
  const found = new Map<string, number>();
  for (const [i, { plan }] of graphs.entries())
    for (const [at, { kernel }] of plan.launches.entries())
      for (const kind of [kindOf(kernel), 'all'])
        found.set(kind, (found.get(kind) ?? 0) + quartile(times[i]![at]!));
  return found;
});
const [without, kept] = sums as [Map<string, number>, Map<string, number>];
for (const kind of [...without.keys()].sort())
  console.log(
    `${kind.padEnd(48)} ${without.get(kind)!.toFixed(2).padStart(8)} ms  ${kept.get(kind)!.toFixed(2).padStart(8)} ms kept  ${(without.get(kind)! / kept.get(kind)!).toFixed(3)}`,
  );
const mebibytes = ways.map(({ plan }) => (plan.memory.heapBytes / 2 ** 20).toFixed(1));
console.log(`heap ${mebibytes[0]} MiB, ${mebibytes[1]} MiB kept`);
process.exit(0);
