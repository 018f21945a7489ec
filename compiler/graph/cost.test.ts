import { expect, it } from 'vitest';
import { GraphBuilder } from './builder.js';
import { nodeCost } from './cost.js';
import type { Graph } from './graph.js';

const SAME = {
  strides: [2, 2] as const,
  padding: [
    [1, 1],
    [1, 1],
  ] as const,
};

/** A convolution with stride 2 from [4, 8, 8, 3] to [4, 4, 4, 5], and both its gradients. */
function convolutions(): { readonly graph: Graph; readonly of: (op: string) => number } {
  const b = new GraphBuilder();
  const input = (name: string, shape: readonly number[]): number =>
    b.emit('input', [], { source: 'feed', name, shape });
  const x = input('x', [4, 8, 8, 3]);
  const w = input('w', [4, 4, 3, 5]);
  const y = b.emit('conv', [x, w], SAME);
  const back = b.emit('conv_input_gradient', [y, w], { ...SAME, size: [8, 8] });
  const filter = b.emit('conv_filter_gradient', [x, y], { ...SAME, kernel: [4, 4] });
  const graph = b.build('g', [
    { kind: 'value', name: 'back', node: back },
    { kind: 'value', name: 'filter', node: filter },
  ]);
  return { graph, of: (op) => graph.nodes.findIndex((node) => node.op === op) };
}

it.each(['conv', 'conv_input_gradient', 'conv_filter_gradient'])(
  'a convolution and its gradients meet the same triples: %s',
  (op) => {
    const { graph, of } = convolutions();
    expect(nodeCost(graph, of(op)).multiplyAdds).toBe(4 * 4 * 4 * 5 * 4 * 4 * 3);
  },
);

it.each([
  [false, false, [6, 7], [7, 8]],
  [true, false, [7, 6], [7, 8]],
  [false, true, [6, 7], [8, 7]],
] as const)(
  'counts a product by its inner dimension, transposed %s and %s',
  (transposeA, transposeB, a, b) => {
    const builder = new GraphBuilder();
    const left = builder.emit('input', [], { source: 'feed', name: 'a', shape: a });
    const right = builder.emit('input', [], { source: 'feed', name: 'b', shape: b });
    const product = builder.emit('dot', [left, right], { transposeA, transposeB });
    const graph = builder.build('g', [{ kind: 'value', name: 'y', node: product }]);
    const at = graph.nodes.findIndex(({ op }) => op === 'dot');
    expect(nodeCost(graph, at)).toEqual({
      multiplyAdds: 6 * 7 * 8,
      operations: 0,
      reads: 6 * 7 + 7 * 8,
      writes: 6 * 8,
    });
  },
);

it('a reshape is free: it moves nothing', () => {
  const b = new GraphBuilder();
  const x = b.emit('input', [], { source: 'feed', name: 'x', shape: [4, 6] });
  const y = b.emit('reshape', [b.emit('exp', [x], {})], { shape: [24] });
  const graph = b.build('g', [{ kind: 'value', name: 'y', node: y }]);
  const costs = graph.nodes.map((node, id) => [node.op, nodeCost(graph, id)]);
  expect(Object.fromEntries(costs)).toEqual({
    input: { multiplyAdds: 0, operations: 0, reads: 0, writes: 0 },
    exp: { multiplyAdds: 0, operations: 24, reads: 24, writes: 24 },
    reshape: { multiplyAdds: 0, operations: 0, reads: 0, writes: 0 },
  });
});
