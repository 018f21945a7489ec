/** Random graphs with state on the wasm engine against the reference: what fusion and memory planning get wrong. */
import { describe, expect, it } from 'vitest';
import type { Graph } from '../../compiler/graph/graph.js';
import { optimize } from '../../compiler/passes/optimize.js';
import { nmse } from '../../test/ops/nmse.js';
import { programOf } from '../../test/ops/program-of.js';
import { randomGraph } from '../../test/ops/random-graph.js';
import { seededRandom } from '../../test/ops/random.js';
import { evaluateGraph, type ReferenceInputs } from '../reference/evaluate-graph.js';
import { WasmEngine } from './engine.js';

const COUNT = process.env.HEAVY === undefined ? 60 : 2000;

async function disagreement(graph: Graph, optimise: (graph: Graph) => Graph): Promise<string | undefined> {
  const random = seededRandom(graph.name);
  const numbers = (shape: readonly number[]): Float32Array =>
    Float32Array.from({ length: shape.reduce((p, s) => p * s, 1) }, () => random() * 2 - 1);
  const program = programOf(graph);
  const state = new Map(program.state.map(({ name, shape }) => [name, numbers(shape)]));
  const feeds = new Map(program.outputs[0]!.feeds.map(({ name, shape }) => [name, numbers(shape)]));
  const scalars = new Map([['s', 0.75]]);
  const expected = evaluateGraph(graph, { state, feeds, scalars });
  const rounded = evaluateRounded(graph, { state, feeds, scalars });
  const executable = await new WasmEngine({ optimise }).load(program);
  for (const [name, values] of state) await executable.writeState(name, values);
  await executable.run(graph.name, { feeds, scalars });
  for (const [name, { data }] of expected.values) {
    const error = nmse(await executable.read(graph.name, name), data);
    if (!(error <= 1e-8 + 1e3 * nmse(rounded.values.get(name)!, data)))
      return `${graph.name}: value ${name}: ${error}`;
  }
  for (const { name } of program.state) {
    const after = expected.state.get(name)?.data ?? state.get(name)!;
    const error = nmse(await executable.readState(name), after);
    const unavoidable = nmse(rounded.state.get(name) ?? after, after);
    if (!(error <= 1e-8 + 1e3 * unavoidable)) return `${graph.name}: state ${name}: ${error}`;
  }
  return undefined;
}

/** The graph with every node rounded to float32: how much of an error the format alone makes, by cancellation. */
function evaluateRounded(
  graph: Graph,
  inputs: ReferenceInputs,
): { values: Map<string, Float32Array>; state: Map<string, Float32Array> } {
  const tensors: { shape: readonly number[]; data: Float64Array }[] = [];
  graph.nodes.forEach((node, id) => {
    const alone: Graph = {
      name: graph.name,
      nodes: [
        ...node.inputs.map(
          (input, i) =>
            ({
              op: 'input',
              inputs: [],
              attributes: { source: 'feed', name: `in${i}`, shape: graph.nodes[input]!.shape },
              shape: graph.nodes[input]!.shape,
            }) as const,
        ),
        { ...node, inputs: node.inputs.map((_, i) => i) },
      ],
      outputs: [{ kind: 'value', name: 'y', node: node.inputs.length }],
    };
    const feeds = new Map(node.inputs.map((input, i) => [`in${i}`, tensors[input]!.data] as const));
    const { data } = evaluateGraph(alone, node.op === 'input' ? inputs : { feeds }).values.get('y')!;
    tensors[id] = { shape: node.shape, data: data.map(Math.fround) };
  });
  const results = { values: new Map<string, Float32Array>(), state: new Map<string, Float32Array>() };
  for (const { kind, name, node } of graph.outputs)
    (kind === 'value' ? results.values : results.state).set(name, Float32Array.from(tensors[node]!.data));
  return results;
}

describe('random graphs', () => {
  for (const size of [6, 25, 80]) {
    it(`of ${size} growth steps give the reference's values and state`, async () => {
      const found: string[] = [];
      for (let i = 0; i < COUNT; i++) {
        const wrong = await disagreement(randomGraph(`${size}/${i}`, size), (graph) => graph);
        if (wrong !== undefined) found.push(wrong);
      }
      expect(found).toEqual([]);
    });
  }

  it('give the same after the passes', async () => {
    const found: string[] = [];
    for (let i = 0; i < COUNT / 2; i++) {
      const wrong = await disagreement(randomGraph(`passes/${i}`, 40), optimize);
      if (wrong !== undefined) found.push(wrong);
    }
    expect(found).toEqual([]);
  });
});
