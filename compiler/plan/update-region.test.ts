import { expect, test } from 'vitest';
import { GraphBuilder } from '../graph/builder.js';
import { add, constant, equal, input, mul, scale, select, sub, sum, tanh } from '../graph/construct.js';
import type { GraphOutput, NodeId } from '../graph/graph.js';
import { UpdateRegion } from './update-region.js';

test('an update ends at its gradient, also where nothing sums between a chain of parameters', () => {
  const b = new GraphBuilder();
  const parameters = Array.from({ length: 300 }, (_, i) => input(b, 'state', `p${i}`, [8]));
  const made: NodeId[] = [];
  parameters.reduce(
    (x, p) => {
      made.push(x);
      return tanh(b, mul(b, x, p));
    },
    input(b, 'feed', 'x', [8]),
  );
  const flag = equal(b, sum(b, made.at(-1)!), constant(b, 0));
  const outputs = parameters.map((p, i): GraphOutput => {
    // What comes before the parameter is read by the next one as well.
    const gradient = add(b, made[i]!, scale(b, p, 0.01));
    return { kind: 'state', name: `p${i}`, node: select(b, flag, sub(b, p, scale(b, gradient, 0.1)), p) };
  });
  const region = new UpdateRegion(b.build('chain', outputs));
  const { steps, writes } = region.update(['p299']);
  expect(writes).toEqual([{ name: 'p299', step: steps.length - 1 }]);
  expect(steps.map((step) => (step.kind === 'op' ? step.op : step.kind))).toMatchInlineSnapshot(`
    [
      "number",
      "state",
      "tensor",
      "number",
      "mul",
      "add",
      "number",
      "mul",
      "sub",
      "select",
    ]
  `);
});

test('a gradient is a tensor where others read it or where it has two parts, and its square is not', () => {
  const b = new GraphBuilder();
  const [p, v] = [input(b, 'state', 'p', [8]), input(b, 'state', 'v', [8])];
  const [g, h] = [input(b, 'feed', 'g', [8]), input(b, 'feed', 'h', [8])];
  const kinds = (gradient: NodeId, checked: boolean): readonly string[] => {
    const next = add(b, v, mul(b, gradient, gradient));
    const graph = b.build('step', [
      { kind: 'state', name: 'p', node: sub(b, p, mul(b, gradient, next)) },
      { kind: 'state', name: 'v', node: next },
      ...(checked ? [{ kind: 'value', name: 'check', node: sum(b, gradient) } as const] : []),
    ]);
    const { steps } = new UpdateRegion(graph).update(['p', 'v']);
    return steps.map((step) => (step.kind === 'op' ? step.op : step.kind));
  };
  const plain = ['state', 'tensor', 'state', 'mul', 'add', 'mul', 'sub'];
  expect(kinds(g, true)).toEqual(plain);
  expect(kinds(scale(b, g, 0.5), true)).toEqual(plain);
  expect(kinds(add(b, g, h), false)).toEqual(plain);
  expect(kinds(scale(b, g, 0.5), false)).toEqual(['state', 'tensor', 'number', 'mul', ...plain.slice(2)]);
  // Of state alone, as sums over micro-batches are.
  const summed = scale(b, input(b, 'state', 'sum', [8]), 0.5);
  expect(kinds(summed, true)).toEqual(['state', 'state', 'number', 'mul', ...plain.slice(2)]);
});
