/** The op suite on the wasm engine against the reference; each graph is a program of its own. */
import { describe, expect, it } from 'vitest';
import type { Graph } from '../../compiler/graph/graph.js';
import { OP_CASES } from '../../test/ops/cases.js';
import { COMPOSITE_CASES } from '../../test/ops/composite-cases.js';
import { fuzzCases } from '../../test/ops/fuzz-cases.js';
import { nmse } from '../../test/ops/nmse.js';
import { caseFeeds, caseGraph, gradientGraph, secondOrderGraph } from '../../test/ops/op-case.js';
import type { OpCase } from '../../test/ops/op-case.js';
import { programOf } from '../../test/ops/program-of.js';
import { evaluateGraph } from '../reference/evaluate-graph.js';
import { WasmEngine } from './engine.js';

const engine = new WasmEngine({ optimise: (graph) => graph });

/** The worst output's name and error where it is above the limit. */
async function disagreement(graph: Graph, opCase: OpCase, limit: number): Promise<string | undefined> {
  const feeds = caseFeeds(opCase);
  const expected = evaluateGraph(graph, { feeds });
  const executable = await engine.load(programOf(graph));
  await executable.run(graph.name, { feeds, scalars: new Map() });
  for (const [name, { data }] of expected.values) {
    const error = nmse(await executable.read(graph.name, name), data);
    if (!(error <= limit)) return `${graph.name}: ${name}: ${error}`;
  }
  executable.dispose();
  return undefined;
}

async function disagreements(cases: readonly OpCase[]): Promise<string[]> {
  const found: (string | undefined)[] = [];
  for (const opCase of cases) {
    found.push(await disagreement(caseGraph(opCase), opCase, 1e-10));
    if (!opCase.inputs.some(({ differentiable }) => differentiable)) continue;
    found.push(await disagreement(gradientGraph(opCase), opCase, 1e-8));
    if (opCase.order === 2) found.push(await disagreement(secondOrderGraph(opCase), opCase, 1e-8));
  }
  return found.filter((message) => message !== undefined);
}

describe('wasm against the reference', () => {
  const byOp = grouped([...OP_CASES, ...COMPOSITE_CASES]);
  for (const [op, cases] of byOp) {
    it(`computes ${op} and its gradients`, async () => {
      expect(await disagreements(cases)).toEqual([]);
    });
  }

  for (let seed = 1; seed <= 4; seed++) {
    it(`computes random shapes and their gradients, seed ${seed}`, async () => {
      expect(await disagreements(fuzzCases(seed, 40))).toEqual([]);
    });
  }
});

function grouped(cases: readonly OpCase[]): Map<OpCase['op'], OpCase[]> {
  const groups = new Map<OpCase['op'], OpCase[]>();
  for (const opCase of cases) {
    const group = groups.get(opCase.op);
    if (group === undefined) groups.set(opCase.op, [opCase]);
    else group.push(opCase);
  }
  return groups;
}
