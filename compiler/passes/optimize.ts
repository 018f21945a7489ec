/** The passes every graph goes through between autodiff and the targets. */
import type { Graph } from '../graph/graph.js';
import { eliminateCommonSubexpressions } from './cse.js';
import { mergeBatches } from './merge-batches.js';
import { runPasses, type DumpAfter, type NamedPass } from './pass-manager.js';
import { simplify } from './simplify.js';

export interface OptimizeOptions {
  /** Applications of one network to several batches become one to all of them (default true). */
  readonly mergeBatches?: boolean | undefined;
  readonly dumpAfter?: DumpAfter | undefined;
}

/** A graph with the same outputs, of the same values up to rounding. Throws GraphError when a pass goes wrong. */
export function optimize(graph: Graph, options: OptimizeOptions = {}): Graph {
  const clean: readonly NamedPass[] = [
    { name: 'simplify', run: simplify },
    { name: 'cse', run: eliminateCommonSubexpressions },
  ];
  const merge: readonly NamedPass[] = [{ name: 'merge-batches', run: mergeBatches }, ...clean];
  const passes = options.mergeBatches === false ? clean : [...clean, ...merge];
  return runPasses(graph, passes, options.dumpAfter);
}
