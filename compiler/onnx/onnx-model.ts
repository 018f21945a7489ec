/** One output of a program as an ONNX model, in which the state it reads stands as initializers. */
import type { Graph, OpAttributes } from '../graph/graph.js';
import type { ProgramGraph } from '../program.js';
import type { BatchRows } from './batch-rows.js';
import { dimensions, NodeList } from './node-list.js';
import { lowerGraph } from './lower-graph.js';
import type { OnnxModel, ValueInfo } from './protobuf.js';

export interface OnnxSource {
  readonly output: ProgramGraph;
  /** Which of its tensors follow the batch; none where the number of examples is fixed. */
  readonly rows: BatchRows;
  /** The host's numbers, all that it declares. */
  readonly scalars: ReadonlyMap<string, number>;
  /** At least what the output reads, row-major. */
  readonly state: ReadonlyMap<string, ArrayLike<number>>;
  /** What is said of each feed, by name. */
  readonly inputDocs: ReadonlyMap<string, string>;
}

export interface OnnxHeader {
  readonly producer: OnnxModel['producer'];
  readonly doc: string;
  readonly metadata: ReadonlyMap<string, string>;
}

/** The rows of an output whose number of examples is fixed. */
export const fixedRows = ({ nodes }: Graph): BatchRows => nodes.map(() => undefined);

/** Every feed by its name, to every value by its name. An output may not bear the name of one of its feeds. */
export function onnxModel(source: OnnxSource, header: OnnxHeader): OnnxModel {
  const { output, rows, scalars, state } = source;
  const { graph } = output;
  const values = graph.outputs.map(({ name }) => name);
  const feeds = output.feeds.map(({ name }) => name);
  const list = new NodeList([...feeds, ...values]);
  const given = <T>(found: T | undefined, { source: from, name }: OpAttributes['input']): T => {
    if (found === undefined) throw new Error(`internal: the ${from} "${name}" is not given`);
    return found;
  };
  const tensors = lowerGraph(list, graph, rows, (emit, input) => {
    switch (input.source) {
      case 'feed':
        return emit.value(input.name);
      case 'scalar':
        return emit.number(given(scalars.get(input.name), input));
      case 'state':
        return emit.weights(input.name, given(state.get(input.name), input));
      default:
        return input.source satisfies never;
    }
  });
  const renamed = new Map<string, string>();
  values.forEach((name, i) => {
    const tensor = renamed.get(tensors[i]!) ?? tensors[i]!;
    if (renamed.has(tensors[i]!) || !list.rename(tensor, name)) list.identity(tensor, name);
    else renamed.set(tensor, name);
  });
  return {
    ...header,
    name: output.name,
    nodes: list.nodes,
    initializers: list.initializers,
    inputs: output.feeds.map(({ name, shape }): ValueInfo => {
      const id = graph.nodes.findIndex(
        (node) => node.op === 'input' && node.attributes.source === 'feed' && node.attributes.name === name,
      );
      return {
        name,
        dtype: 'float32',
        shape: dimensions({ shape, rows: rows[id] }),
        doc: source.inputDocs.get(name),
      };
    }),
    outputs: graph.outputs.map(({ name, node }): ValueInfo => ({
      name,
      dtype: 'float32',
      shape: dimensions({ shape: graph.nodes[node]!.shape, rows: rows[node] }),
    })),
    values: list.values,
  };
}
