import { expect, test } from 'vitest';
import { GraphBuilder } from '../graph/builder.js';
import { input, neg } from '../graph/construct.js';
import type { Graph } from '../graph/graph.js';
import { optimize } from './optimize.js';
import { runPasses } from './pass-manager.js';

function sample(): Graph {
  const b = new GraphBuilder();
  return b.build('g', [{ kind: 'value', name: 'y', node: neg(b, neg(b, input(b, 'feed', 'x', [2]))) }]);
}

test('a pass that breaks the graph is named in the error', () => {
  const broken = (graph: Graph): Graph => ({ ...graph, nodes: graph.nodes.slice(0, -1) });
  expect(() => runPasses(sample(), [{ name: 'lose-a-node', run: broken }])).toThrowError(
    "after the pass lose-a-node: graph g: the value output 'y' is node 2, which does not exist",
  );
});

test('a graph that is wrong before the first pass is refused', () => {
  expect(() => runPasses({ ...sample(), nodes: [] }, [])).toThrowError(
    "graph g: the value output 'y' is node 2, which does not exist",
  );
});

test('an error inside a pass arrives as it was thrown', () => {
  const error = new RangeError('no');
  const run = (): Graph => {
    throw error;
  };
  expect(() => runPasses(sample(), [{ name: 'fails', run }])).toThrowError(error);
});

test('dumps follow every pass, in order, with the graph as it then is', () => {
  const seen: string[] = [];
  optimize(sample(), { dumpAfter: (pass, { nodes }) => seen.push(`${pass} ${nodes.length}`) });
  expect(seen).toEqual(['simplify 1', 'cse 1', 'merge-batches 1', 'simplify 1', 'cse 1']);
  seen.length = 0;
  optimize(sample(), { mergeBatches: false, dumpAfter: (pass) => seen.push(pass) });
  expect(seen).toEqual(['simplify', 'cse']);
});
