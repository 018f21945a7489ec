/** A phase or an output as one part of a TensorFlow graph, with the signature by which it is called. */
import type { ProgramGraph } from '../program.js';
import { lowerGraph } from './lower-graph.js';
import type { Lowerings } from './lowerings.js';
import { tensorInfo, type NodeList, type Operand } from './node-list.js';
import type { SignatureDef, TensorInfo } from './protobuf.js';
import type { Shape } from '../graph/graph.js';

export const PREDICT = 'tensorflow/serving/predict';

/** What ops are made of, where feeds, state and host scalars come from, and what becomes of new state. */
export interface Surroundings {
  readonly lowerings: Lowerings;
  readonly feed: (scope: string, name: string, shape: Shape) => Operand;
  readonly state: (scope: string, name: string) => Operand;
  /** A number that is known now; undefined where callers give it, under `scalar/NAME`. */
  readonly scalar: (name: string) => number | undefined;
  /** Writes new state after the nodes `after`; gives the node that does it. */
  readonly assign: (scope: string, name: string, value: Operand, after: readonly string[]) => string;
}

export function placeholder(list: NodeList, name: string, shape: Shape): Operand {
  const tensor = list.add('Placeholder', name, [], {
    dtype: { kind: 'type', value: 'float32' },
    shape: { kind: 'shape', value: shape },
  });
  return { tensor, dtype: 'float32', shape };
}

/** A tensor that is there once the nodes `after` have run. */
export function identity(list: NodeList, name: string, x: Operand, after: readonly string[]): Operand {
  const tensor = list.add('Identity', name, [x.tensor, ...after.map((node) => `^${node}`)], {
    T: { kind: 'type', value: x.dtype },
  });
  return { ...x, tensor };
}

/** A node that runs after others and does nothing. */
export function barrier(list: NodeList, name: string, after: readonly string[]): string {
  return list.add(
    'NoOp',
    name,
    [...new Set(after)].map((node) => `^${node}`),
  );
}

/**
 * Adds the graph. Its signature takes every feed by its name and every unknown scalar as `scalar/NAME`, and gives every
 * value. All state is written at the end: a write waits until everything that the graph reads has been read and
 * everything it gives or writes has been computed, and values are given after the last write.
 */
export function addProgramGraph(
  list: NodeList,
  source: ProgramGraph,
  { lowerings, feed: feedOf, state, scalar, assign }: Surroundings,
): SignatureDef {
  const scope = source.name;
  const inputs = new Map<string, TensorInfo>();
  const feeds = new Map<string, Operand>();
  const scalars = new Map<string, Operand>();
  for (const { name, shape } of source.feeds) {
    const feed = feedOf(scope, name, shape);
    feeds.set(name, feed);
    inputs.set(name, tensorInfo(feed));
  }
  for (const { name } of source.scalars) {
    const known = scalar(name);
    const operand =
      known === undefined ? placeholder(list, `${scope}/scalar/${name}`, []) : list.filled(known);
    scalars.set(name, operand);
    if (known === undefined) inputs.set(`scalar/${name}`, tensorInfo(operand));
  }

  const reads: Operand[] = [];
  const given = (kind: string, name: string, found: Operand | undefined): Operand => {
    if (found === undefined)
      throw new Error(`internal: "${scope}" reads the ${kind} "${name}", which is not declared`);
    return found;
  };
  const tensors = lowerGraph(list, scope, source.graph, lowerings, ({ source: from, name }) => {
    switch (from) {
      case 'feed':
        return given(from, name, feeds.get(name));
      case 'scalar':
        return given(from, name, scalars.get(name));
      case 'state': {
        const read = state(scope, name);
        reads.push(read);
        return read;
      }
      default:
        return from satisfies never;
    }
  });

  const written = source.graph.outputs.filter(({ kind }) => kind === 'state');
  const values = source.graph.outputs.filter(({ kind }) => kind === 'value');
  const committed: string[] = [];
  if (written.length > 0) {
    const everything = [...reads, ...source.graph.outputs.map(({ node }) => tensors[node]!)];
    const computed = barrier(list, `${scope}/computed`, everything.map(nodeOf));
    const assigned = written.map(({ name, node }) => assign(scope, name, tensors[node]!, [computed]));
    committed.push(barrier(list, `${scope}/committed`, assigned));
  }
  const outputs = new Map(
    values.map(({ name, node }) => [
      name,
      tensorInfo(identity(list, `${scope}/value/${name}`, tensors[node]!, committed)),
    ]),
  );
  return { inputs, outputs, method: PREDICT };
}

/** The node that gives a tensor. */
const nodeOf = ({ tensor }: Operand): string => tensor.replace(/:\d+$/, '');
