import { describe, expect, it } from 'vitest';
import { gradient } from '../autodiff/gradient.js';
import { GraphBuilder } from '../graph/builder.js';
import { conv, mean, square } from '../graph/construct.js';
import type { NodeId, Shape } from '../graph/graph.js';
import type { Launch } from './kernel.js';
import { planGraph, planGraphs } from './plan.js';
import type { PlanOptions, ProgramPlan } from './plan.js';
import { chooseConvolution, winogradSplit } from './winograd-choice.js';
import type { WinogradShape, WinogradUse } from './winograd-choice.js';
import { patchRuns } from './winograd.js';

const axis = (output: number) => ({ source: output, output, pad: 1 });

const shape = (batch: number, size: number, from: number, to: number): WinogradShape => ({
  batch,
  rows: axis(size),
  columns: axis(size),
  sourceChannels: from,
  outputChannels: to,
  source: [
    {
      channels: from,
      axes: [
        [{ size: batch, stride: size * size * from }],
        [{ size, stride: size * from }],
        [{ size, stride: from }],
        [{ size: from, stride: 1 }],
      ],
    },
  ],
});

describe('the choice between Winograd and the plain sum', () => {
  it('is for Winograd where channels are many, and says how much faster it is', () => {
    expect(chooseConvolution(shape(16, 32, 64, 64))).toMatchObject({
      winograd: true,
      because: 'estimated 3.4 times as fast as the plain sum',
    });
  });

  it('is against it where transforming the filter would take longer than the plain sum', () => {
    const { winograd, because } = chooseConvolution(shape(1, 4, 64, 64));
    expect(winograd).toBe(false);
    expect(because).toMatch(/^Winograd is estimated to take [0-9.]+ times as long$/);
  });

  it('is against it where vectors of channels cannot be loaded', () => {
    const one = shape(2, 8, 8, 8);
    const [{ axes }] = one.source as readonly [WinogradShape['source'][number]];
    const apart = { channels: 8, axes: [...axes.slice(0, 3), [{ size: 8, stride: 2 }]] };
    expect(chooseConvolution({ ...one, source: [apart] })).toEqual({
      winograd: false,
      because: 'channels are not neighbours in memory',
    });
  });
});

describe('tiles', () => {
  it('of a filter gradient are parts of large images, and groups of many channels of small ones', () => {
    const of = (one: WinogradShape) => {
      const { tiles, groups } = winogradSplit(one);
      return { tiles, groups };
    };
    expect(of(shape(16, 32, 32, 32))).toEqual({ tiles: 8, groups: 1 });
    expect(of(shape(16, 8, 96, 96))).toEqual({ tiles: 2, groups: 2 });
    expect(of(shape(1, 8, 4, 4))).toEqual({ tiles: 1, groups: 1 });
  });

  it('have code of their own only where windows leave the source or upsampling cuts them differently', () => {
    const plain = patchRuns(16, 1, 4, 6, [{ size: 16, stride: 3 }]);
    expect(plain.map(({ first, count, step }) => [first, count, step])).toEqual([
      [0, 1, 0],
      [1, 2, 12],
      [3, 1, 0],
    ]);
    expect(plain[0]!.columns).toEqual([undefined, 0, 3, 6, 9, 12]);
    const twice = [
      { size: 8, stride: 3 },
      { size: 2, stride: 0 },
    ];
    expect(patchRuns(16, 1, 4, 6, twice)[1]).toEqual({
      first: 1,
      count: 2,
      columns: [3, 6, 6, 9, 9, 12],
      step: 6,
    });
  });
});

describe('a plan', () => {
  const launches = (winograd: WinogradUse | undefined, kernel: number): readonly Launch[] => {
    const b = new GraphBuilder();
    const input = (name: string, of: Shape): NodeId =>
      b.emit('input', [], { source: 'feed', name, shape: of });
    const border = (kernel - 1) / 2;
    const y = conv(b, input('x', [8, 16, 16, 16]), input('w', [kernel, kernel, 16, 16]), {
      strides: [1, 1],
      padding: [
        [border, border],
        [border, border],
      ],
    });
    return planGraph(b.build('f', [{ kind: 'value', name: 'y', node: y }]), { winograd }).launches;
  };
  const kinds = (all: readonly Launch[]): string[] => all.map(({ kernel }) => kernel.kind);

  it('has Winograd only where it is asked for', () => {
    expect(kinds(launches(undefined, 3))).toEqual(['layout', 'convolution']);
    expect(kinds(launches('never', 3))).toEqual(['layout', 'convolution']);
    expect(kinds(launches('faster', 3))).toEqual(['winograd_filter', 'winograd']);
  });

  it('says why a convolution is what it is', () => {
    expect(launches(undefined, 3).at(-1)!.choice).toBeUndefined();
    expect(launches('faster', 5).at(-1)!.choice).toEqual({
      winograd: false,
      because: 'its kernel is not 3x3 with steps of 1',
    });
  });
});

describe('windows', () => {
  /** A convolution of `from` to `to` channels and its filter gradient, planned. */
  const planned = (from: number, to: number, options: PlanOptions = {}, size = 16): ProgramPlan => {
    const b = new GraphBuilder();
    const input = (name: string, of: Shape): NodeId =>
      b.emit('input', [], { source: 'feed', name, shape: of });
    const w = input('w', [3, 3, from, to]);
    const padding = [
      [1, 1],
      [1, 1],
    ] as const;
    const y = conv(b, input('x', [8, size, size, from]), w, { strides: [1, 1], padding });
    const [g] = gradient(b, mean(b, square(b, y)), [w]);
    return planGraphs([b.build('f', [{ kind: 'value', name: 'g', node: g! }])], [], {
      winograd: 'faster',
      ...options,
    });
  };
  const launchesOf = (plan: ProgramPlan): readonly Launch[] => plan.graphs[0]!.plan.launches;
  const kept = (plan: ProgramPlan): boolean => {
    const kernels = launchesOf(plan).map(({ kernel }) => kernel);
    const read = kernels.some((one) => one.kind === 'winograd_filter_gradient' && one.readsWindows);
    expect(kernels.some((one) => one.kind === 'winograd' && one.keeps !== undefined)).toBe(read);
    return read;
  };

  it('are kept for a filter gradient where the products hide their storing', () => {
    expect(kept(planned(16, 16))).toBe(true);
    expect(kept(planned(16, 32))).toBe(true);
    expect(kept(planned(32, 16))).toBe(false);
    expect(kept(planned(3, 32))).toBe(false);
  });

  it('are not kept where they are larger than a cache', () => {
    expect(kept(planned(32, 32, {}, 32))).toBe(true);
    expect(kept(planned(64, 64, {}, 64))).toBe(false);
  });

  it('are kept only in a program that has the memory for them', () => {
    const plan = planned(16, 16);
    const { plannedBytes } = plan.memory;
    expect(kept(planned(16, 16, { windowsWithin: plannedBytes }))).toBe(true);
    const without = planned(16, 16, { windowsWithin: plannedBytes - 1 });
    expect(kept(without)).toBe(false);
    expect(without.memory.plannedBytes).toBeLessThan(plannedBytes);
  });
});
