/** Runs passes one after the other and verifies the graph after each. */
import type { Graph } from '../graph/graph.js';
import { verifyGraph } from '../graph/verify.js';
import { GraphError } from '../ops/op.js';

/** A graph with the same outputs of the same values, computed in another way. */
export type Pass = (graph: Graph) => Graph;

export interface NamedPass {
  readonly name: string;
  readonly run: Pass;
}

/** Called with the graph after every pass. */
export type DumpAfter = (pass: string, graph: Graph) => void;

/** Throws GraphError, with the name of the pass, when a pass leaves a graph that does not verify. */
export function runPasses(graph: Graph, passes: readonly NamedPass[], dumpAfter?: DumpAfter): Graph {
  verifyGraph(graph);
  return passes.reduce((before, { name, run }) => {
    const after = run(before);
    try {
      verifyGraph(after);
    } catch (error) {
      if (error instanceof GraphError) throw new GraphError(`after the pass ${name}: ${error.message}`);
      throw error;
    }
    dumpAfter?.(name, after);
    return after;
  }, graph);
}
