/**
 * Local simplification by a table of rules. For finished graphs, after autodiff: `stop` is removed. Nothing that
 * would hide a NaN is done: x - x and x * 0 stay, because the `finite` flag of a phase sees NaN only if it arrives.
 */
import type { Graph } from '../graph/graph.js';
import { emitNode, rebuild } from '../graph/rebuild.js';
import { SimplifyingBuilder } from './simplifying-builder.js';

export function simplify(graph: Graph): Graph {
  return rebuild(graph, emitNode, new SimplifyingBuilder());
}
