import { describe, expect, it } from 'vitest';
import { compile } from '../compile.js';
import { GraphBuilder } from '../graph/builder.js';
import { add, concat, input, mul, scale } from '../graph/construct.js';
import type { Graph } from '../graph/graph.js';
import { optimize } from '../passes/optimize.js';
import { folderLibrary } from '../../runtimes/node/library-source.js';
import { SYSTEMS } from '../../test/library/systems.js';
import type { Launch } from './kernel.js';
import { planHeap } from './memory.js';
import { planGraphs, planProgram, type PlacedGraph } from './plan.js';
import { wavesOf } from './waves.js';

/** Every byte range that a launch touches. */
function touched({ plan, offsets }: PlacedGraph, { reads, writes }: Launch) {
  const range = (id: number) => ({
    start: offsets.get(id)!,
    end: offsets.get(id)! + plan.buffers[id]!.elements * 4,
  });
  return { reads: reads.map(range), writes: writes.map(range) };
}

type Range = { readonly start: number; readonly end: number };
const meet = (a: readonly Range[], b: readonly Range[]): boolean =>
  a.some((x) => b.some((y) => x.start < y.end && y.start < x.end));

/** Launches of one wave that are in each other's way, and launches that run before one they have to follow. */
function conflicts(placed: PlacedGraph): string[] {
  const found: string[] = [];
  const waves = wavesOf(placed);
  const waveOf = new Map(waves.flatMap((wave, i) => wave.map((launch) => [launch, i] as const)));
  placed.plan.launches.forEach((later, i) => {
    const b = touched(placed, later);
    for (const earlier of placed.plan.launches.slice(0, i)) {
      const a = touched(placed, earlier);
      const ordered = meet(a.writes, b.reads) || meet(a.writes, b.writes) || meet(a.reads, b.writes);
      if (ordered && waveOf.get(earlier)! >= waveOf.get(later)!)
        found.push(`${earlier.name} / ${later.name}`);
    }
  });
  expect(waves.flat()).toHaveLength(placed.plan.launches.length);
  return found;
}

describe('waves', () => {
  const { program } = compile(
    { name: 'system.yaml', text: SYSTEMS.find(({ name }) => name.startsWith('began'))!.text },
    folderLibrary(),
  );

  const { graphs } = planProgram(program!, optimize);
  /** The memory that launches one after the other would need. */
  const oneByOne = ({ plan, ...placed }: PlacedGraph): PlacedGraph => {
    const { offsets } = planHeap({ ...plan, times: plan.launches.map((_, at) => at) });
    return { ...placed, plan, offsets: new Map([...placed.offsets, ...offsets]) };
  };

  it('no launch is in the way of another, whoever planned the memory', () => {
    for (const placed of [...graphs, ...graphs.map(oneByOne)]) expect(conflicts(placed)).toEqual([]);
  });

  it('memory that is planned in waves costs none: a step is as many as it is deep', () => {
    const step = graphs[0]!;
    expect(wavesOf(step)).toHaveLength(step.plan.times.at(-1)! + 1);
    expect(wavesOf(step).length).toBeLessThan(wavesOf(oneByOne(step)).length);
  });

  /** Two chains that know nothing of each other. */
  function chains(): Graph {
    const b = new GraphBuilder();
    const square = (name: string): number => {
      const x = input(b, 'feed', name, [8, 8]);
      const y = b.emit('dot', [x, x], { transposeA: false, transposeB: false });
      return b.emit('dot', [y, scale(b, y, 2)], { transposeA: false, transposeB: false });
    };
    const [first, second] = [square('x'), square('z')];
    return b.build('chains', [{ kind: 'value', name: 'y', node: add(b, first, mul(b, second, second)) }]);
  }

  it('chains that know nothing of each other run side by side', () => {
    const placed = planGraphs([chains()], []).graphs[0]!;
    const waves = wavesOf(placed);
    const dots = waves.map((wave) => wave.filter(({ kernel }) => kernel.kind === 'dot').length);
    expect(dots.filter((n) => n > 0)).toEqual([2, 1, 1]);
  });

  it('parts of a concat are made side by side, and what reads them all waits for all', () => {
    const b = new GraphBuilder();
    const parts = ['x', 'z'].map((name) => {
      const x = input(b, 'feed', name, [8, 8]);
      return b.emit('dot', [x, x], { transposeA: false, transposeB: false });
    });
    const joined = concat(b, parts, 0);
    const all = b.emit('dot', [joined, parts[0]!], { transposeA: false, transposeB: false });
    const graph = b.build('joined', [{ kind: 'value', name: 'y', node: all }]);
    const waves = wavesOf(planGraphs([graph], []).graphs[0]!);
    expect(waves.map((wave) => wave.map(({ kernel }) => kernel.kind))).toEqual([['dot', 'dot'], ['dot']]);
  });
});
