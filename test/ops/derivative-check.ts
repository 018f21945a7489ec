/**
 * Compares the gradients a graph computes with differences of the loss it computes, in float64. The loss is moved
 * along random directions of one input at a time: a wrong gradient is wrong along almost every direction.
 */
import type { Graph } from '../../compiler/graph/graph.js';
import { evaluateGraph } from '../../runtimes/reference/evaluate-graph.js';
import { seededRandom } from './random.js';

// Small enough that elu, whose second derivative jumps at 0, is not crossed by enough pixels to be seen.
const STEP = 1e-5;
const DIRECTIONS = 3;

/**
 * The largest disagreement between `gradient/NAME` and the slope of `loss`, relative to the size of the slope (or
 * of the terms it is summed from, where they cancel). `graph` has the outputs that op-case.ts gives its graphs.
 */
export function largestDisagreement(graph: Graph, feeds: ReadonlyMap<string, ArrayLike<number>>): number {
  const computed = evaluateGraph(graph, { feeds }).values;
  const lossWith = (name: string, values: Float64Array): number =>
    evaluateGraph(graph, { feeds: new Map([...feeds, [name, values]]) }).values.get('loss')!.data[0]!;

  let worst = 0;
  for (const { name: output } of graph.outputs) {
    if (!output.startsWith('gradient/')) continue;
    const name = output.slice('gradient/'.length);
    const gradient = computed.get(output)!.data;
    const at = Float64Array.from(feeds.get(name)!);
    const random = seededRandom(`${graph.name}/${name}`);
    for (let i = 0; i < DIRECTIONS; i++) {
      const direction = at.map(() => 2 * random() - 1);
      const moved = (steps: number): number =>
        lossWith(
          name,
          at.map((x, j) => x + steps * STEP * direction[j]!),
        );
      // The five-point formula, whose error falls with the fourth power of the step.
      const slope = (8 * (moved(1) - moved(-1)) - (moved(2) - moved(-2))) / (12 * STEP);
      const terms = gradient.map((g, j) => g * direction[j]!);
      const expected = terms.reduce((sum, term) => sum + term, 0);
      const size = Math.sqrt(terms.reduce((sum, term) => sum + term * term, 0));
      const scale = Math.max(Math.abs(slope), size, 1e-3);
      const disagreement = Math.abs(slope - expected) / scale;
      // Not `Math.max`, which a comparison with NaN would pass.
      if (!(disagreement <= worst)) worst = disagreement;
    }
  }
  return worst;
}
