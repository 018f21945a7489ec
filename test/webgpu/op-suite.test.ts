/** The shared op suite on WebGPU: every op alone, in the middle of a loss, and differentiated twice, against the reference. */
import { describe, expect, it } from 'vitest';
import type { Graph } from '../../compiler/graph/graph.js';
import { evaluateGraph } from '../../runtimes/reference/evaluate-graph.js';
import { WebgpuEngine } from '../../runtimes/webgpu/engine.js';
import { OP_CASES } from '../ops/cases.js';
import { COMPOSITE_CASES } from '../ops/composite-cases.js';
import { fuzzCases } from '../ops/fuzz-cases.js';
import { nmse } from '../ops/nmse.js';
import { caseFeeds, caseGraph, gradientGraph, secondOrderGraph, type OpCase } from '../ops/op-case.js';
import { programOf } from '../ops/program-of.js';
import { webgpuDevice } from './devices.js';

const FORWARD = 1e-10;
const GRADIENT = 1e-8;
const heavy = process.env['HEAVY'] !== undefined;

const webgpu = await webgpuDevice();

interface Check {
  readonly graph: Graph;
  readonly opCase: OpCase;
  readonly limit: number;
}

/** Second derivatives in the heavy run alone: shaders take a driver on the CPU long to compile. */
function checksOf(opCase: OpCase): Check[] {
  const checks = [{ graph: caseGraph(opCase), opCase, limit: FORWARD }];
  if (!opCase.inputs.some(({ differentiable }) => differentiable)) return checks;
  checks.push({ graph: gradientGraph(opCase), opCase, limit: GRADIENT });
  if (heavy && opCase.order === 2) checks.push({ graph: secondOrderGraph(opCase), opCase, limit: GRADIENT });
  return checks;
}

describe.runIf(webgpu !== undefined)('the op suite on WebGPU', () => {
  const cases = [...OP_CASES, ...COMPOSITE_CASES];
  const groups = [...new Set(cases.map(({ op }) => op))].map((op) => ({
    what: `${op} and its gradients`,
    group: cases.filter((opCase) => opCase.op === op),
  }));
  groups.push({ what: 'random shapes', group: fuzzCases(1, heavy ? 300 : 15) });

  async function disagreements({ graph, opCase, limit }: Check): Promise<string[]> {
    const feeds = caseFeeds(opCase);
    const engine = new WebgpuEngine(webgpu!.device, { ...webgpu!, optimise: (plain) => plain });
    const executable = await engine.load(programOf(graph));
    await executable.run(graph.name, { feeds, scalars: new Map() });
    const found: string[] = [];
    for (const [name, { data }] of evaluateGraph(graph, { feeds }).values) {
      const error = nmse(await executable.read(graph.name, name), data);
      if (!(error <= limit)) found.push(`${graph.name}: ${name} is off by ${error}`);
    }
    executable.dispose();
    return found;
  }

  it.each(groups)('computes $what', { timeout: 600_000 }, async ({ group }) => {
    const found: string[] = [];
    for (const check of group.flatMap(checksOf)) found.push(...(await disagreements(check)));
    expect(found).toEqual([]);
  });
});
