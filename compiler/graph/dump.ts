/** The readable text of a graph, one node per line: what --dump-after prints. */
import { showShape } from '../ops/shape-checks.js';
import type { Graph, Node } from './graph.js';

export function dumpGraph(graph: Graph): string {
  const lines = graph.nodes.map((node, id) => {
    const text = `%${id} = ${showNode(node)} : ${showShape(node.shape)}`;
    return node.origin === undefined ? `  ${text}` : `  ${text}  # ${node.origin.label}`;
  });
  const outputs = graph.outputs.map(({ kind, name, node }) => `  ${kind} '${name}' = %${node}`);
  return [`graph ${graph.name} (${graph.nodes.length} nodes)`, ...lines, 'outputs', ...outputs, ''].join(
    '\n',
  );
}

function showNode(node: Node): string {
  if (node.op === 'input') return `input ${node.attributes.source} '${node.attributes.name}'`;
  if (node.op === 'constant') return `constant ${String(node.attributes.value)}`;
  const attributes = Object.entries(node.attributes)
    // The shape after the colon says it already.
    .filter(([key]) => key !== 'shape')
    .map(([key, value]) => ` ${key}=${JSON.stringify(value)}`)
    .join('');
  return `${node.op}(${node.inputs.map((id) => `%${id}`).join(', ')})${attributes}`;
}
