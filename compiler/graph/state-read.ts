/** The state that graphs read, by name. */
import type { Graph } from './graph.js';

export function stateRead(graphs: readonly Graph[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { nodes } of graphs) {
    for (const node of nodes) {
      if (node.op === 'input' && node.attributes.source === 'state') names.add(node.attributes.name);
    }
  }
  return names;
}
