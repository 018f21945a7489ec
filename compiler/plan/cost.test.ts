import { expect, it } from 'vitest';
import { GraphBuilder } from '../graph/builder.js';
import { addCosts, flopOf, nodeCost, NOTHING } from '../graph/cost.js';
import { add, broadcastTo, conv, elu, input, mean } from '../graph/construct.js';
import type { Graph } from '../graph/graph.js';
import { launchCost } from './cost.js';
import { planGraph } from './plan.js';

/** y = elu(conv(x, w) + bias), and its mean; x [2, 8, 8, 16], w [3, 3, 16, 32]. */
function layer(): Graph {
  const b = new GraphBuilder();
  const x = input(b, 'feed', 'x', [2, 8, 8, 16]);
  const w = input(b, 'state', 'w', [3, 3, 16, 32]);
  const bias = input(b, 'state', 'bias', [32]);
  const y = conv(b, x, w, {
    strides: [1, 1],
    padding: [
      [1, 1],
      [1, 1],
    ],
  });
  const activated = elu(b, add(b, y, broadcastTo(b, bias, b.shape(y))));
  return b.build('layer', [
    { kind: 'value', name: 'y', node: activated },
    { kind: 'value', name: 'mean', node: mean(b, activated) },
  ]);
}

const RESULTS = 2 * 8 * 8 * 32;

it('counts a fused convolution: direct multiply-adds, its epilogue, every element once', () => {
  const { launches } = planGraph(layer());
  const convolution = launches.find(({ kernel }) => kernel.kind === 'convolution')!;
  expect(launchCost(convolution)).toEqual({
    multiplyAdds: RESULTS * 3 * 3 * 16,
    // The bias and elu.
    operations: RESULTS * 2,
    reads: 2 * 8 * 8 * 16 + 3 * 3 * 16 * 32 + 32,
    writes: RESULTS,
  });
});

it('counts a reduction over its whole domain, and its epilogue over what is kept', () => {
  const reductions = planGraph(layer()).launches.filter(({ kernel }) => kernel.kind === 'reduction');
  const total = reductions.map((launch) => launchCost(launch)).reduce(addCosts, NOTHING);
  expect(total.operations).toBeGreaterThanOrEqual(RESULTS + 1);
  expect(total.operations).toBeLessThan(RESULTS * 1.1);
  expect(total.multiplyAdds).toBe(0);
});

it('counts a value that is repeated along a dimension once', () => {
  const body = {
    instructions: [
      { op: 'load' as const, access: { parameter: 0, strides: [64, 1] } },
      { op: 'load' as const, access: { parameter: 1, strides: [0, 1] } },
      { op: 'add' as const, arguments: [0, 1] },
      { op: 'tanh' as const, arguments: [2] },
    ],
    stores: [{ value: 3, access: { parameter: 2, strides: [64, 1] } }],
  };
  const kernel = { kind: 'pointwise' as const, parameters: 3, tiles: 1, domain: [10, 64], body };
  expect(launchCost({ kernel, multiplyAdds: 0 })).toEqual({
    multiplyAdds: 0,
    operations: 2 * 640,
    reads: 640 + 64,
    writes: 640,
  });
});

it('counts places that are read through several views, or read and then written, once for each', () => {
  const load = (strides: readonly number[]) => ({ op: 'load' as const, access: { parameter: 0, strides } });
  const body = {
    instructions: [load([8, 1]), load([1, 8]), { op: 'add' as const, arguments: [0, 1] }],
    stores: [{ value: 2, access: { parameter: 0, strides: [8, 1] } }],
  };
  const kernel = { kind: 'pointwise' as const, parameters: 1, tiles: 1, domain: [8, 8], body };
  expect(launchCost({ kernel, multiplyAdds: 0 })).toMatchObject({ reads: 64, writes: 64 });
});

it('agrees with the graph on what the operations of a layer multiply and add', () => {
  const graph = layer();
  const nodes = graph.nodes.map((_, id) => nodeCost(graph, id)).reduce(addCosts, NOTHING);
  const launches = planGraph(graph)
    .launches.map((launch) => launchCost(launch))
    .reduce(addCosts, NOTHING);
  expect(nodes.multiplyAdds).toBe(launches.multiplyAdds);
  expect(nodes.reads + nodes.writes).toBeGreaterThan(launches.reads + launches.writes);
  expect(flopOf(launches)).toBe(2 * launches.multiplyAdds + launches.operations);
});
