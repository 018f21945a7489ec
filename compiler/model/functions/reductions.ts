/** Functions that gather many numbers into few: over everything, per sample, or over the batch. */
import type { GraphBuilder } from '../../graph/builder.js';
import { broadcast, constant, max, neg, scale, sqrt, square, sub } from '../../graph/construct.js';
import type { NodeId } from '../../graph/graph.js';
import { SCALAR, type SymbolicShape } from '../symbolic-shape.js';
import type { Extent } from '../term.js';
import type { FunctionRule } from './rule.js';

function reducedAxes(builder: GraphBuilder, x: NodeId, extent: Extent): readonly number[] {
  const axes = builder.shape(x).map((_, axis) => axis);
  switch (extent) {
    case 'all':
      return axes;
    case 'sample':
      return axes.slice(1);
    case 'batch':
      return axes.slice(0, 1);
    default:
      throw new Error(`internal: unknown extent ${String(extent satisfies never)}`);
  }
}

function reducedShape(x: SymbolicShape, extent: Extent): SymbolicShape | undefined {
  if (extent === 'all') return SCALAR;
  if (x[0] !== 'B') return undefined;
  return extent === 'sample' ? ['B'] : x.slice(1);
}

function sum(builder: GraphBuilder, x: NodeId, extent: Extent): NodeId {
  const axes = reducedAxes(builder, x, extent);
  return axes.length === 0 ? x : builder.emit('reduce_sum', [x], { axes });
}

function mean(builder: GraphBuilder, x: NodeId, extent: Extent): NodeId {
  const count = reducedAxes(builder, x, extent).reduce((n, axis) => n * builder.shape(x)[axis]!, 1);
  return scale(builder, sum(builder, x, extent), 1 / count);
}

/** The mean of squared distances from the mean, of the population (divided by n, not n - 1). */
function variance(builder: GraphBuilder, x: NodeId, extent: Extent): NodeId {
  const shape = builder.shape(x);
  const gone = reducedAxes(builder, x, extent);
  const kept = shape.map((_, axis) => axis).filter((axis) => !gone.includes(axis));
  const centre = broadcast(builder, mean(builder, x, extent), shape, kept);
  return mean(builder, square(builder, sub(builder, x, centre)), extent);
}

function reduction(
  doc: string,
  lower: (builder: GraphBuilder, x: NodeId, extent: Extent) => NodeId,
): FunctionRule {
  return {
    doc,
    parameters: ['x'],
    pointwise: false,
    extent: true,
    shape: ([x], { extent }) => reducedShape(x!, extent),
    lower: (builder, [x], { extent }) => lower(builder, x!, extent),
  };
}

function largest(builder: GraphBuilder, x: NodeId, extent: Extent): NodeId {
  const axes = reducedAxes(builder, x, extent);
  return axes.length === 0 ? x : max(builder, x, axes);
}

export const REDUCTIONS = {
  sum: reduction('the sum; of everything, per sample or over the batch', sum),
  mean: reduction('the mean; of everything, per sample or over the batch', mean),
  var: reduction('the variance (of the population)', variance),
  std: reduction('the standard deviation (of the population); slope 0 at 0', (builder, x, extent) =>
    sqrt(builder, variance(builder, x, extent)),
  ),
  norm: reduction('square root of the sum of squares; slope 0 at 0', (builder, x, extent) =>
    sqrt(builder, sum(builder, square(builder, x), extent)),
  ),
  max_of: reduction('the largest', largest),
  min_of: reduction('the smallest', (builder, x, extent) =>
    neg(builder, largest(builder, neg(builder, x), extent)),
  ),
  samples: {
    doc: 'how many samples the batch has',
    parameters: ['x'],
    pointwise: false,
    needs: 'a value per sample',
    shape: ([x]) => (x![0] === 'B' ? SCALAR : undefined),
    lower: (builder, [x]) => constant(builder, builder.shape(x!)[0]!),
  },
  size: {
    doc: 'how many numbers one sample of x has',
    parameters: ['x'],
    pointwise: false,
    needs: 'a value per sample',
    shape: ([x]) => (x![0] === 'B' ? SCALAR : undefined),
    lower: (builder, [x]) =>
      constant(
        builder,
        builder
          .shape(x!)
          .slice(1)
          .reduce((n, size) => n * size, 1),
      ),
  },
} as const satisfies Readonly<Record<string, FunctionRule>>;
