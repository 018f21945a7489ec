/** The op suite as engines run it: every op alone, in the middle of a loss, and differentiated twice, against the reference. */
import type { Graph } from '../../compiler/graph/graph.js';
import type { Engine } from '../../runtimes/engine.js';
import { evaluateGraph } from '../../runtimes/reference/evaluate-graph.js';
import { OP_CASES } from './cases.js';
import { COMPOSITE_CASES } from './composite-cases.js';
import { fuzzCases } from './fuzz-cases.js';
import { nmse } from './nmse.js';
import { caseFeeds, caseGraph, gradientGraph, secondOrderGraph, type OpCase } from './op-case.js';
import { programOf } from './program-of.js';

const FORWARD = 1e-10;
const GRADIENT = 1e-8;

export interface OpGroup {
  readonly what: string;
  readonly group: readonly OpCase[];
}

/** The cases of each op, and `random` cases of random shapes. */
export function opGroups(random: number): readonly OpGroup[] {
  const cases = [...OP_CASES, ...COMPOSITE_CASES];
  return [
    ...[...new Set(cases.map(({ op }) => op))].map((op) => ({
      what: `${op} and its gradients`,
      group: cases.filter((opCase) => opCase.op === op),
    })),
    { what: 'random shapes', group: fuzzCases(1, random) },
  ];
}

/** What of the cases' graphs, loaded one by one, is further off than float32 may be. */
export async function disagreements(
  engine: Engine,
  cases: readonly OpCase[],
  { secondOrder }: { readonly secondOrder: boolean },
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const opCase of cases) {
    const check = async (graph: Graph, limit: number): Promise<void> => {
      const feeds = caseFeeds(opCase);
      const executable = await engine.load(programOf(graph));
      await executable.run(graph.name, { feeds, scalars: new Map() });
      for (const [name, { data }] of evaluateGraph(graph, { feeds }).values) {
        const error = nmse(await executable.read(graph.name, name), data);
        if (!(error <= limit)) found.push(`${graph.name}: ${name} is off by ${error}`);
      }
      executable.dispose();
    };
    await check(caseGraph(opCase), FORWARD);
    if (!opCase.inputs.some(({ differentiable }) => differentiable)) continue;
    await check(gradientGraph(opCase), GRADIENT);
    if (secondOrder && opCase.order === 2) await check(secondOrderGraph(opCase), GRADIENT);
  }
  return found;
}
