import { describe, expect, it } from 'vitest';
import { randomGraph } from '../../test/ops/random-graph.js';
import { GraphBuilder } from '../graph/builder.js';
import {
  add,
  broadcastTo,
  concat,
  conv,
  elu,
  input,
  mean,
  mul,
  reshape,
  scale,
  sub,
  sum,
} from '../graph/construct.js';
import type { Graph } from '../graph/graph.js';
import { dumpGraphPlan } from './dump.js';
import { forEachStoring, NeedsStorage } from './fuse.js';
import type { GraphPlan } from './kernel.js';
import { continuations, lifetimes } from './memory.js';
import { planGraph, planGraphs } from './plan.js';
import { verifyPlan } from './plan-verify.js';

const stateOf = (graph: Graph): { name: string; elements: number }[] => {
  const state = new Map<string, number>();
  const note = (name: string, shape: readonly number[]): void => {
    state.set(
      name,
      shape.reduce((p, s) => p * s, 1),
    );
  };
  for (const node of graph.nodes)
    if (node.op === 'input' && node.attributes.source === 'state') note(node.attributes.name, node.shape);
  for (const { kind, name, node } of graph.outputs)
    if (kind === 'state') note(name, graph.nodes[node]!.shape);
  return [...state].map(([name, elements]) => ({ name, elements }));
};

const showAll = (plan: GraphPlan): string[] =>
  plan.launches.map(({ name, kernel, shape }) => `${kernel.kind} [${shape.join()}] ${name}`);

describe('a large sum', () => {
  const partsOf = (elements: number, wide: boolean): number[] => {
    const b = new GraphBuilder();
    const graph = b.build('g', [
      { kind: 'value', name: 'y', node: sum(b, input(b, 'feed', 'x', [elements])) },
    ]);
    return planGraph(graph, { wide }).launches.map(({ kernel }) => kernel.tiles);
  };

  it('is taken in parts that make many threads busy, or a few', () => {
    expect(partsOf(4096, false)).toEqual([1]);
    expect(partsOf(65_536, false)).toEqual([4, 1]);
    expect(partsOf(1024, true)).toEqual([1]);
    expect(partsOf(4096, true)).toEqual([4, 1]);
    expect(partsOf(2 ** 20, true)).toEqual([64, 1]);
  });
});

/** y = c * elu(conv(x, w) + b) + (1 - c) * x, then a loss on it. */
function blendGraph(): Graph {
  const b = new GraphBuilder();
  const x = input(b, 'feed', 'x', [2, 8, 8, 16]);
  const w = input(b, 'state', 'w', [3, 3, 16, 16]);
  const bias = input(b, 'state', 'b', [16]);
  const carry = input(b, 'scalar', 'carry', []);
  const y = conv(b, x, w, {
    strides: [1, 1],
    padding: [
      [1, 1],
      [1, 1],
    ],
  });
  const activated = elu(b, add(b, y, broadcastTo(b, bias, b.shape(y))));
  const blended = add(
    b,
    mul(b, carry, x),
    mul(b, sub(b, b.emit('constant', [], { value: 1 }), carry), activated),
  );
  return b.build('blend', [
    { kind: 'value', name: 'y', node: blended },
    { kind: 'value', name: 'loss', node: mean(b, blended) },
  ]);
}

describe('fusion', () => {
  it('puts bias, activation, blend and scalar factors into the convolution, written once', () => {
    const plan = planGraph(blendGraph());
    expect(showAll(plan)).toMatchInlineSnapshot(`
      [
        "pointwise [] sub",
        "layout [1,3,3,16,16] pack",
        "convolution [2,8,8,16] conv+mul+add+elu",
        "reduction [] reduce_sum+mul",
      ]
    `);
  });

  it('keeps a convolution whose operand is stretched or transposed without copying it first', () => {
    const b = new GraphBuilder();
    const small = input(b, 'feed', 'x', [2, 3, 3, 4]);
    const apart = b.emit('reshape', [small], { shape: [2, 3, 1, 3, 1, 4] });
    const spread = b.emit('broadcast', [apart], { shape: [2, 3, 2, 3, 2, 4], axes: [0, 1, 2, 3, 4, 5] });
    const upsampled = b.emit('reshape', [spread], { shape: [2, 6, 6, 4] });
    const w = input(b, 'state', 'w', [3, 3, 4, 8]);
    const y = conv(b, upsampled, w, {
      strides: [1, 1],
      padding: [
        [1, 1],
        [1, 1],
      ],
    });
    const plan = planGraph(b.build('upsampled', [{ kind: 'value', name: 'y', node: y }]));
    expect(plan.launches.map(({ kernel }) => kernel.kind)).toEqual(['layout', 'convolution']);
  });

  it('makes the parts of a concat along the batch where they belong', () => {
    const b = new GraphBuilder();
    const [left, right] = [input(b, 'feed', 'l', [2, 8]), input(b, 'feed', 'r', [8, 4])];
    const product = b.emit('dot', [left, right], { transposeA: false, transposeB: false });
    const joined = concat(b, [product, input(b, 'feed', 'o', [3, 4])], 0);
    const plan = planGraph(
      b.build('joined', [{ kind: 'value', name: 'y', node: b.emit('reduce_sum', [joined], { axes: [0] }) }]),
    );
    expect(plan.launches.map(({ kernel }) => kernel.kind)).toEqual(['dot', 'layout', 'reduction']);
  });

  it('computes the parts of a concat that is an output in their places, and stores them nowhere else', () => {
    const b = new GraphBuilder();
    const parts = ['l', 'r'].map((name) => elu(b, input(b, 'feed', name, [2, 64])));
    const plan = planGraph(b.build('joined', [{ kind: 'value', name: 'y', node: concat(b, parts, 0) }]));
    expect(plan.launches.map(({ kernel }) => kernel.kind)).toEqual(['pointwise', 'pointwise']);
    expect(plan.buffers.map(({ kind }) => kind)).toEqual(['feed', 'feed', 'value']);
  });

  it('updates state in place where nothing reads the old content later, and through a copy where it must', () => {
    const b = new GraphBuilder();
    const [p, q] = [input(b, 'state', 'p', [64]), input(b, 'state', 'q', [64])];
    const inPlace = planGraph(
      b.build('step', [{ kind: 'state', name: 'p', node: sub(b, p, scale(b, q, 0.1)) }]),
    );
    expect(inPlace.launches).toHaveLength(1);
    const swapped = planGraph(
      b.build('swap', [
        { kind: 'state', name: 'p', node: q },
        { kind: 'state', name: 'q', node: p },
      ]),
    );
    expect(swapped.launches.length).toBeGreaterThanOrEqual(3);
  });
});

describe('the memory plan', () => {
  const graphs = Array.from({ length: 150 }, (_, i) => randomGraph(`memory/${i}`, 10 + (i % 70)));

  it('never lets two buffers that are needed at the same time overlap', () => {
    for (const graph of graphs) {
      const { graphs: placed } = planGraphs([graph], stateOf(graph));
      const { plan, offsets } = placed[0]!;
      const continued = continuations(plan);
      const lives = lifetimes(plan);
      for (const one of lives) {
        for (const other of lives) {
          if (one.buffer >= other.buffer) continue;
          const together = one.first <= other.last && other.first <= one.last;
          const goesOn =
            continued.get(one.buffer) === other.buffer || continued.get(other.buffer) === one.buffer;
          if (!together || goesOn) continue;
          const span = (id: number): [number, number] => [
            offsets.get(id)!,
            offsets.get(id)! + plan.buffers[id]!.elements * 4,
          ];
          const [[from, to], [otherFrom, otherTo]] = [span(one.buffer), span(other.buffer)];
          expect(to <= otherFrom || otherTo <= from, `${graph.name}: ${one.buffer} and ${other.buffer}`).toBe(
            true,
          );
        }
      }
    }
  });

  it('takes less than a buffer for every node', () => {
    let [planned, unfused] = [0, 0];
    for (const graph of graphs) {
      const { memory } = planGraphs([graph], stateOf(graph));
      planned += memory.stateBytes + memory.heapBytes;
      unfused += memory.unfusedBytes;
    }
    expect(planned / unfused).toBeLessThan(0.6);
  });

  it('shares one heap and one state among graphs', () => {
    const one = planGraphs([blendGraph()], stateOf(blendGraph()));
    const two = planGraphs([blendGraph(), { ...blendGraph(), name: 'again' }], stateOf(blendGraph()));
    expect(two.memory.heapBytes).toBe(one.memory.heapBytes);
    expect(two.memory.stateBytes).toBe(one.memory.stateBytes);
  });

  it('is the same for the same graph', () => {
    for (const graph of graphs.slice(0, 20)) {
      const dumps = [1, 2].map(() => {
        const { plan, offsets } = planGraphs([graph], stateOf(graph)).graphs[0]!;
        return dumpGraphPlan(plan, offsets);
      });
      expect(dumps[0]).toBe(dumps[1]);
    }
  });
});

describe('verifyPlan', () => {
  const placed = planGraphs([blendGraph()], stateOf(blendGraph()));
  const { plan, offsets } = placed.graphs[0]!;
  const placement = { offsets, plannedBytes: placed.memory.plannedBytes };
  const withLaunch = (at: number, change: Partial<GraphPlan['launches'][number]>): GraphPlan => ({
    ...plan,
    launches: plan.launches.map((launch, i) => (i === at ? { ...launch, ...change } : launch)),
  });

  it('accepts what the planner makes', () => {
    expect(() => verifyPlan(plan, placement)).not.toThrow();
  });

  it('refuses a read before the write', () => {
    const backwards = { ...plan, launches: plan.launches.toReversed() };
    expect(() => verifyPlan(backwards, placement)).toThrow(/before anything wrote it$/);
  });

  it('refuses places outside of their buffer', () => {
    const at = plan.launches.findIndex(({ name }) => name === 'pack');
    const { places } = plan.launches[at]!;
    const moved = withLaunch(at, { places: places.map((place) => ({ ...place, offset: place.offset + 1 })) });
    expect(() => verifyPlan(moved, placement)).toThrow(
      `plan of blend: launch ${at} (pack) touches elements 1 to 2304 of 'w', which has 2304`,
    );
  });

  it('refuses memory that two buffers need at the same time', () => {
    const heap = plan.buffers.find(({ kind, elements }) => kind === 'heap' && elements === 2304)!;
    const weights = plan.buffers.find(({ name }) => name === 'w')!;
    const overlapping = new Map(offsets).set(heap.id, offsets.get(weights.id)!);
    expect(() => verifyPlan(plan, { ...placement, offsets: overlapping })).toThrow(
      /share memory while both are needed$/,
    );
  });

  it('refuses parts that are not in their whole', () => {
    const b = new GraphBuilder();
    const parts = ['l', 'r'].map((name) => b.emit('exp', [input(b, 'feed', name, [32])], {}));
    const joined = b.emit(
      'dot',
      [concat(b, parts, 0), concat(b, parts, 0)].map((id) => reshape(b, id, [8, 8])),
      {
        transposeA: false,
        transposeB: false,
      },
    );
    const graph = b.build('joined', [{ kind: 'value', name: 'y', node: joined }]);
    const whole = planGraphs([graph], []);
    const { plan: own, offsets: at } = whole.graphs[0]!;
    const part = own.buffers.find(({ within }) => within?.offset === 32)!;
    const placed = { plannedBytes: whole.memory.plannedBytes };
    const named = (change: Partial<typeof part>): GraphPlan => ({
      ...own,
      buffers: own.buffers.map((buffer) =>
        buffer === part ? { ...part, name: 'second', ...change } : buffer,
      ),
    });
    const moved = new Map(at).set(part.id, at.get(part.id)! + 64);
    expect(() => verifyPlan(own, { ...placed, offsets: at })).not.toThrow();
    expect(() => verifyPlan(named({}), { ...placed, offsets: moved })).toThrow(
      "plan of joined: 'second' does not lie in '', which it is a part of",
    );
    const { buffer } = part.within!;
    const beyond = named({ within: { buffer, offset: 33 } });
    expect(() => verifyPlan(beyond, { ...placed, offsets: at })).toThrow(
      "plan of joined: 'second' reaches beyond '', which it is a part of",
    );
  });

  it('refuses memory beyond the end', () => {
    expect(() => verifyPlan(plan, { ...placement, plannedBytes: 1000 })).toThrow(
      /beyond the 1000 planned bytes$/,
    );
  });
});

describe('values that must be stored', () => {
  it('are all found in one go, not one per attempt', () => {
    const visited: number[] = [];
    const find = (): void =>
      forEachStoring([1, 2, 3, 4], (member) => {
        visited.push(member);
        if (member % 2 === 0) throw new NeedsStorage(member * 10);
      });
    expect(find).toThrow('internal: nodes 20, 40 must be stored');
    expect(visited).toEqual([1, 2, 3, 4]);
  });

  it('are not what another error is about', () => {
    const fail = (): void => {
      throw new RangeError('another');
    };
    expect(() => forEachStoring([1], fail)).toThrow(RangeError);
  });
});
