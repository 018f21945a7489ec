/** The shared op suite on tfjs-backend-wasm: every op alone, and in the middle of a loss, against the reference. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Graph } from '../../compiler/graph/graph.js';
import { OP_CASES } from '../../test/ops/cases.js';
import { COMPOSITE_CASES } from '../../test/ops/composite-cases.js';
import { fuzzCases } from '../../test/ops/fuzz-cases.js';
import { nmse } from '../../test/ops/nmse.js';
import { caseFeeds, caseGraph, gradientGraph, type OpCase } from '../../test/ops/op-case.js';
import { programOf } from '../../test/ops/program-of.js';
import { createTfjsWasmEngine } from '../node/tfjs-wasm.js';
import { evaluateGraph } from '../reference/evaluate-graph.js';
import type { TfjsEngine } from './engine.js';

const FORWARD = 1e-10;
const GRADIENT = 1e-8;

let engine: TfjsEngine;
beforeAll(async () => {
  engine = await createTfjsWasmEngine();
});

async function errors(graph: Graph, opCase: OpCase): Promise<Map<string, number>> {
  const feeds = caseFeeds(opCase);
  const expected = evaluateGraph(graph, { feeds }).values;
  const { numTensors } = tf.memory();
  const executable = await engine.load(programOf(graph));
  await executable.run(graph.name, { feeds, scalars: new Map() });
  const found = new Map<string, number>();
  for (const [name, { data }] of expected)
    found.set(name, nmse(await executable.read(graph.name, name), data));
  executable.dispose();
  expect(tf.memory().numTensors, 'tensors left behind').toBe(numTensors);
  return found;
}

describe('the op suite on tfjs-backend-wasm', () => {
  const cases = [...OP_CASES, ...COMPOSITE_CASES, ...fuzzCases(1, process.env['HEAVY'] ? 2000 : 150)];

  it.each(cases.map((opCase) => [opCase.name, opCase] as const))('%s', async (_name, opCase) => {
    for (const [value, error] of await errors(caseGraph(opCase), opCase)) {
      expect(error, value).toBeLessThanOrEqual(FORWARD);
    }
    if (!opCase.inputs.some(({ differentiable }) => differentiable)) return;
    for (const [value, error] of await errors(gradientGraph(opCase), opCase)) {
      expect(error, value).toBeLessThanOrEqual(GRADIENT);
    }
  });
});
