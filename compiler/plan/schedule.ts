/**
 * The order in which clusters run: readers after writers, otherwise as the graph was written. Clusters that write
 * state wait until nothing else can run, so that they are the last readers of the old content and may overwrite it.
 */
import type { NodeId } from '../graph/graph.js';
import type { Cluster, Fusion } from './fuse.js';

export function schedule(fusion: Fusion): Cluster[] {
  const writesState = new Set<Cluster>();
  for (const output of fusion.outputs)
    if (output.kind === 'state') writesState.add(fusion.clusterOf(output.node));

  const waiting = new Map<Cluster, number>();
  const readers = new Map<Cluster, Cluster[]>();
  for (const cluster of fusion.clusters) {
    const producers = new Set<Cluster>();
    for (const item of cluster.items) {
      for (const leaf of fusion.reads(item).keys()) {
        if (!fusion.isItem(leaf)) continue;
        const producer = fusion.clusterOf(leaf);
        if (producer !== cluster) producers.add(producer);
      }
    }
    waiting.set(cluster, producers.size);
    for (const producer of producers) {
      const list = readers.get(producer);
      if (list === undefined) readers.set(producer, [cluster]);
      else list.push(cluster);
    }
  }

  const first = (cluster: Cluster): NodeId => cluster.items.at(-1)!;
  const ready: Cluster[] = [];
  const order: Cluster[] = [];
  /** Sorted so that the next to run is at the end. */
  const insert = (cluster: Cluster): void => {
    const before = (a: Cluster, b: Cluster): boolean => {
      const [stateA, stateB] = [writesState.has(a), writesState.has(b)];
      return stateA === stateB ? first(a) < first(b) : stateB;
    };
    let at = ready.length;
    while (at > 0 && before(ready[at - 1]!, cluster)) at--;
    ready.splice(at, 0, cluster);
  };
  for (const cluster of fusion.clusters) if (waiting.get(cluster) === 0) insert(cluster);
  for (let next = ready.pop(); next !== undefined; next = ready.pop()) {
    order.push(next);
    for (const reader of readers.get(next) ?? []) {
      const left = waiting.get(reader)! - 1;
      waiting.set(reader, left);
      if (left === 0) insert(reader);
    }
  }
  if (order.length !== fusion.clusters.length)
    throw new Error('internal: clusters depend on each other in a circle');
  return order;
}
