/**
 * Random graphs of many ops for planners and engines: values are read several times, through views, by ops of all
 * kinds, and some become outputs and state. Values stay of moderate size, so that errors do not blow up.
 */
import { GraphBuilder } from '../../compiler/graph/builder.js';
import {
  add,
  argsort,
  broadcastTo,
  concat,
  constant,
  gather,
  greater,
  pad,
  reshape,
  scale,
  scatter,
  slice,
  sliceAxis,
  transpose,
} from '../../compiler/graph/construct.js';
import type { Graph, GraphOutput, NodeId, Shape } from '../../compiler/graph/graph.js';
import { elementCount } from '../../compiler/ops/shape-checks.js';
import { integer, pick, seededRandom, type Random } from './random.js';

const UNARY = ['neg', 'abs', 'tanh', 'sigmoid', 'softplus', 'elu', 'stop'] as const;
const BINARY = ['add', 'sub', 'mul', 'maximum', 'minimum'] as const;

/** At most this many elements; beyond it nothing is made larger. */
const LARGEST = 3000;

export function randomGraph(seed: string, size: number): Graph {
  const random = seededRandom(seed);
  const b = new GraphBuilder();
  const image: Shape = [
    integer(random, 1, 3),
    pick(random, [2, 4, 6]),
    pick(random, [2, 4, 5]),
    pick(random, [1, 3, 4, 6]),
  ];
  const values: NodeId[] = [
    b.emit('input', [], { source: 'feed', name: 'x', shape: image }),
    b.emit('input', [], { source: 'feed', name: 'v', shape: [pick(random, [3, 4, 6])] }),
    b.emit('input', [], { source: 'scalar', name: 's', shape: [] }),
    b.emit('input', [], { source: 'state', name: 'a', shape: image }),
    b.emit('input', [], { source: 'state', name: 'b', shape: image }),
    b.emit('input', [], { source: 'state', name: 'k', shape: [] }),
  ];
  for (let i = 0; i < size; i++) {
    const made = grow(b, random, values);
    if (made !== undefined) values.push(made);
  }
  const outputs: GraphOutput[] = [];
  for (let i = 0; i < 3; i++) outputs.push({ kind: 'value', name: `y${i}`, node: pick(random, values) });
  for (const name of ['a', 'b', 'k']) {
    if (random() < 0.25) continue;
    const shape = name === 'k' ? [] : image;
    const fitting = values.filter((id) => b.shape(id).join() === shape.join());
    outputs.push({ kind: 'state', name, node: pick(random, fitting.slice(-4)) });
  }
  return b.build(`random ${seed}`, outputs);
}

function grow(b: GraphBuilder, random: Random, values: readonly NodeId[]): NodeId | undefined {
  // Recent values more often than old ones: long chains, with some far reads.
  const any = (): NodeId => (random() < 0.6 ? pick(random, values.slice(-5)) : pick(random, values));
  const x = any();
  const shape = b.shape(x);
  const alike = values.filter((id) => b.shape(id).join() === shape.join());
  const kind = integer(random, 0, 15);
  switch (kind) {
    case 0:
    case 1:
      return b.emit(pick(random, UNARY), [x], {});
    case 2:
    case 3:
    case 4:
      return b.emit(pick(random, BINARY), [x, pick(random, alike)], {});
    case 5: {
      // Masks of inputs only: comparing computed values would let a rounding error choose the branch.
      const bare = values
        .slice(0, 6)
        .filter((id) => b.shape(id).length === 0 || b.shape(id).join() === shape.join());
      const side = (): NodeId => broadcastTo(b, pick(random, bare), shape);
      return b.emit('select', [b.emit('greater', [side(), side()], {}), pick(random, alike), x], {});
    }
    case 6: {
      // A smaller value stretched to a larger one's shape.
      const scalars = values.filter((id) => b.shape(id).length === 0);
      return b.emit('mul', [x, broadcastTo(b, pick(random, scalars), shape)], {});
    }
    case 7: {
      const channel = values.find((id) => b.shape(id).length === 1 && b.shape(id)[0] === shape.at(-1));
      return channel === undefined || shape.length === 1
        ? undefined
        : b.emit('add', [x, broadcastTo(b, channel, shape)], {});
    }
    case 8: {
      const axes = shape.flatMap((_, axis) => (random() < 0.5 ? [axis] : []));
      const elements = axes.reduce((product, axis) => product * shape[axis]!, 1);
      if (random() < 0.3) return b.emit('reduce_max', [x], { axes });
      return scale(b, b.emit('reduce_sum', [x], { axes }), 1 / Math.sqrt(elements));
    }
    case 9: {
      const permutation = shape.map((_, axis) => axis);
      permutation.sort(() => random() - 0.5);
      return transpose(b, x, permutation);
    }
    case 10: {
      const start = shape.map((length) => integer(random, 0, length - 1));
      const limit = shape.map((length, axis) => integer(random, start[axis]! + 1, length));
      const stride = shape.map(() => integer(random, 1, 2));
      return slice(b, x, start, limit, stride);
    }
    case 11: {
      if (shape.length !== 4 || elementCount(shape) > LARGEST / 4) return undefined;
      const [batch, height, width, channels] = shape as [number, number, number, number];
      if (random() < 0.5) {
        const apart = b.emit('reshape', [x], { shape: [batch, height, 1, width, 1, channels] });
        const spread = b.emit('broadcast', [apart], {
          shape: [batch, height, 2, width, 2, channels],
          axes: [0, 1, 2, 3, 4, 5],
        });
        return b.emit('reshape', [spread], { shape: [batch, height * 2, width * 2, channels] });
      }
      const low = shape.map(() => integer(random, 0, 1));
      return pad(
        b,
        x,
        low,
        shape.map(() => integer(random, 0, 1)),
        shape.map(() => integer(random, 0, 1)),
      );
    }
    case 12: {
      if (elementCount(shape) > LARGEST / 2) return undefined;
      const axis = integer(random, 0, Math.max(0, shape.length - 1));
      return shape.length === 0 ? undefined : concat(b, [x, pick(random, alike)], random() < 0.5 ? 0 : axis);
    }
    case 13: {
      if (shape.length === 4) {
        const [, height, width, channels] = shape as [number, number, number, number];
        const out = integer(random, 1, 6);
        const filter = b.emit('input', [], {
          source: 'state',
          name: `w${channels}-${out}`,
          shape: [2, 2, channels, out],
        });
        if (height < 2 || width < 2) return undefined;
        const stride = integer(random, 1, 2);
        return b.emit('conv', [x, filter], {
          strides: [stride, stride],
          padding: [
            [0, 1],
            [integer(random, 0, 1), 0],
          ],
        });
      }
      const rows = shape[0];
      if (rows === undefined) return undefined;
      const flat = b.emit('reshape', [x], { shape: [rows, elementCount(shape) / rows] });
      if (elementCount(shape) > 400) return undefined;
      return scale(
        b,
        b.emit('dot', [flat, flat], { transposeA: true, transposeB: false }),
        1 / Math.max(1, rows),
      );
    }
    case 14: {
      // Indices of inputs only, for the same reason as masks; 2 is often beyond the rows.
      const list = bareList(b, random, values);
      const [length] = b.shape(list) as [number];
      const most = shape.length === 0 ? 0 : Math.min(length, shape[0]!);
      if (most === 0 || elementCount(shape) > LARGEST / 2) return undefined;
      const half = constant(b, pick(random, [-0.5, 0, 0.5]));
      const indices = add(b, greater(b, list, half), greater(b, list, constant(b, 0.25)));
      return random() < 0.5
        ? gather(b, x, sliceAxis(b, indices, 0, 0, integer(random, 1, most)))
        : scatter(b, sliceAxis(b, x, 0, 0, most), sliceAxis(b, indices, 0, 0, most), integer(random, 1, 4));
    }
    case 15: {
      const list = bareList(b, random, values);
      const size = elementCount(b.shape(list));
      return scale(b, reshape(b, argsort(b, list), pick(random, [[size], [1, size], [size, 1]])), 1 / size);
    }
    default:
      return undefined;
  }
}

/** The numbers of an input as a list. */
function bareList(b: GraphBuilder, random: Random, values: readonly NodeId[]): NodeId {
  const bare = pick(random, values.slice(0, 6));
  return reshape(b, bare, [elementCount(b.shape(bare))]);
}
