/** A graph as ONNX nodes: from its output back, what is needed; layers by their patterns, the rest op by op. */
import type { Graph, NodeId, OpAttributes } from '../graph/graph.js';
import type { BatchRows } from './batch-rows.js';
import { Emitter, type Value } from './emitter.js';
import { GraphView } from './graph-view.js';
import { LOWERINGS, type LoweredOp, type Lowering } from './lowerings.js';
import type { Extent, NodeList } from './node-list.js';
import { PATTERNS, type Match } from './patterns.js';

/**
 * Adds the nodes of `graph`. `provide` gives the value of an input, of the extent that the emitter is at. Returns the tensors of the graph's
 * values, in their order, in the spec's layout.
 */
export function lowerGraph(
  list: NodeList,
  graph: Graph,
  rows: BatchRows,
  provide: (emit: Emitter, input: OpAttributes['input']) => Value,
): readonly string[] {
  const view = new GraphView(graph);
  const steps = neededSteps(view);
  const batchOf = graph.nodes.findIndex((node, id) => steps.has(id) && node.op === 'input' && rows[id] === 1);
  const batchInput = graph.nodes[batchOf];
  const emit = new Emitter(list, batchInput?.op === 'input' ? batchInput.attributes.name : undefined);
  const values = new Map<NodeId, Value>();
  const enter = (id: NodeId): void => {
    const { origin, shape } = view.node(id);
    emit.enter(id, origin?.label ?? graph.name, { shape, rows: rows[id] });
  };
  for (const [id, match] of [...steps].sort(([a], [b]) => a - b)) {
    enter(id);
    const node = view.node(id);
    const inputs = (match?.inputs ?? node.inputs).map((input) => values.get(input)!);
    if (match !== undefined) values.set(id, match.emit(emit, inputs));
    else if (node.op === 'input') values.set(id, provide(emit, node.attributes));
    else values.set(id, lower(emit, node, inputs, { shape: node.shape, rows: rows[id] }));
  }
  return graph.outputs.map(({ node }) => {
    enter(node);
    return emit.tensor(values.get(node)!);
  });
}

/** The nodes that outputs need, each with the pattern that it is the end of. */
function neededSteps(view: GraphView): Map<NodeId, Match | undefined> {
  const { nodes, outputs } = view.graph;
  const needed = new Set(outputs.map(({ node }) => node));
  const steps = new Map<NodeId, Match | undefined>();
  for (let id = nodes.length - 1; id >= 0; id--) {
    if (!needed.has(id)) continue;
    const match = firstMatch(view, id);
    steps.set(id, match);
    for (const input of match?.inputs ?? nodes[id]!.inputs) needed.add(input);
  }
  return steps;
}

function firstMatch(view: GraphView, id: NodeId): Match | undefined {
  for (const pattern of PATTERNS) {
    const match = pattern(view, id);
    if (match !== undefined) return match;
  }
  return undefined;
}

/** The indirection through K is what lets TypeScript see that a node's op and attributes belong together. */
function lower<K extends LoweredOp>(
  emit: Emitter,
  node: { readonly op: K; readonly attributes: OpAttributes[K] },
  inputs: readonly Value[],
  extent: Extent,
): Value {
  const lowering: Lowering<K> = LOWERINGS[node.op];
  return lowering(emit, inputs, node.attributes, extent);
}
