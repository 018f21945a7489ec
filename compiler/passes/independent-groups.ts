/** Which groups of nodes can each become one node without anything having to run before itself. */
import type { Graph, NodeId } from '../graph/graph.js';
import { isContraction } from './contraction-count.js';

/**
 * Accepts groups one by one, contractions first, and leaves out each whose members reach one another through the
 * graph as it is with the groups accepted so far made one.
 */
export function independentGroups(
  graph: Graph,
  candidates: readonly (readonly NodeId[])[],
): (readonly NodeId[])[] {
  const readers: NodeId[][] = graph.nodes.map(() => []);
  graph.nodes.forEach((node, id) => {
    for (const input of node.inputs) readers[input]!.push(id);
  });
  const accepted = new Map<NodeId, readonly NodeId[]>();
  /** The number of the search that saw a node last. */
  const seenBy = new Uint32Array(graph.nodes.length);
  let search = 0;

  const reachesItself = (group: readonly NodeId[]): boolean => {
    search++;
    const pending = group.flatMap((member) => readers[member]!);
    for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
      if (group.includes(id)) return true;
      if (seenBy[id] === search) continue;
      for (const member of accepted.get(id) ?? [id]) {
        seenBy[member] = search;
        pending.push(...readers[member]!);
      }
    }
    return false;
  };

  const contractionsFirst = [...candidates].sort(
    (a, b) =>
      Number(isContraction(graph.nodes[b[0]!]!.op)) - Number(isContraction(graph.nodes[a[0]!]!.op)) ||
      Math.min(...a) - Math.min(...b),
  );
  return contractionsFirst.filter((group) => {
    if (reachesItself(group)) return false;
    for (const member of group) accepted.set(member, group);
    return true;
  });
}
