/**
 * Filter gradients that read the windows a convolution has kept, against the reference and against those that transform them
 * again: the same numbers are added in the same order, so it must be the same bits.
 */
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../compiler/graph/builder.js';
import { concat, conv, mul } from '../../compiler/graph/construct.js';
import type { Graph, NodeId, Padding2D, Shape } from '../../compiler/graph/graph.js';
import type { Kernel, WinogradFilterGradientKernel, WinogradKernel } from '../../compiler/plan/kernel.js';
import { planGraphs } from '../../compiler/plan/plan.js';
import type { ProgramPlan } from '../../compiler/plan/plan.js';
import { buildPart, partShape } from '../../test/ops/joined-cases.js';
import type { JoinedPart } from '../../test/ops/joined-cases.js';
import { nmse } from '../../test/ops/nmse.js';
import { integer, pick, seededRandom, type Random } from '../../test/ops/random.js';
import { randomFeeds } from '../../test/ops/random-feeds.js';
import { evaluateGraph } from '../reference/evaluate-graph.js';
import { nodeThreads } from '../node/worker-threads.js';
import { loadPlan } from './engine.js';
import type { LoadOptions } from './engine.js';
import { homeOf } from './module.js';
import type { WasmMemory } from './web-assembly.js';

interface Problem {
  readonly picture: readonly [batch: number, rows: number, columns: number];
  readonly parts: readonly JoinedPart[];
  readonly outputs: number;
  readonly border: number;
  /** Each filter gradient's images. */
  readonly gradients: readonly (readonly [from: number, to: number])[];
}

const STRIDES = [1, 1] as const;

/** Values `y` of a convolution, and `g0`, `g1` of filter gradients whose cotangents wait for it. */
function graphOf({ picture, parts, outputs, border, gradients }: Problem): Graph {
  const b = new GraphBuilder();
  const input = (name: string, shape: Shape): NodeId => b.emit('input', [], { source: 'feed', name, shape });
  const built = parts.map((part, i) => buildPart(b, input(`part${i}`, partShape(picture, part)), part));
  const x = built.length === 1 ? built[0]! : concat(b, built, 3);
  const channels = b.shape(x)[3]!;
  const padding: Padding2D = [
    [border, border],
    [border, border],
  ];
  const y = conv(b, x, input('w', [3, 3, channels, outputs]), { strides: STRIDES, padding });
  const images = (of: NodeId, [from, to]: readonly [number, number]): NodeId => {
    const [batch, ...rest] = b.shape(of);
    if (from === 0 && to === batch) return of;
    const whole = [0, 0, 0] as const;
    return b.emit('slice', [of], { start: [from, ...whole], limit: [to, ...rest], stride: [1, 1, 1, 1] });
  };
  const found = gradients.map((range, i) => {
    const of = images(y, range);
    const cotangent = mul(b, of, input(`c${i}`, b.shape(of)));
    return b.emit('conv_filter_gradient', [images(x, range), cotangent], {
      strides: STRIDES,
      padding,
      kernel: [3, 3],
    });
  });
  return b.build('f', [
    { kind: 'value', name: 'y', node: y },
    ...found.map((node, i) => ({ kind: 'value' as const, name: `g${i}`, node })),
  ]);
}

const kernelsOf = (plan: ProgramPlan): Kernel[] => plan.graphs[0]!.plan.launches.map(({ kernel }) => kernel);
const gradientsOf = (plan: ProgramPlan): WinogradFilterGradientKernel[] =>
  kernelsOf(plan).flatMap((kernel) => (kernel.kind === 'winograd_filter_gradient' ? [kernel] : []));
const keeping = (plan: ProgramPlan): WinogradKernel[] =>
  kernelsOf(plan).flatMap((kernel) =>
    kernel.kind === 'winograd' && kernel.keeps !== undefined ? [kernel] : [],
  );
const readWindows = (plan: ProgramPlan): number =>
  gradientsOf(plan).filter(({ readsWindows }) => readsWindows).length;

/** Memory full of NaN, so that what is read before it was written shows. */
function poisoned(plan: ProgramPlan): WasmMemory {
  const { memory } = homeOf(plan, {});
  new Uint8Array(memory.buffer).fill(0xff);
  return memory;
}

/** All values, in the order of the graph's outputs. */
async function run(
  plan: ProgramPlan,
  feeds: ReadonlyMap<string, Float32Array>,
  options: LoadOptions = { memory: poisoned(plan) },
): Promise<Map<string, Float32Array>> {
  const executable = await loadPlan(plan, options);
  await executable.run('f', { feeds, scalars: new Map() });
  const values = new Map<string, Float32Array>();
  for (const name of plan.graphs[0]!.values.keys())
    values.set(name, Float32Array.from(await executable.read('f', name)));
  executable.dispose();
  return values;
}

const whole = ({ picture: [batch] }: Pick<Problem, 'picture'>): Problem['gradients'] => [[0, batch]];

function randomProblem(random: Random): Problem {
  const picture = [integer(random, 1, 6), 2 * integer(random, 1, 7), 2 * integer(random, 1, 7)] as const;
  const count = pick(random, [1, 1, 2]);
  return {
    picture,
    parts: Array.from({ length: count }, (_, i) => ({
      kind: pick(random, ['plain', 'upsampled', 'computed'] as const),
      channels: i < count - 1 ? pick(random, [4, 8, 24]) : pick(random, [1, 3, 4, 5, 8, 17, 32, 48]),
    })),
    outputs: pick(random, [1, 3, 4, 5, 8, 17, 24, 48]),
    border: pick(random, picture[1] > 2 && picture[2] > 2 ? [0, 1, 1, 2] : [1, 2]),
    gradients: whole({ picture }),
  };
}

/** Whose filter gradients take more patches at a time where these are kept. */
const LARGER_BLOCKS: readonly Problem[] = (
  [
    [8, 16, 16, 48, 48],
    [4, 32, 32, 64, 8],
    [12, 16, 16, 64, 24],
  ] as const
).map(([batch, rows, columns, channels, outputs]) => {
  const picture = [batch, rows, columns] as const;
  return { picture, parts: [{ kind: 'plain', channels }], outputs, border: 1, gradients: whole({ picture }) };
});

describe('windows kept for a filter gradient', () => {
  it('are those it would have transformed, at every edge of a patch and of a vector of channels', async () => {
    const random = seededRandom('kept');
    const wrong: string[] = [];
    let [kept, larger] = [0, 0];
    for (const problem of [...LARGER_BLOCKS, ...Array.from({ length: 100 }, () => randomProblem(random))]) {
      const label = JSON.stringify(problem);
      const graph = graphOf(problem);
      const feeds = randomFeeds(graph, label);
      const plan = planGraphs([graph], [], { winograd: 'always' });
      if (readWindows(plan) !== 1) continue;
      kept++;
      const values = await run(plan, feeds);
      for (const [name, { data }] of evaluateGraph(graph, { feeds }).values) {
        const error = nmse(values.get(name)!, data);
        if (!(error <= 5e-12)) wrong.push(`${label}: ${name} is off by ${error}`);
      }
      const again = planGraphs([graph], [], { winograd: 'always', keepsWindows: false });
      const [{ blockRows }, { blockRows: own }] = [gradientsOf(plan)[0]!, gradientsOf(again)[0]!];
      if (blockRows > own) larger++;
      for (const [name, alike] of await run(again, feeds))
        if (!values.get(name)!.every((value, at) => Object.is(value, alike[at])))
          wrong.push(`${label}: other bits of ${name} than transformed again`);
    }
    expect(wrong).toEqual([]);
    expect(kept).toBeGreaterThan(80);
    expect(larger).toBe(LARGER_BLOCKS.length);
  });

  it('are found where it reads some of the images, and made again where these begin or end within a tile', async () => {
    const wrong: string[] = [];
    const found: [blockRows: number, read: number][] = [];
    const large = [8, 16, 16] as const;
    const flat = [12, 4, 16] as const;
    for (const [picture, ...gradients] of [
      [large, [0, 4], [4, 8]],
      [large, [2, 6], [7, 8]],
      [large, [1, 2], [0, 8]],
      // Six images are a tile of the convolution, so that the last one would be in the second tile of eleven.
      [flat, [0, 11], [0, 12]],
    ] as const) {
      const problem = {
        picture,
        parts: [{ kind: 'plain' as const, channels: 12 }],
        outputs: 12,
        border: 1,
        gradients,
      };
      const graph = graphOf(problem);
      const feeds = randomFeeds(graph, 'images');
      const plan = planGraphs([graph], [], { winograd: 'always' });
      const kernel = kernelsOf(plan).find((one) => one.kind === 'winograd')!;
      expect(keeping(plan)).toEqual([kernel]);
      found.push([kernel.blockRows, readWindows(plan)]);
      const values = await run(plan, feeds);
      for (const [name, { data }] of evaluateGraph(graph, { feeds }).values) {
        const error = nmse(values.get(name)!, data);
        if (!(error <= 5e-12)) wrong.push(`${JSON.stringify(gradients)}: ${name} is off by ${error}`);
      }
    }
    expect(wrong).toEqual([]);
    expect(found).toEqual([
      [8, 2],
      [8, 1],
      [8, 1],
      [6, 1],
    ]);
  });

  /** Of 20 blocks in three parts of 7, so that the last part's last block lies behind all that were kept. */
  const unevenParts = (): { readonly graph: Graph; readonly plan: ProgramPlan } => {
    const picture = [25, 16, 16] as const;
    const parts = [{ kind: 'plain' as const, channels: 64 }];
    const graph = graphOf({ picture, parts, outputs: 64, border: 1, gradients: whole({ picture }) });
    const plan = planGraphs([graph], [], { winograd: 'always' });
    expect(gradientsOf(plan)).toMatchObject([{ input: [], groups: 2, tiles: 6, blocks: 7 }]);
    expect(keeping(plan)).toMatchObject([{ tiles: 20 }]);
    return { graph, plan };
  };

  it('are read no further than they go', async () => {
    const { graph, plan } = unevenParts();
    const feeds = randomFeeds(graph, 'behind');
    // They are moved behind everything else, and NaN behind them.
    const placed = plan.graphs[0]!;
    const windows = placed.plan.launches.find(({ kernel }) => kernel.kind === 'winograd_filter_gradient')!
      .places[0]!.buffer;
    const { plannedBytes } = plan.memory;
    const bytes = placed.plan.buffers[windows]!.elements * 4;
    const moved = {
      ...plan,
      graphs: [{ ...placed, offsets: new Map(placed.offsets).set(windows, plannedBytes) }],
      memory: { ...plan.memory, plannedBytes: plannedBytes + 2 * bytes },
    };
    const values = await run(moved, feeds);
    expect(nmse(values.get('g0')!, evaluateGraph(graph, { feeds }).values.get('g0')!.data)).toBeLessThan(
      5e-12,
    );
  });

  it('are the same bits in any order of tiles and for any number of threads', async () => {
    const { graph, plan } = unevenParts();
    const feeds = randomFeeds(graph, 'threads');
    const values = await run(plan, feeds);
    const backward = await loadPlan(plan);
    backward.runNow('f', { feeds, scalars: new Map() });
    plan.graphs[0]!.plan.launches.forEach(({ kernel: { tiles } }, at) => {
      for (let tile = tiles - 1; tile >= 0; tile--) backward.runLaunch('f', at, tile, tile + 1);
    });
    expect(await backward.read('f', 'g0')).toEqual(values.get('g0'));
    for (const count of [2, 3, 8]) {
      const threads = { host: nodeThreads, count, cost: { stage: 0, run: -Infinity } };
      expect((await run(plan, feeds, { threads })).get('g0')).toEqual(values.get('g0'));
    }
  });
});
