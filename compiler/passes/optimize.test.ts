import { describe, expect, test } from 'vitest';
import { beganGraph, drawnInputs } from '../../test/ops/began-graph.js';
import { OP_CASES } from '../../test/ops/cases.js';
import { COMPOSITE_CASES } from '../../test/ops/composite-cases.js';
import { fuzzCases } from '../../test/ops/fuzz-cases.js';
import { nmse } from '../../test/ops/nmse.js';
import { caseFeeds, gradientGraph, secondOrderGraph } from '../../test/ops/op-case.js';
import { evaluateGraph, type ReferenceInputs } from '../../runtimes/reference/evaluate-graph.js';
import type { Graph, OpName } from '../graph/graph.js';
import { contractionCount } from './contraction-count.js';
import { optimize } from './optimize.js';
import { simplify } from './simplify.js';

const count = (graph: Graph, op: OpName): number => graph.nodes.filter((node) => node.op === op).length;

/** The largest error of any output, relative to that output's size. */
function largestError(before: Graph, after: Graph, inputs: ReferenceInputs): number {
  const [expected, actual] = [evaluateGraph(before, inputs), evaluateGraph(after, inputs)];
  expect([...actual.values.keys(), ...actual.state.keys()]).toEqual([
    ...expected.values.keys(),
    ...expected.state.keys(),
  ]);
  const errors = (['values', 'state'] as const).flatMap((kind) =>
    [...expected[kind]].map(([name, { shape, data }]) => {
      const other = actual[kind].get(name)!;
      expect(other.shape).toEqual(shape);
      return Math.sqrt(nmse(other.data, data));
    }),
  );
  return Math.max(...errors);
}

describe('optimised graphs compute the same', () => {
  const cases = [
    ...OP_CASES,
    ...COMPOSITE_CASES,
    ...fuzzCases(3, process.env.HEAVY === undefined ? 90 : 1000),
  ];

  test.each(cases)('$name, its gradient and the gradient of that', (opCase) => {
    const feeds = caseFeeds(opCase);
    const graphs = [gradientGraph(opCase), ...(opCase.order === 2 ? [secondOrderGraph(opCase)] : [])];
    for (const graph of graphs) {
      const optimized = optimize(graph);
      expect(largestError(graph, optimized, { feeds })).toBeLessThan(1e-12);
      expect(contractionCount(optimized)).toBeLessThanOrEqual(contractionCount(graph));
      // What is simple already stays as it is.
      expect(simplify(optimized).nodes.length).toBe(optimized.nodes.length);
    }
  });

  test.each(['shared', 'separate'] as const)('a BEGAN phase with %s latents', (latents) => {
    const graph = beganGraph({ latents });
    const inputs = drawnInputs(graph);
    for (const mergeBatches of [false, true]) {
      expect(largestError(graph, optimize(graph, { mergeBatches }), inputs)).toBeLessThan(1e-12);
    }
  });
});

describe('a BEGAN phase', () => {
  const kinds = (graph: Graph): Record<string, number> => ({
    dot: count(graph, 'dot'),
    conv: count(graph, 'conv'),
    input: count(graph, 'conv_input_gradient'),
    filter: count(graph, 'conv_filter_gradient'),
  });

  test('with shared latents: D on x and on G(z) becomes one D, and so do its input gradients', () => {
    const graph = beganGraph({ latents: 'shared' });
    // D has six convolutions and two dense layers, G three and one.
    expect(kinds(optimize(graph, { mergeBatches: false }))).toEqual({
      dot: 14,
      conv: 15,
      input: 14,
      filter: 15,
    });
    // Forward 6 + 3 instead of 2 * 6 + 3; input gradients 5 + 1 (the first of D, for the fakes only) + 3 of G.
    expect(kinds(optimize(graph))).toEqual({ dot: 10, conv: 9, input: 9, filter: 15 });
  });

  test('with separate latents: three applications of D and two of G become one of each', () => {
    const graph = beganGraph({ latents: 'separate' });
    expect(kinds(optimize(graph, { mergeBatches: false }))).toEqual({
      dot: 19,
      conv: 24,
      input: 19,
      filter: 15,
    });
    expect(kinds(optimize(graph))).toEqual({ dot: 10, conv: 9, input: 9, filter: 15 });
  });

  test('joining copies nothing but the images and the latents', () => {
    const rows = (graph: Graph): string[] =>
      graph.nodes.flatMap((node) =>
        node.op === 'concat' && node.attributes.axis === 0
          ? [node.inputs.map((id) => graph.nodes[id]!.op).join(' ')]
          : [],
      );
    expect(rows(optimize(beganGraph({ latents: 'shared' })))).toEqual(['input add']);
    expect(rows(optimize(beganGraph({ latents: 'separate' })))).toEqual(['input input', 'input add']);
  });

  test('every slice that splits a merged batch reads whole rows', () => {
    const graph = optimize(beganGraph({ latents: 'separate' }));
    for (const node of graph.nodes) {
      if (node.op !== 'slice' || node.attributes.stride.some((step) => step !== 1)) continue;
      const from = graph.nodes[node.inputs[0]!]!.shape;
      const cut = from.flatMap((size, axis) => (size === node.shape[axis] ? [] : [axis]));
      expect(cut.length).toBe(1);
    }
  });
});
