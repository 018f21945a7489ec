/**
 * The lowerings of TensorFlow.js graph models, where they differ. Its converter (4.22) knows neither
 * Conv2DBackpropFilter nor UnsortedSegmentSum, and its WebGL backend stretches tensors of more than five axes on the
 * CPU, after reading them back.
 */
import type { Shape } from '../graph/graph.js';
import { unstretchedShape } from '../graph/shortcuts.js';
import type { Emitter } from './emitter.js';
import { LOWERINGS, rowOr, type Lowering, type Lowerings } from './lowerings.js';
import type { Operand } from './node-list.js';

const STRETCHED_AXES = 5;

/** With one row more, to which the updates go that mean no row. */
const scatter: Lowering<'scatter'> = (emit, [updates, indices], { rows }, shape) => {
  const all = emit.scatter(updates!, rowOr(emit, indices!, rows, rows), rows + 1);
  return emit.slice(
    all,
    shape.map(() => 0),
    shape,
    shape.map(() => 1),
    shape,
  );
};

/**
 * A convolution in which examples are channels and channels examples: the input, with the cotangent as its filter and
 * the strides as that filter's dilations.
 */
const filterGradient: Lowering<'conv_filter_gradient'> = (
  emit,
  [x, dy],
  { strides, padding, kernel },
  [height, width, inputs, outputs],
) => {
  const behind = [0, 1].map((axis) => {
    const reached = (dy!.shape[1 + axis]! - 1) * strides[axis]! + kernel[axis]!;
    return reached - x!.shape[1 + axis]! - padding[axis]![0];
  }) as [number, number];
  // Rows and columns that no window reached are cut off.
  const [batch, rows, columns] = x!.shape as [number, number, number, number];
  const limit = [batch, rows + Math.min(0, behind[0]), columns + Math.min(0, behind[1]), inputs!];
  const read = limit.every((size, axis) => size === x!.shape[axis])
    ? x!
    : emit.slice(x!, [0, 0, 0, 0], limit, [1, 1, 1, 1], limit);
  const convolved = emit.convolution(
    'Conv2D',
    [emit.transpose(read, [3, 1, 2, 0]), emit.transpose(dy!, [1, 2, 0, 3])],
    {
      strides: [1, 1],
      dilations: strides,
      padding: [
        [padding[0][0], Math.max(0, behind[0])],
        [padding[1][0], Math.max(0, behind[1])],
      ],
    },
    [inputs!, height!, width!, outputs!],
  );
  return emit.transpose(convolved, [1, 2, 0, 3]);
};

export const GRAPH_MODEL_LOWERINGS: Lowerings = {
  ...LOWERINGS,
  broadcast: (emit, [x], attributes) =>
    stretched(emit, emit.reshape(x!, unstretchedShape(x!.shape, attributes)), attributes.shape),
  conv_filter_gradient: filterGradient,
  scatter,
};

/** Axes of size 1 repeated up to `shape`, which has as many axes. */
function stretched(emit: Emitter, x: Operand, shape: Shape): Operand {
  if (x.shape.every((size, axis) => size === shape[axis])) return x;
  return emit.reshape(stretchGroups(emit, x, axisGroups(x.shape, shape)), shape);
}

/** Adjacent axes that are all stretched, or all not, as one: its size before and after. */
interface AxisGroup {
  readonly from: number;
  readonly to: number;
}

function axisGroups(from: Shape, to: Shape): AxisGroup[] {
  const groups: AxisGroup[] = [];
  from.forEach((size, axis) => {
    const target = to[axis]!;
    if (target === 1) return;
    const last = groups.at(-1);
    if (last !== undefined && (last.from === last.to) === (size === target)) {
      groups[groups.length - 1] = { from: last.from * size, to: last.to * target };
    } else groups.push({ from: size, to: target });
  });
  return groups;
}

function stretchGroups(emit: Emitter, x: Operand, groups: readonly AxisGroup[]): Operand {
  if (groups.length <= STRETCHED_AXES) {
    const before = emit.reshape(
      x,
      groups.map(({ from }) => from),
    );
    return emit.broadcastTo(
      before,
      groups.map(({ to }) => to),
    );
  }
  // The first four now, with all behind them as one axis that stays.
  const first = groups.slice(0, STRETCHED_AXES - 1);
  const rest = groups.slice(STRETCHED_AXES - 1);
  const restSize = rest.reduce((product, { from }) => product * from, 1);
  const front = stretchGroups(emit, x, [...first, { from: restSize, to: restSize }]);
  const frontSize = first.reduce((product, { to }) => product * to, 1);
  const merged = axisGroups(
    [frontSize, ...rest.map(({ from }) => from)],
    [frontSize, ...rest.map(({ to }) => to)],
  );
  return stretchGroups(emit, front, merged);
}
