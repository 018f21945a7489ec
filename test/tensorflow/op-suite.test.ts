/** The shared op suite in TensorFlow: every op alone, and in the middle of a loss, against the reference. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Graph } from '../../compiler/graph/graph.js';
import type { Executable, GraphInputs } from '../../runtimes/engine.js';
import { evaluateGraph } from '../../runtimes/reference/evaluate-graph.js';
import { OP_CASES } from '../ops/cases.js';
import { COMPOSITE_CASES } from '../ops/composite-cases.js';
import { fuzzCases } from '../ops/fuzz-cases.js';
import { nmse } from '../ops/nmse.js';
import { caseFeeds, caseGraph, gradientGraph, type OpCase } from '../ops/op-case.js';
import { programOf } from '../ops/program-of.js';
import { hasTensorflow, PythonTensorflow } from './python-tensorflow.js';

const FORWARD = 1e-10;
const GRADIENT = 1e-8;
/** Cases that are one model, run in one call: TensorFlow prepares its session anew for every other selection of outputs. */
const TOGETHER = 100;

interface Check {
  readonly graph: Graph;
  readonly opCase: OpCase;
  readonly limit: number;
}

function checksOf(opCase: OpCase): Check[] {
  const alone = { graph: caseGraph(opCase), opCase, limit: FORWARD };
  if (!opCase.inputs.some(({ differentiable }) => differentiable)) return [alone];
  return [alone, { graph: gradientGraph(opCase), opCase, limit: GRADIENT }];
}

async function failures(executable: Executable, { graph, opCase, limit }: Check): Promise<string[]> {
  const found: string[] = [];
  for (const [name, { data }] of evaluateGraph(graph, { feeds: caseFeeds(opCase) }).values) {
    const error = nmse(await executable.read(graph.name, name), data);
    if (!(error <= limit)) found.push(`${graph.name}: ${name} is off by ${error}`);
  }
  return found;
}

describe.runIf(hasTensorflow())('the op suite in TensorFlow', () => {
  let tensorflow: PythonTensorflow;
  beforeAll(() => {
    tensorflow = new PythonTensorflow();
  });
  afterAll(() => tensorflow.dispose());

  const cases = [...OP_CASES, ...COMPOSITE_CASES, ...fuzzCases(1, process.env['HEAVY'] ? 2000 : 50)];
  const groups = Array.from({ length: Math.ceil(cases.length / TOGETHER) }, (_, i) => ({
    first: i * TOGETHER + 1,
    group: cases.slice(i * TOGETHER, (i + 1) * TOGETHER),
  }));

  it.each(groups)('cases from number $first on', async ({ group }) => {
    const checks = group.flatMap(checksOf);
    const executable = await tensorflow.load(programOf(...checks.map(({ graph }) => graph)));
    const inputs = checks.map(({ graph, opCase }): [string, GraphInputs] => [
      graph.name,
      { feeds: caseFeeds(opCase), scalars: new Map() },
    ]);
    await executable.runTogether(new Map(inputs));
    const found: string[] = [];
    for (const check of checks) found.push(...(await failures(executable, check)));
    executable.dispose();
    expect(found).toEqual([]);
  });
});
