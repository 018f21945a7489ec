/**
 * Winograd's convolutions against the reference. Their error is their own: 5e-7 to 9e-7 of the result was measured on
 * 1 to 96 channels (NMSE 8e-13), half again with relaxed SIMD; a plain sum in float32 has 1e-7 to 2e-7.
 */
import { setFlagsFromString } from 'node:v8';
import { describe, expect, it } from 'vitest';
import { gradient } from '../../compiler/autodiff/gradient.js';
import { GraphBuilder } from '../../compiler/graph/builder.js';
import {
  add,
  broadcastTo,
  conv,
  elu,
  mean,
  mul,
  scale,
  square,
  sub,
} from '../../compiler/graph/construct.js';
import type { Graph, NodeId, Padding2D, Shape } from '../../compiler/graph/graph.js';
import { planGraphs } from '../../compiler/plan/plan.js';
import type { ProgramPlan } from '../../compiler/plan/plan.js';
import { emitProgram } from '../../compiler/wasm/module.js';
import { OP_CASES } from '../../test/ops/cases.js';
import { nmse } from '../../test/ops/nmse.js';
import { caseFeeds, caseGraph, gradientGraph, secondOrderGraph } from '../../test/ops/op-case.js';
import { seededRandom } from '../../test/ops/random.js';
import { evaluateGraph } from '../reference/evaluate-graph.js';
import { loadPlan } from './engine.js';
import { hasWasmFeature } from './features.js';
import { homeOf, instantiate, LoadedModule } from './module.js';

// Of Node 20; later ones have it without.
setFlagsFromString('--experimental-wasm-relaxed-simd');

const LIMIT = 5e-12;
const STRIDES = [1, 1] as const;

type Feeds = ReadonlyMap<string, Float32Array>;

interface Problem {
  readonly graph: Graph;
  readonly feeds: Feeds;
}

function problem(
  seed: string,
  build: (b: GraphBuilder, input: (name: string, shape: Shape) => NodeId) => NodeId,
): Problem {
  const b = new GraphBuilder();
  const feeds = new Map<string, Float32Array>();
  const random = seededRandom(seed);
  const y = build(b, (name, shape) => {
    feeds.set(
      name,
      Float32Array.from({ length: shape.reduce((p, s) => p * s, 1) }, () => random() * 2 - 1),
    );
    return b.emit('input', [], { source: 'feed', name, shape });
  });
  return { graph: b.build('f', [{ kind: 'value', name: 'y', node: y }]), feeds };
}

interface Size {
  readonly batch: number;
  readonly rows: number;
  readonly columns: number;
  readonly from: number;
  readonly to: number;
  readonly padding: Padding2D;
}

function contractions({ batch, rows, columns, from, to, padding }: Size): readonly Problem[] {
  const [down, across] = [
    rows + padding[0][0] + padding[0][1] - 2,
    columns + padding[1][0] + padding[1][1] - 2,
  ];
  const label = JSON.stringify([batch, rows, columns, from, to, padding]);
  const attributes = { strides: STRIDES, padding };
  return [
    problem(label, (b, input) =>
      b.emit('conv', [input('x', [batch, rows, columns, from]), input('w', [3, 3, from, to])], attributes),
    ),
    problem(label, (b, input) =>
      b.emit('conv_input_gradient', [input('g', [batch, down, across, to]), input('w', [3, 3, from, to])], {
        ...attributes,
        size: [rows, columns],
      }),
    ),
    problem(label, (b, input) =>
      b.emit(
        'conv_filter_gradient',
        [input('x', [batch, rows, columns, from]), input('g', [batch, down, across, to])],
        { ...attributes, kernel: [3, 3] },
      ),
    ),
  ];
}

const planOf = (graph: Graph): ProgramPlan => planGraphs([graph], [], { winograd: 'always' });

const winogradKinds = (plan: ProgramPlan): string[] =>
  plan.graphs[0]!.plan.launches.map(({ kernel }) => kernel.kind).filter((kind) =>
    kind.startsWith('winograd'),
  );

async function error({ graph, feeds }: Problem, relaxed: boolean): Promise<number> {
  const plan = planOf(graph);
  expect(winogradKinds(plan)).not.toEqual([]);
  const executable = await loadPlan(plan, { relaxed });
  executable.runNow('f', { feeds, scalars: new Map() });
  return nmse(await executable.read('f', 'y'), evaluateGraph(graph, { feeds }).values.get('y')!.data);
}

async function beyondLimit(sizes: readonly Size[], relaxed: boolean): Promise<string[]> {
  const found: string[] = [];
  for (const size of sizes) {
    for (const one of contractions(size)) {
      const made = await error(one, relaxed);
      if (!(made <= LIMIT)) found.push(`${JSON.stringify(size)} ${one.graph.nodes.at(-1)!.op}: ${made}`);
    }
  }
  return found;
}

const BORDERS: readonly Padding2D[] = [
  // same and half
  [
    [1, 1],
    [1, 1],
  ],
  // valid
  [
    [0, 0],
    [0, 0],
  ],
  [
    [2, 2],
    [2, 2],
  ],
  [
    [0, 1],
    [2, 0],
  ],
];

function randomSizes(seed: string, count: number): Size[] {
  const random = seededRandom(seed);
  const upTo = (most: number): number => 1 + Math.floor(random() * most);
  return Array.from({ length: count }, (_, i) => {
    const padding = BORDERS[i % BORDERS.length]!;
    const least = padding[0][0] === 1 || padding[0][0] === 2 ? 0 : 2;
    const size = { rows: least + upTo(13 - least), columns: least + upTo(13 - least) };
    return { batch: upTo(5), ...size, from: upTo(40), to: upTo(40), padding };
  });
}

const MODES = hasWasmFeature('relaxed SIMD') ? [false, true] : [false];

describe.each(MODES)('Winograd, relaxed SIMD %s', (relaxed) => {
  it('gives convolutions and their gradients at every edge of a patch', async () => {
    const sizes = [1, 2, 3, 4, 5, 8, 9].flatMap((size) =>
      (
        [
          [1, 1],
          [3, 4],
          [4, 3],
          [8, 12],
        ] as const
      ).map(([from, to]) => ({
        batch: 2,
        rows: size,
        columns: size === 9 ? 4 : size + 1,
        from,
        to,
        padding: BORDERS[0]!,
      })),
    );
    expect(await beyondLimit(sizes, relaxed)).toEqual([]);
  });

  it('gives convolutions and their gradients of random shapes', async () => {
    expect(await beyondLimit(randomSizes('shapes', 40), relaxed)).toEqual([]);
  });

  it('gives them where blocks, parts and groups of channels are many', async () => {
    const sizes = [
      { batch: 5, rows: 17, columns: 31, from: 24, to: 20, padding: BORDERS[0]! },
      { batch: 16, rows: 8, columns: 8, from: 96, to: 48, padding: BORDERS[0]! },
      { batch: 3, rows: 13, columns: 6, from: 64, to: 64, padding: BORDERS[0]! },
    ];
    expect(await beyondLimit(sizes, relaxed)).toEqual([]);
  });
});

describe('Winograd', () => {
  it('reads upsampled, sliced and repeated sources where they lie', async () => {
    const upsampled = problem('up', (b, input) => {
      const x = input('x', [2, 5, 6, 7]);
      const wide = b.emit('broadcast', [x], { shape: [2, 5, 2, 6, 2, 7], axes: [0, 1, 3, 5] });
      const picture = b.emit('reshape', [wide], { shape: [2, 10, 12, 7] });
      return conv(b, picture, input('w', [3, 3, 7, 5]), { strides: STRIDES, padding: BORDERS[0]! });
    });
    expect(await error(upsampled, false)).toBeLessThan(LIMIT);
    const sliced = problem('slice', (b, input) => {
      const x = input('x', [4, 9, 9, 6]);
      const part = b.emit('slice', [x], { start: [1, 0, 2, 0], limit: [3, 9, 8, 6], stride: [1, 1, 1, 1] });
      return conv(b, part, input('w', [3, 3, 6, 9]), { strides: STRIDES, padding: BORDERS[0]! });
    });
    expect(await error(sliced, false)).toBeLessThan(LIMIT);
  });

  it('runs what follows a convolution in its kernel: bias, activation, blend', async () => {
    const blended = problem('blend', (b, input) => {
      const x = input('x', [3, 7, 9, 6]);
      const y = conv(b, x, input('w', [3, 3, 6, 6]), { strides: STRIDES, padding: BORDERS[0]! });
      const active = elu(b, add(b, y, broadcastTo(b, input('b', [6]), b.shape(y))));
      return add(b, scale(b, x, 0.25), scale(b, active, 0.75));
    });
    expect(planOf(blended.graph).graphs[0]!.plan.launches).toHaveLength(2);
    expect(await error(blended, false)).toBeLessThan(LIMIT);
  });

  it('passes the cases of the op suite, and their first and second derivatives', async () => {
    const wrong: string[] = [];
    let used = 0;
    for (const opCase of OP_CASES) {
      if (!opCase.op.startsWith('conv')) continue;
      // The limits of the suite itself.
      for (const [graph, limit] of [
        [caseGraph(opCase), 1e-10],
        [gradientGraph(opCase), 1e-8],
        [secondOrderGraph(opCase), 1e-8],
      ] as const) {
        const feeds = caseFeeds(opCase);
        const plan = planOf(graph);
        if (winogradKinds(plan).length === 0) continue;
        used++;
        const executable = await loadPlan(plan);
        executable.runNow(graph.name, { feeds, scalars: new Map() });
        for (const [name, { data }] of evaluateGraph(graph, { feeds }).values) {
          const made = nmse(await executable.read(graph.name, name), data);
          if (!(made <= limit)) wrong.push(`${graph.name}: ${name}: ${made}`);
        }
      }
    }
    expect(used).toBeGreaterThan(5);
    expect(wrong).toEqual([]);
  });

  it('gives the same bits whatever order tiles are done in', async () => {
    for (const { graph, feeds } of contractions({
      batch: 16,
      rows: 8,
      columns: 8,
      from: 64,
      to: 24,
      padding: BORDERS[0]!,
    })) {
      const plan = planOf(graph);
      const [forward, backward] = [await loadPlan(plan), await loadPlan(plan)];
      for (const executable of [forward, backward]) executable.runNow('f', { feeds, scalars: new Map() });
      plan.graphs[0]!.plan.launches.forEach(({ kernel: { tiles } }, at) => {
        for (let tile = tiles - 1; tile >= 0; tile--) backward.runLaunch('f', at, tile, tile + 1);
      });
      expect(plan.graphs[0]!.plan.launches.some(({ kernel }) => kernel.tiles > 1)).toBe(true);
      expect(await backward.read('f', 'y')).toEqual(await forward.read('f', 'y'));
    }
  });

  it('lets no infinity and no NaN vanish', async () => {
    for (const poison of [Infinity, -Infinity, NaN]) {
      for (const one of contractions({
        batch: 2,
        rows: 9,
        columns: 6,
        from: 5,
        to: 3,
        padding: BORDERS[0]!,
      })) {
        for (const [name, values] of one.feeds) {
          for (const place of [0, values.length >> 1, values.length - 1]) {
            const feeds = new Map(one.feeds).set(name, values.with(place, poison));
            const executable = await loadPlan(planOf(one.graph));
            executable.runNow('f', { feeds, scalars: new Map() });
            const made = await executable.read('f', 'y');
            const expected = evaluateGraph(one.graph, { feeds }).values.get('y')!.data;
            const missed = [...expected].filter((x, i) => !Number.isFinite(x) && Number.isFinite(made[i]));
            expect(missed).toEqual([]);
            expect(made.some((x) => !Number.isFinite(x))).toBe(true);
          }
        }
      }
    }
  });

  it('transforms a filter once for all that read it alike', () => {
    const b = new GraphBuilder();
    const input = (name: string, shape: Shape): NodeId =>
      b.emit('input', [], { source: 'feed', name, shape });
    const w = input('w', [3, 3, 8, 8]);
    const options = { strides: STRIDES, padding: BORDERS[0]! };
    const [one, two] = ['x', 'z'].map((name) => conv(b, input(name, [2, 8, 8, 8]), w, options));
    const loss = mean(b, square(b, sub(b, elu(b, one!), mul(b, two!, two!))));
    const [g] = gradient(b, loss, [w]);
    const plan = planOf(b.build('f', [{ kind: 'value', name: 'g', node: g! }]));
    const kinds = winogradKinds(plan);
    expect(kinds.filter((kind) => kind === 'winograd')).toHaveLength(2);
    expect(kinds.filter((kind) => kind === 'winograd_filter')).toHaveLength(1);
  });

  it('shows any coefficient of a transform that is wrong', async () => {
    const found: string[] = [];
    const size = { batch: 2, rows: 9, columns: 9, from: 6, to: 5, padding: BORDERS[0]! };
    const { SQRT1_2: a, SQRT2: b } = Math;
    const used = {
      conv: [a, b, 0.5, 2, 2.5, a / 2, 2 * b, 2 / 3, 1 / 6, (2 * a) / 3, b / 6],
      conv_filter_gradient: [a, b, 0.5, 2, 2.5, 2 / 3, 1 / 3, 1 / 6, (2 * a) / 3, b / 6],
    };
    for (const { graph, feeds } of contractions(size)) {
      const op = graph.nodes.at(-1)!.op;
      if (op !== 'conv' && op !== 'conv_filter_gradient') continue;
      const plan = planOf(graph);
      const expected = evaluateGraph(graph, { feeds }).values.get('y')!.data;
      for (const coefficient of used[op]) {
        const bytes = emitProgram(plan).bytes;
        expect(replaceConstant(bytes, coefficient, coefficient * 1.001)).toBeGreaterThan(0);
        const module = new LoadedModule(plan, await instantiate(bytes, homeOf(plan, {})));
        module.runNow('f', { feeds, scalars: new Map() });
        const made = nmse(await module.read('f', 'y'), expected);
        if (made <= 1000 * LIMIT) found.push(`${op} ${coefficient}: ${made}`);
      }
    }
    expect(found).toEqual([]);
  });
});

/** Replaces vectors of four times a constant in a module; gives how many there were. */
function replaceConstant(bytes: Uint8Array<ArrayBuffer>, from: number, to: number): number {
  const view = new DataView(bytes.buffer);
  const wanted = Math.fround(from);
  let count = 0;
  for (let at = 2; at + 16 <= bytes.length; at++) {
    const isConstant = bytes[at - 2] === 0xfd && bytes[at - 1] === 0x0c;
    if (!isConstant || ![0, 4, 8, 12].every((lane) => view.getFloat32(at + lane, true) === wanted)) continue;
    for (const lane of [0, 4, 8, 12]) view.setFloat32(at + lane, to, true);
    count++;
  }
  return count;
}
