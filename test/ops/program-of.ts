/** A program with one graph as its only output: what an engine's load takes, for graphs that tests make by hand. */
import type { Graph } from '../../compiler/graph/graph.js';
import type {
  FeedDeclaration,
  Program,
  ScalarDeclaration,
  StateDeclaration,
} from '../../compiler/program.js';

/**
 * The graph stands under `outputs` by its own name. State it reads or writes is declared (it starts at zero). Feeds
 * are declared as noise: tests give them by hand.
 */
export function programOf(...graphs: readonly Graph[]): Program {
  const state = new Map<string, StateDeclaration>();
  const declareState = (name: string, shape: readonly number[]): void => {
    state.set(name, { name, shape, role: 'parameter', init: { kind: 'constant', value: 0 } });
  };
  const outputs = graphs.map((graph) => {
    const feeds: FeedDeclaration[] = [];
    const scalars: ScalarDeclaration[] = [];
    for (const node of graph.nodes) {
      if (node.op !== 'input') continue;
      const { source, name, shape } = node.attributes;
      if (source === 'state') declareState(name, shape);
      else if (source === 'scalar') scalars.push({ name, value: { kind: 'number', value: 0 } });
      else {
        const number = (value: number) => ({ kind: 'number', value }) as const;
        feeds.push({
          name,
          shape,
          source: { kind: 'noise', site: name, distribution: 'uniform', parameters: [number(0), number(1)] },
        });
      }
    }
    for (const { kind, name, node } of graph.outputs) {
      if (kind === 'state') declareState(name, graph.nodes[node]!.shape);
    }
    return { name: graph.name, graph, feeds, scalars };
  });
  return {
    phases: [],
    outputs,
    state: [...state.values()],
    streams: new Map(),
    metrics: [],
    hyper: new Map(),
    batch: 1,
    steps: 1,
    seed: 1,
  };
}
