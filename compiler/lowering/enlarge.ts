/** Whole-number enlargement of pictures, made of copies and straight lines. */
import type { GraphBuilder } from '../graph/builder.js';
import { add, broadcast, concat, reshape, scale, sliceAxis } from '../graph/construct.js';
import type { NodeId } from '../graph/graph.js';

/** Nearest neighbour: every pixel becomes factor[0] x factor[1] equal pixels. */
export function enlargeNearest(
  builder: GraphBuilder,
  x: NodeId,
  [down, across]: readonly [number, number],
): NodeId {
  if (down === 1 && across === 1) return x;
  const [batch, height, width, channels] = builder.shape(x) as readonly [number, number, number, number];
  const copies = broadcast(builder, x, [batch, height, down, width, across, channels], [0, 1, 3, 5]);
  return reshape(builder, copies, [batch, height * down, width * across, channels]);
}

/** Bilinear, one axis after the other. New pixel centres lie at (i + 1/2) / factor - 1/2; the edge is repeated outside. */
export function enlargeBilinear(
  builder: GraphBuilder,
  x: NodeId,
  [down, across]: readonly [number, number],
): NodeId {
  return alongAxis(builder, alongAxis(builder, x, 1, down), 2, across);
}

function alongAxis(builder: GraphBuilder, x: NodeId, axis: 1 | 2, factor: number): NodeId {
  if (factor === 1) return x;
  const shape = builder.shape(x);
  const size = shape[axis]!;
  const first = sliceAxis(builder, x, axis, 0, 1);
  const last = sliceAxis(builder, x, axis, size - 1, size);
  const before = size === 1 ? x : concat(builder, [first, sliceAxis(builder, x, axis, 0, size - 1)], axis);
  const after = size === 1 ? x : concat(builder, [sliceAxis(builder, x, axis, 1, size), last], axis);
  const phases = Array.from({ length: factor }, (_, i) => {
    const offset = (i + 0.5) / factor - 0.5;
    const [neighbour, share] = offset < 0 ? [before, -offset] : [after, offset];
    const mixed = add(builder, scale(builder, x, 1 - share), scale(builder, neighbour, share));
    return reshape(builder, mixed, [...shape.slice(0, axis + 1), 1, ...shape.slice(axis + 1)]);
  });
  const enlarged = shape.map((dimension, at) => (at === axis ? dimension * factor : dimension));
  return reshape(builder, concat(builder, phases, axis + 1), enlarged);
}
