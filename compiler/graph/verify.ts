/** What every graph must satisfy, checked after every pass. A violation is a mistake of the compiler. */
import { GraphError } from '../ops/op.js';
import { OPS } from '../ops/ops.js';
import { sameShape, showShape } from '../ops/shape-checks.js';
import type { Graph, Node, OpAttributes, OpName, Shape } from './graph.js';

/**
 * Throws GraphError unless: inputs stand before their readers; every shape is what the op's rule gives; an input's
 * source and name stand for one shape; outputs exist, are named once per kind, and new state has the old one's shape.
 */
export function verifyGraph(graph: Graph): void {
  const refuse = (because: string): never => {
    throw new GraphError(`graph ${graph.name}: ${because}`);
  };
  const shapes = new Map<string, Shape>();
  graph.nodes.forEach((node, id) => {
    for (const input of node.inputs) {
      if (!Number.isInteger(input) || input < 0 || input >= id) {
        refuse(`node ${id} (${node.op}) reads node ${input}, which does not stand before it`);
      }
    }
    const expected = recomputeShape(graph, node, id);
    if (!sameShape(expected, node.shape)) {
      refuse(
        `node ${id} (${node.op}) says shape ${showShape(node.shape)}, its inputs give ${showShape(expected)}`,
      );
    }
    if (node.op !== 'input') return;
    const { source, name, shape } = node.attributes;
    const known = shapes.get(`${source} ${name}`);
    if (known !== undefined) {
      refuse(
        sameShape(known, shape)
          ? `the ${source} '${name}' is read by two nodes`
          : `the ${source} '${name}' is read as ${showShape(known)} and as ${showShape(shape)}`,
      );
    }
    if (source === 'scalar' && shape.length !== 0) {
      refuse(`the scalar '${name}' has shape ${showShape(shape)}`);
    }
    shapes.set(`${source} ${name}`, shape);
  });

  const outputs = new Set<string>();
  for (const { kind, name, node } of graph.outputs) {
    const produced = graph.nodes[node];
    if (produced === undefined) {
      refuse(`the ${kind} output '${name}' is node ${node}, which does not exist`);
      continue;
    }
    if (outputs.has(`${kind} ${name}`)) refuse(`the ${kind} output '${name}' stands twice`);
    outputs.add(`${kind} ${name}`);
    const held = shapes.get(`state ${name}`);
    if (kind === 'state' && held !== undefined && !sameShape(held, produced.shape)) {
      refuse(`the state '${name}' is read as ${showShape(held)} and written as ${showShape(produced.shape)}`);
    }
  }
}

function recomputeShape(graph: Graph, node: Node, id: number): Shape {
  const rule = OPS[node.op].shape as (inputs: readonly Shape[], attributes: OpAttributes[OpName]) => Shape;
  try {
    return rule(
      node.inputs.map((input) => graph.nodes[input]!.shape),
      node.attributes,
    );
  } catch (error) {
    if (error instanceof GraphError)
      throw new GraphError(`graph ${graph.name}: node ${id}: ${error.message}`);
    throw error;
  }
}
