/** Numbers for every input of a graph. */
import type { Graph } from '../../compiler/graph/graph.js';
import { elementCount } from '../../compiler/ops/shape-checks.js';
import { seededRandom } from './random.js';

/** Numbers in [-1, 1), by the names of the inputs. */
export function randomFeeds({ nodes }: Graph, seed: string): Map<string, Float32Array> {
  const random = seededRandom(seed);
  return new Map(
    nodes.flatMap((node) => {
      if (node.op !== 'input') return [];
      const { name, shape } = node.attributes;
      return [[name, Float32Array.from({ length: elementCount(shape) }, () => random() * 2 - 1)] as const];
    }),
  );
}
