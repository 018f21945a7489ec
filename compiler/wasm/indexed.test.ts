import { describe, expect, it } from 'vitest';
import { loadPlan } from '../../runtimes/wasm/engine.js';
import { webAssembly } from '../../runtimes/wasm/web-assembly.js';
import { evaluateGraph } from '../../runtimes/reference/evaluate-graph.js';
import { seededRandom } from '../../test/ops/random.js';
import { GraphBuilder } from '../graph/builder.js';
import { argsort, gather, input, scatter } from '../graph/construct.js';
import type { Graph, NodeId } from '../graph/graph.js';
import { planGraphs } from '../plan/plan.js';

const ROWS = 300;
const LENGTH = 130;
const INDICES = 700;

function graphOf(build: (b: GraphBuilder, rows: NodeId, indices: NodeId) => NodeId, rows = ROWS): Graph {
  const b = new GraphBuilder();
  const node = build(
    b,
    input(b, 'feed', 'rows', [rows, LENGTH]),
    input(b, 'feed', 'indices', [rows === ROWS ? INDICES : rows]),
  );
  return b.build('run', [{ kind: 'value', name: 'y', node }]);
}

const reading = graphOf(gather);
const writing = graphOf((b, updates, indices) => scatter(b, updates, indices, ROWS), INDICES);

/** `index` gives the indices from a random number in [0, 1). */
function feedsOf(graph: Graph, index: (random: number) => number): Map<string, Float32Array> {
  const random = seededRandom('indexed');
  return new Map(
    graph.nodes.flatMap((node) => {
      if (node.op !== 'input') return [];
      const { name, shape } = node.attributes;
      const draw = name === 'indices' ? () => index(random()) : () => random() - 0.5;
      return [[name, Float32Array.from({ length: shape.reduce((p, s) => p * s, 1) }, draw)] as const];
    }),
  );
}

const inRange = (random: number): number => Math.floor(random * ROWS);
const scalars = new Map<string, number>();

describe('kernels that find their places by indices', () => {
  it.each([
    ['gather', reading],
    ['scatter', writing],
  ])('%s gives the same bits whatever order its tiles are done in', async (_op, graph) => {
    const feeds = feedsOf(graph, inRange);
    const plan = planGraphs([graph], []);
    const { tiles } = plan.graphs[0]!.plan.launches[0]!.kernel;
    expect(tiles).toBeGreaterThan(4);
    const memory = new webAssembly.Memory({ initial: 1 });
    const [whole, parts] = [await loadPlan(plan), await loadPlan(plan, { memory })];
    whole.runNow('run', { feeds, scalars });
    // The inputs stay where a run put them; its result is made anew, in pairs of tiles.
    parts.runNow('run', { feeds, scalars });
    const { offset, elements } = plan.graphs[0]!.values.get('y')!;
    const pairs = Array.from({ length: Math.ceil(tiles / 2) }, (_, i) => [2 * i, Math.min(tiles, 2 * i + 2)]);
    for (const order of [pairs, pairs.toReversed()]) {
      new Float32Array(memory.buffer, offset, elements).fill(NaN);
      for (const [begin, end] of order) parts.runLaunch('run', 0, begin, end);
      const [expected, actual] = [await whole.read('run', 'y'), await parts.read('run', 'y')];
      expect(actual.findIndex((value, i) => !Object.is(value, expected[i]))).toBe(-1);
    }
  });

  it('adds rows of equal index in their order', async () => {
    const values = Float32Array.from({ length: INDICES }, (_, i) => (i % 3 === 0 ? 1e7 : 1 / (i + 1)));
    const b = new GraphBuilder();
    const sum = scatter(b, input(b, 'feed', 'rows', [INDICES]), input(b, 'feed', 'indices', [INDICES]), 2);
    const executable = await loadPlan(
      planGraphs([b.build('run', [{ kind: 'value', name: 'y', node: sum }])], []),
    );
    const indices = new Float32Array(INDICES).fill(1);
    executable.runNow('run', {
      feeds: new Map([
        ['rows', values],
        ['indices', indices],
      ]),
      scalars,
    });
    const expected = values.reduce((total, value) => Math.fround(total + value), 0);
    expect(await executable.read('run', 'y')).toEqual(Float32Array.of(0, expected));
  });

  const WILD = [
    -1,
    ROWS,
    ROWS + 0.5,
    0.5,
    2 ** 31,
    2 ** 32,
    -(2 ** 31),
    -(2 ** 40),
    1e30,
    NaN,
    Infinity,
    -Infinity,
  ];
  it.each([
    ['gather', reading],
    ['scatter', writing],
  ])('%s of indices that are none gives zeros and touches no other memory', async (_op, graph) => {
    const memory = new webAssembly.Memory({ initial: 1 });
    const base = 65_536;
    const plan = planGraphs([graph], []);
    const executable = await loadPlan(plan, { memory, base });
    const own = plan.memory.plannedBytes;
    const after = memory.buffer.byteLength - base - own;
    for (const [at, bytes] of [
      [0, base],
      [base + own, after],
    ] as const)
      new Uint8Array(memory.buffer, at, bytes).fill(0xab);
    executable.runNow('run', {
      feeds: feedsOf(graph, (random) => WILD[Math.floor(random * WILD.length)]!),
      scalars,
    });
    expect((await executable.read('run', 'y')).every((value) => value === 0)).toBe(true);
    for (const [at, bytes] of [
      [0, base],
      [base + own, after],
    ] as const)
      expect(new Uint8Array(memory.buffer, at, bytes).every((byte) => byte === 0xab)).toBe(true);
  });

  it('argsort sorts every length up to 40 as the reference, ties and NaN included', async () => {
    const drawn = [3, -1, 0, -0, NaN, Infinity, 2, -Infinity, 2, 5];
    for (let count = 1; count <= 40; count++) {
      const random = seededRandom(`argsort ${count}`);
      const x = Float32Array.from({ length: count }, () => drawn[Math.floor(random() * drawn.length)]!);
      const b = new GraphBuilder();
      const graph = b.build('run', [
        { kind: 'value', name: 'y', node: argsort(b, input(b, 'feed', 'x', [count])) },
      ]);
      const feeds = new Map([['x', x]]);
      const executable = await loadPlan(planGraphs([graph], []));
      executable.runNow('run', { feeds, scalars });
      expect([...(await executable.read('run', 'y'))]).toEqual([
        ...evaluateGraph(graph, { feeds }).values.get('y')!.data,
      ]);
    }
  });
});
