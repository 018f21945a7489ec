import { describe, expect, it } from 'vitest';
import { randomGraph } from '../../test/ops/random-graph.js';
import { GraphBuilder } from '../graph/builder.js';
import { input, mean, mul, scale, tanh } from '../graph/construct.js';
import type { Graph } from '../graph/graph.js';
import { planGraphs, type PlacedGraph } from './plan.js';
import { planStages, withThreads, type HandOver } from './stages.js';

const FREE: HandOver = { stage: 0, run: 0 };

function placed(graph: Graph): PlacedGraph {
  const state = new Map<string, number>();
  const elements = (shape: readonly number[]): number => shape.reduce((p, s) => p * s, 1);
  for (const node of graph.nodes)
    if (node.op === 'input' && node.attributes.source === 'state')
      state.set(node.attributes.name, elements(node.shape));
  for (const { kind, name, node } of graph.outputs)
    if (kind === 'state') state.set(name, elements(graph.nodes[node]!.shape));
  return planGraphs(
    [graph],
    [...state].map(([name, count]) => ({ name, elements: count })),
  ).graphs[0]!;
}

/** Places in memory that a launch reads or writes, as ranges of bytes. */
function ranges(graph: PlacedGraph, launch: number, what: 'reads' | 'writes'): [number, number][] {
  return graph.plan.launches[launch]![what].map((id) => {
    const start = graph.offsets.get(id)!;
    return [start, start + 4 * graph.plan.buffers[id]!.elements];
  });
}

const meet = (a: [number, number][], b: [number, number][]): boolean =>
  a.some(([from, to]) => b.some(([start, end]) => from < end && start < to));

/** Two launches of a stage that one thread could run while another runs the other, and that must not. */
function races(graph: PlacedGraph, threads: number, cost: HandOver): string[] {
  const found: string[] = [];
  for (const stage of planStages(graph, threads, cost).stages) {
    stage.forEach((a, i) => {
      for (const b of stage.slice(i + 1)) {
        if (a.by === b.by && a.by !== 'all') continue;
        const [readsA, writesA] = [ranges(graph, a.launch, 'reads'), ranges(graph, a.launch, 'writes')];
        const [readsB, writesB] = [ranges(graph, b.launch, 'reads'), ranges(graph, b.launch, 'writes')];
        if (meet(writesA, [...readsB, ...writesB]) || meet(readsA, writesB))
          found.push(`${graph.name}: ${a.launch} by ${a.by} and ${b.launch} by ${b.by}`);
      }
    });
  }
  return found;
}

describe('planStages', () => {
  it('lets no two threads touch what one of them writes', () => {
    const found: string[] = [];
    for (let i = 0; i < 60; i++) {
      const graph = placed(randomGraph(`stages/${i}`, 50));
      for (const threads of [2, 5])
        for (const cost of [FREE, { stage: 2000, run: 0 }]) found.push(...races(graph, threads, cost));
    }
    expect(found).toEqual([]);
  });

  it('runs every launch once, stage by stage in order, and in a stage first what one thread does alone', () => {
    for (let i = 0; i < 20; i++) {
      const graph = placed(randomGraph(`stages/${i}`, 50));
      const { stages } = planStages(graph, 3, FREE);
      const inOrder = stages.map((stage) => stage.map(({ launch }) => launch).toSorted((a, b) => a - b));
      expect(inOrder.flat()).toEqual(graph.plan.launches.map((_, at) => at));
      for (const stage of stages) {
        const alone = stage.filter(({ by }) => by !== 'all');
        expect(stage.slice(0, alone.length)).toEqual(alone);
        expect(alone).toEqual(alone.toSorted((a, b) => a.launch - b.launch));
      }
    }
  });

  it('splits what is worth it, and has a chain of small launches run by one thread without a wait', () => {
    const b = new GraphBuilder();
    const x = input(b, 'feed', 'x', [64, 4096]);
    const large = tanh(b, x);
    const small = mean(b, large);
    const graph = placed(
      b.build('g', [
        { kind: 'value', name: 'large', node: mul(b, large, large) },
        { kind: 'value', name: 'small', node: scale(b, mul(b, small, tanh(b, small)), 2) },
      ]),
    );
    const { stages, alone, together } = planStages(graph, 2);
    const kinds = stages.map((stage) =>
      stage.map(({ launch, by }) => `${graph.plan.launches[launch]!.kernel.kind} ${by}`).join(', '),
    );
    expect(kinds).toMatchInlineSnapshot(`
      [
        "pointwise all",
        "reduction all",
        "reduction 0",
      ]
    `);
    expect(together).toBeLessThan(alone);
  });

  it('gives launches that need nothing of each other to the thread with the least to do', () => {
    const b = new GraphBuilder();
    const values = ['p', 'q', 'r'].map((name, i) => {
      const x = input(b, 'feed', name, [100 + i]);
      return { kind: 'value' as const, name, node: tanh(b, x) };
    });
    const { stages } = planStages(placed(b.build('g', values)), 2);
    expect(stages.map((stage) => stage.map(({ by }) => by))).toEqual([[0, 1, 0]]);
  });
});

it('withThreads gives every thread scratch memory of its own', () => {
  const b = new GraphBuilder();
  const x = input(b, 'feed', 'x', [4]);
  const plan = planGraphs([b.build('g', [{ kind: 'value', name: 'y', node: tanh(b, x) }])], []);
  const scratch = { ...plan, scratchStride: 640, memory: { ...plan.memory, scratchBytes: 640 } };
  const { memory } = withThreads(scratch, 3);
  expect(memory.scratchBytes).toBe(1920);
  expect(memory.plannedBytes).toBe(plan.memory.plannedBytes + 1280);
});
