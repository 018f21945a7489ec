/** Nearest-neighbour enlargement by a whole factor. */
import type { GraphBuilder } from '../../compiler/graph/builder.js';
import { broadcast, reshape } from '../../compiler/graph/construct.js';
import type { NodeId } from '../../compiler/graph/graph.js';

export function upsample(b: GraphBuilder, x: NodeId, factor: number): NodeId {
  const [batch, height, width, channels] = b.shape(x) as [number, number, number, number];
  const apart = reshape(b, x, [batch, height, 1, width, 1, channels]);
  const repeated = broadcast(b, apart, [batch, height, factor, width, factor, channels], [0, 1, 2, 3, 4, 5]);
  return reshape(b, repeated, [batch, height * factor, width * factor, channels]);
}
