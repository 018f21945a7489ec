/**
 * The shared op suite on the native addon, as graphs (runtimes/cuda) and op by op (runtimes/tfjs on the same TensorFlow):
 * every op alone, in the middle of a loss, and differentiated twice, against the reference.
 */
import { describe, expect, it } from 'vitest';
import type { Graph } from '../../compiler/graph/graph.js';
import { CudaEngine } from '../../runtimes/cuda/engine.js';
import type { Engine } from '../../runtimes/engine.js';
import { createTfjsTensorflowEngine } from '../../runtimes/node/tfjs-tensorflow.js';
import { evaluateGraph } from '../../runtimes/reference/evaluate-graph.js';
import { OP_CASES } from '../ops/cases.js';
import { COMPOSITE_CASES } from '../ops/composite-cases.js';
import { fuzzCases } from '../ops/fuzz-cases.js';
import { nmse } from '../ops/nmse.js';
import { caseFeeds, caseGraph, gradientGraph, secondOrderGraph, type OpCase } from '../ops/op-case.js';
import { programOf } from '../ops/program-of.js';
import { nativeTensorflow } from './native-tensorflow.js';

const FORWARD = 1e-10;
const GRADIENT = 1e-8;
const heavy = process.env['HEAVY'] !== undefined;

const tensorflow = nativeTensorflow();

interface Check {
  readonly graph: Graph;
  readonly opCase: OpCase;
  readonly limit: number;
}

function checksOf(opCase: OpCase): Check[] {
  const checks = [{ graph: caseGraph(opCase), opCase, limit: FORWARD }];
  if (!opCase.inputs.some(({ differentiable }) => differentiable)) return checks;
  checks.push({ graph: gradientGraph(opCase), opCase, limit: GRADIENT });
  if (opCase.order === 2) checks.push({ graph: secondOrderGraph(opCase), opCase, limit: GRADIENT });
  return checks;
}

async function disagreements(engine: Engine, { graph, opCase, limit }: Check): Promise<string[]> {
  const feeds = caseFeeds(opCase);
  const found: string[] = [];
  const executable = await engine.load(programOf(graph));
  await executable.run(graph.name, { feeds, scalars: new Map() });
  for (const [name, { data }] of evaluateGraph(graph, { feeds }).values) {
    const error = nmse(await executable.read(graph.name, name), data);
    if (!(error <= limit)) found.push(`${graph.name}: ${name} is off by ${error}`);
  }
  executable.dispose();
  return found;
}

describe.runIf(tensorflow !== undefined)('the op suite on the native TensorFlow', () => {
  const cases = [...OP_CASES, ...COMPOSITE_CASES];
  const groups = [...new Set(cases.map(({ op }) => op))].map((op) => ({
    what: `${op} and its gradients`,
    group: cases.filter((opCase) => opCase.op === op),
  }));
  groups.push({ what: 'random shapes', group: fuzzCases(1, heavy ? 500 : 40) });

  describe.each([
    ['as a graph', () => new CudaEngine(tensorflow!.binding, { optimise: (graph: Graph) => graph })],
    ['op by op', () => createTfjsTensorflowEngine(tensorflow!.folder)],
  ] as const)('%s', (_, makeEngine) => {
    it.each(groups)('computes $what', async ({ group }) => {
      const engine = makeEngine();
      const found: string[] = [];
      for (const check of group.flatMap(checksOf)) found.push(...(await disagreements(engine, check)));
      expect(found).toEqual([]);
      expect(tensorflow!.binding.getNumOfTensors(), 'tensors left behind').toBe(0);
    });
  });
});
