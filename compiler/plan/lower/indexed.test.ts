import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../graph/builder.js';
import { argsort, gather, input, scatter, slice, square, sum, transpose } from '../../graph/construct.js';
import type { NodeId } from '../../graph/graph.js';
import { dumpGraphPlan } from '../dump.js';
import { planGraphs } from '../plan.js';
import type { PlacedGraph } from '../plan.js';
import { verifyPlan } from '../plan-verify.js';

function planned(build: (b: GraphBuilder, table: NodeId, indices: NodeId) => NodeId): PlacedGraph {
  const b = new GraphBuilder();
  const y = build(b, input(b, 'feed', 'table', [9, 8]), input(b, 'feed', 'i', [5]));
  return planGraphs([b.build('g', [{ kind: 'value', name: 'y', node: y }])], []).graphs[0]!;
}

/** One line per launch, without the places. */
const launches = ({ plan, offsets }: PlacedGraph): string[] =>
  dumpGraphPlan(plan, offsets)
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split('  ')[0]!);

describe('plans of gather, scatter and argsort', () => {
  it('reads rows where they lie, also every second one of a table', () => {
    const plan = planned((b, table, i) => gather(b, slice(b, table, [0, 0], [9, 8], [2, 1]), i));
    expect(launches(plan)).toEqual(['0 gather [5,8] 5 of 5 rows of 8']);
  });

  it('lays out what is no run of memory, and computes what is no tensor yet, before reading its rows', () => {
    const columns = planned((b, table, i) => gather(b, transpose(b, table, [1, 0]), i));
    expect(launches(columns)).toEqual([
      '0 layout [8,9] over [8,9]: p0(1,8)',
      '1 gather [5,9] 5 of 8 rows of 9',
    ]);
    const squares = planned((b, table, i) => gather(b, square(b, table), i));
    expect(launches(squares)).toEqual([
      '0 pointwise [9,8] over [72]: p0(1) mul(%0,%0)',
      '1 gather [5,8] 5 of 9 rows of 8',
    ]);
  });

  it('knows what each of them reads and writes', () => {
    const plan = planned((b, table, i) => {
      const sums = sum(b, scatter(b, gather(b, table, i), i, 9), [1]);
      return argsort(b, sums);
    });
    expect(launches(plan)).toEqual([
      '0 gather [5,8] 5 of 9 rows of 8',
      '1 scatter [9,8] 5 to 9 rows of 8',
      '2 reduction [9] sum over [9,8*]: p0(8,1); result',
      '3 argsort [9] of 9',
    ]);
    const named = plan.plan.launches.map(({ reads, writes }) =>
      [reads, writes].map((buffers) => buffers.map((id) => plan.plan.buffers[id]!.kind)),
    );
    expect(named).toEqual([
      [['feed', 'feed'], ['heap']],
      [['heap', 'feed'], ['heap']],
      [['heap'], ['heap']],
      [['heap'], ['value']],
    ]);
  });

  it('gives argsort room for as many indices as it sorts', () => {
    const b = new GraphBuilder();
    const y = argsort(b, input(b, 'feed', 'x', [1000]));
    const { scratchStride } = planGraphs([b.build('g', [{ kind: 'value', name: 'y', node: y }])], []);
    expect(scratchStride).toBeGreaterThanOrEqual(4000);
  });

  it('are refused where rows would lie outside of their buffer', () => {
    const { plan, offsets } = planned(gather);
    const moved = {
      ...plan,
      launches: plan.launches.map((launch) => ({
        ...launch,
        places: launch.places.map((place, i) => (i === 0 ? { ...place, offset: 1 } : place)),
      })),
    };
    expect(() => verifyPlan(moved, { offsets, plannedBytes: 1e6 })).toThrow(
      "plan of g: launch 0 (gather) touches elements 1 to 72 of 'table', which has 72",
    );
  });
});
