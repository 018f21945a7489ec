/** The shared op suite as TensorFlow.js graph models: every op alone, and in the middle of a loss, against the reference. */
import { beforeAll, describe, expect, it, test } from 'vitest';
import { broadcast } from '../../compiler/graph/construct.js';
import type { Graph } from '../../compiler/graph/graph.js';
import { GRAPH_MODEL_LOWERINGS } from '../../compiler/tensorflow/graph-model-lowerings.js';
import { encodeGraphModel } from '../../compiler/tensorflow/graph-model.js';
import { frozenModel } from '../../compiler/tensorflow/frozen-model.js';
import { createTfjsWasmEngine } from '../../runtimes/node/tfjs-wasm.js';
import { evaluateGraph } from '../../runtimes/reference/evaluate-graph.js';
import { OP_CASES } from '../ops/cases.js';
import { COMPOSITE_CASES } from '../ops/composite-cases.js';
import { fuzzCases } from '../ops/fuzz-cases.js';
import { nmse } from '../ops/nmse.js';
import { caseFeeds, caseGraph, caseInput, gradientGraph, type OpCase } from '../ops/op-case.js';
import { programOf } from '../ops/program-of.js';
import { LoadedModel } from './loaded-model.js';

const FORWARD = 1e-10;
const GRADIENT = 1e-8;

beforeAll(async () => {
  await createTfjsWasmEngine();
});

async function failures(graph: Graph, opCase: OpCase, limit: number): Promise<string[]> {
  const feeds = caseFeeds(opCase);
  const program = programOf(graph);
  const source = program.outputs[0]!;
  const frozen = frozenModel([{ source, scalars: new Map() }], [], new Map(), GRAPH_MODEL_LOWERINGS);
  const loaded = await LoadedModel.load(
    encodeGraphModel(frozen, { generatedBy: 'test', weights: 'float32' }),
  );
  const expected = evaluateGraph(graph, { feeds }).values;
  const given = new Map(source.feeds.map(({ name, shape }) => [name, { shape, data: feeds.get(name)! }]));
  const values = await loaded.execute(given, [...expected.keys()]);
  loaded.dispose();
  return [...expected].flatMap(([name, { data }]) => {
    const error = nmse(values.get(name)!, data);
    return error <= limit ? [] : [`${graph.name}: ${name} is off by ${error}`];
  });
}

/** Stretched and other axes in turn, more of them than are stretched in one step. */
const ALTERNATING: OpCase = {
  name: 'broadcast [2,1,3,1,2,1,1] to [2,3,3,2,2,2,1]',
  op: 'broadcast',
  inputs: [caseInput('x', [2, 1, 3, 1, 2, 1, 1])],
  build: (b, [x]) => broadcast(b, x!, [2, 3, 3, 2, 2, 2, 1], [0, 1, 2, 3, 4, 5, 6]),
  order: 1,
};

test('many stretched axes are stretched a few at a time', async () => {
  expect(await failures(caseGraph(ALTERNATING), ALTERNATING, 0)).toEqual([]);
  const { nodes } = frozenModel(
    programOf(caseGraph(ALTERNATING)).outputs.map((source) => ({ source, scalars: new Map() })),
    [],
    new Map(),
    GRAPH_MODEL_LOWERINGS,
  );
  expect(nodes.filter(({ op }) => op === 'BroadcastTo')).toHaveLength(2);
});

describe('the op suite as graph models on tfjs-backend-wasm', () => {
  const cases = [...OP_CASES, ...COMPOSITE_CASES, ...fuzzCases(1, process.env['HEAVY'] ? 2000 : 50)];

  it.each(cases.map((opCase) => [opCase.name, opCase] as const))('%s', async (_name, opCase) => {
    expect(await failures(caseGraph(opCase), opCase, FORWARD)).toEqual([]);
    if (!opCase.inputs.some(({ differentiable }) => differentiable)) return;
    expect(await failures(gradientGraph(opCase), opCase, GRADIENT)).toEqual([]);
  });
});
