/** The shared op suite in ONNX Runtime: every op alone, and in the middle of a loss, against the reference. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Graph } from '../../compiler/graph/graph.js';
import { fixedRows, onnxModel } from '../../compiler/onnx/onnx-model.js';
import { encodeOnnx } from '../../compiler/onnx/protobuf.js';
import { evaluateGraph } from '../../runtimes/reference/evaluate-graph.js';
import { OP_CASES } from '../ops/cases.js';
import { COMPOSITE_CASES } from '../ops/composite-cases.js';
import { fuzzCases } from '../ops/fuzz-cases.js';
import { nmse } from '../ops/nmse.js';
import { caseFeeds, caseGraph, gradientGraph, type OpCase } from '../ops/op-case.js';
import { programOf } from '../ops/program-of.js';
import { hasOnnxRuntime, PythonOnnx } from './python-onnx.js';

const FORWARD = 1e-10;
/** The loss is one sum of numbers of both signs: where it nearly cancels (fuzz 1.438), ONNX Runtime's order of it is 1.2e-8 off. */
const GRADIENT = 1e-7;

describe.runIf(hasOnnxRuntime())('the op suite in ONNX Runtime', () => {
  const cases = [...OP_CASES, ...COMPOSITE_CASES, ...fuzzCases(1, process.env['HEAVY'] ? 2000 : 50)];
  let python: PythonOnnx;
  beforeAll(() => {
    python = new PythonOnnx();
  });
  afterAll(() => python.dispose());

  async function failures(graph: Graph, opCase: OpCase, limit: number): Promise<string[]> {
    const feeds = caseFeeds(opCase);
    const output = programOf(graph).outputs[0]!;
    const model = onnxModel(
      {
        output,
        rows: fixedRows(graph),
        scalars: new Map(),
        state: new Map(),
        inputDocs: new Map(),
      },
      { producer: { name: 'test', version: '1' }, doc: '', metadata: new Map() },
    );
    const loaded = await python.load(encodeOnnx(model));
    const given = new Map(output.feeds.map(({ name, shape }) => [name, { shape, data: feeds.get(name)! }]));
    const values = await python.run(loaded, given);
    await python.close(loaded);
    const expected = evaluateGraph(graph, { feeds }).values;
    return [...expected].flatMap(([name, { data }]) => {
      const error = nmse(values.get(name)!.data, data);
      return error <= limit ? [] : [`${graph.name}: ${name} is off by ${error}`];
    });
  }

  it.each(cases.map((opCase) => [opCase.name, opCase] as const))('%s', async (_name, opCase) => {
    expect(await failures(caseGraph(opCase), opCase, FORWARD)).toEqual([]);
    if (!opCase.inputs.some(({ differentiable }) => differentiable)) return;
    expect(await failures(gradientGraph(opCase), opCase, GRADIENT)).toEqual([]);
  });
});
