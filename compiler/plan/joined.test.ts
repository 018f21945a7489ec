import { describe, expect, it } from 'vitest';
import { upsample } from '../../test/ops/upsample.js';
import { GraphBuilder } from '../graph/builder.js';
import { concat, conv, elu, input, slice, sliceAxis, stop, sum, transpose } from '../graph/construct.js';
import type { NodeId, Shape } from '../graph/graph.js';
import { launchCost } from './cost.js';
import type { GraphPlan, Launch, SourcePart } from './kernel.js';
import { planGraph } from './plan.js';
import { reachesOf } from './reach.js';

const SAME = [
  [1, 1],
  [1, 1],
] as const;
const ATTRIBUTES = { strides: [1, 1], padding: SAME } as const;

/** The plan of a graph with these values. */
function planOf(
  build: (b: GraphBuilder, feed: (name: string, shape: Shape) => NodeId) => readonly NodeId[],
): GraphPlan {
  const b = new GraphBuilder();
  const values = build(b, (name, shape) => input(b, 'feed', name, shape));
  return planGraph(
    b.build(
      'f',
      values.map((node, i) => ({ kind: 'value', name: `y${i}`, node })),
    ),
  );
}

const convolved = (b: GraphBuilder, x: NodeId, w: NodeId): NodeId => conv(b, x, w, ATTRIBUTES);

const filterGradient = (b: GraphBuilder, x: NodeId, g: NodeId): NodeId =>
  b.emit('conv_filter_gradient', [x, g], { ...ATTRIBUTES, kernel: [3, 3] });

function partsOf({ kernel }: Launch): readonly SourcePart[] {
  if (kernel.kind === 'convolution') return kernel.source;
  return kernel.kind === 'filter_gradient' ? kernel.input : [];
}

/** Channels of the parts that contractions read. */
const channelsRead = ({ launches }: GraphPlan): number[][] =>
  launches
    .map((launch) => partsOf(launch).map(({ channels }) => channels))
    .filter(({ length }) => length > 0);

/** Copies that a concat is made by. */
const copies = ({ launches }: GraphPlan): number =>
  launches.filter(({ name }) => name.startsWith('concat')).length;

describe('joined channels', () => {
  const skip = planOf((b, feed) => {
    const [small, large] = [elu(b, feed('small', [2, 3, 3, 8])), elu(b, feed('large', [2, 6, 6, 16]))];
    const x = concat(b, [large, upsample(b, small, 2)], 3);
    return [convolved(b, x, feed('w', [3, 3, 24, 12])), filterGradient(b, x, feed('g', [2, 6, 6, 12]))];
  });

  it('that only a convolution and its filter gradient read have no launch and no memory', () => {
    expect(channelsRead(skip)).toEqual([
      [16, 8],
      [16, 8],
    ]);
    expect(copies(skip)).toBe(0);
    expect(skip.buffers.map(({ elements }) => elements)).not.toContain(2 * 6 * 6 * 24);
  });

  it('of dozens of parts are stored once: each part would be gone through by itself', () => {
    const joining = (count: number): GraphPlan =>
      planOf((b, feed) => {
        const parts = Array.from({ length: count }, (_, i) => elu(b, feed(`x${i}`, [2, 6, 6, 4])));
        return [convolved(b, concat(b, parts, 3), feed('w', [3, 3, 4 * count, 4]))];
      });
    expect(channelsRead(joining(8))).toEqual([Array.from({ length: 8 }, () => 4)]);
    expect(channelsRead(joining(9))).toEqual([[36]]);
  });

  it('are read through the views that their parts are, an upsampled one at its own size', () => {
    const [large, small] = partsOf(skip.launches.find(({ kernel }) => kernel.kind === 'convolution')!);
    expect(large).toMatchObject({
      first: 0,
      axes: [[{ stride: 576 }], [{ stride: 96 }], [{ stride: 16 }], [{}]],
    });
    expect(small).toMatchObject({
      first: 16,
      axes: [
        [{ size: 2, stride: 72 }],
        [
          { size: 3, stride: 24 },
          { size: 2, stride: 0 },
        ],
        [
          { size: 3, stride: 8 },
          { size: 2, stride: 0 },
        ],
        [{ size: 8, stride: 1 }],
      ],
    });
  });

  it('are known to memory and threads by all parts', () => {
    for (const launch of skip.launches.filter((one) => partsOf(one).length > 0)) {
      const buffers = partsOf(launch).map(({ parameter }) => launch.places[parameter]!.buffer);
      expect(new Set(buffers).size).toBe(2);
      expect(launch.reads).toEqual(expect.arrayContaining(buffers));
      const bounded = reachesOf(launch.kernel).map(({ parameter }) => parameter);
      expect(bounded).toEqual(expect.arrayContaining(partsOf(launch).map(({ parameter }) => parameter)));
    }
    const gradient = skip.launches.find(({ kernel }) => kernel.kind === 'filter_gradient')!;
    expect(launchCost(gradient).reads).toBe(2 * 6 * 6 * 16 + 2 * 3 * 3 * 8 + 2 * 6 * 6 * 12);
  });

  it('of a part twice are one parameter', () => {
    const plan = planOf((b, feed) => {
      const x = feed('x', [1, 4, 4, 4]);
      return [convolved(b, concat(b, [x, x], 3), feed('w', [3, 3, 8, 4]))];
    });
    const [first, second] = partsOf(plan.launches.find(({ kernel }) => kernel.kind === 'convolution')!);
    expect([first!.parameter, second!.parameter]).toEqual([0, 0]);
    expect([first!.first, second!.first]).toEqual([0, 4]);
  });

  it('are read in parts through parts of the batch', () => {
    const plan = planOf((b, feed) => {
      const [wide, small] = [feed('wide', [4, 4, 4, 8]), feed('small', [4, 2, 2, 4])];
      const x = concat(b, [wide, upsample(b, small, 2)], 3);
      const half = stop(b, sliceAxis(b, x, 0, 2, 4));
      return [convolved(b, half, feed('w', [3, 3, 12, 4]))];
    });
    expect(copies(plan)).toBe(0);
    const launch = plan.launches.find(({ kernel }) => kernel.kind === 'convolution')!;
    expect(partsOf(launch).map(({ axes }) => axes[0])).toEqual([
      [{ size: 2, stride: 128 }],
      [{ size: 2, stride: 16 }],
    ]);
    expect(partsOf(launch).map(({ parameter }) => launch.places[parameter]!.offset)).toEqual([256, 32]);
  });

  const x = (b: GraphBuilder, feed: (name: string, shape: Shape) => NodeId, first = 4): NodeId =>
    concat(b, [feed('a', [2, 4, 4, first]), feed('b', [2, 4, 4, 4])], 3);
  const stored: readonly (readonly [why: string, build: Parameters<typeof planOf>[0]])[] = [
    [
      'are a value as well',
      (b, feed) => {
        const joined = x(b, feed);
        return [joined, convolved(b, joined, feed('w', [3, 3, 8, 4]))];
      },
    ],
    [
      'are read place by place as well',
      (b, feed) => {
        const joined = x(b, feed);
        return [sum(b, elu(b, joined)), convolved(b, joined, feed('w', [3, 3, 8, 4]))];
      },
    ],
    [
      'are a cotangent',
      (b, feed) => {
        const joined = x(b, feed);
        return [filterGradient(b, feed('p', [2, 4, 4, 4]), joined)];
      },
    ],
    ['would be cut inside a vector', (b, feed) => [convolved(b, x(b, feed, 6), feed('w', [3, 3, 10, 4]))]],
    [
      'are read in part',
      (b, feed) => {
        const some = slice(b, x(b, feed), [0, 0, 0, 2], [2, 4, 4, 8]);
        return [convolved(b, some, feed('w', [3, 3, 6, 4]))];
      },
    ],
    [
      'are read turned',
      (b, feed) => {
        const turned = transpose(b, x(b, feed), [0, 3, 2, 1]);
        return [convolved(b, turned, feed('w', [3, 3, 4, 4]))];
      },
    ],
    [
      'are cut to rows that an upsampled part cannot be cut to',
      (b, feed) => {
        const joined = concat(b, [feed('a', [2, 4, 4, 4]), upsample(b, feed('b', [2, 2, 2, 4]), 2)], 3);
        const cut = slice(b, joined, [0, 1, 0, 0], [2, 4, 4, 8]);
        return [convolved(b, cut, feed('w', [3, 3, 8, 4]))];
      },
    ],
    [
      'are no channels but rows',
      (b, feed) => {
        const joined = concat(b, [feed('a', [2, 4, 4, 4]), feed('b', [2, 3, 4, 4])], 1);
        return [convolved(b, joined, feed('w', [3, 3, 4, 4]))];
      },
    ],
  ];
  it.each(stored)('are stored where they %s', (_, build) => {
    const plan = planOf(build);
    expect(copies(plan)).toBe(2);
    expect(channelsRead(plan).every(({ length }) => length === 1)).toBe(true);
  });

  it('are stored no further than a part whose own channels lie apart', () => {
    const plan = planOf((b, feed) => {
      const turned = transpose(b, feed('turned', [2, 8, 4, 4]), [0, 2, 3, 1]);
      const joined = concat(b, [turned, feed('plain', [2, 4, 4, 4])], 3);
      return [convolved(b, joined, feed('w', [3, 3, 12, 4]))];
    });
    expect(channelsRead(plan)).toEqual([[8, 4]]);
    expect(plan.buffers.filter(({ kind }) => kind === 'heap').map(({ elements }) => elements)).toContain(256);
    expect(plan.buffers.map(({ elements }) => elements)).not.toContain(2 * 4 * 4 * 12);
  });

  it('of joined ones are parts as they are stored', () => {
    const plan = planOf((b, feed) => {
      const inner = concat(b, [feed('a', [1, 4, 4, 4]), feed('b', [1, 4, 4, 4])], 3);
      return [convolved(b, concat(b, [inner, feed('c', [1, 4, 4, 4])], 3), feed('w', [3, 3, 12, 4]))];
    });
    expect(channelsRead(plan)).toEqual([[8, 4]]);
    expect(copies(plan)).toBe(2);
  });
});
