/** Contractions as a profile wants them: by tiles in workgroup memory, or each thread by itself. */
import { blockFor, contract, contractionThreads, type Contraction } from './contraction.js';
import type { Profile } from './profile.js';
import { threads } from './shader.js';
import { contractTiled, tileGroups, tilingFor } from './tiled.js';
import { u32 } from './wgsl.js';

/**
 * The statements of contractions that are made beside each other, and the groups along x that the largest one needs; a
 * group that is beyond a smaller one's does nothing. `depth` is that of the deepest, `slices` how many of each there are.
 */
export function contractions(
  given: readonly Contraction[],
  depth: number,
  slices: number,
  profile: Profile,
): { readonly groups: number; readonly bodies: readonly (readonly string[])[] } {
  const largest = given.reduce((a, b) => (b.rows * b.columns > a.rows * a.columns ? b : a));
  if (profile.tiles) {
    const tiling = tilingFor(largest, depth, slices * given.length);
    const counts = given.map((contraction) => tileGroups(contraction, tiling));
    return bounded('group.x', counts, Math.max(...counts), (i) => contractTiled(given[i]!, tiling));
  }
  const block = blockFor(largest.rows, largest.columns, profile.block);
  const counts = given.map((contraction) => contractionThreads(contraction, block));
  const { groups, lines } = threads(Math.max(...counts));
  const { bodies } = bounded('thread', counts, Math.max(...counts), (i) => contract(given[i]!, block));
  return { groups, bodies: bodies.map((body) => [...lines, ...body]) };
}

function bounded(
  number: string,
  counts: readonly number[],
  groups: number,
  body: (i: number) => readonly string[],
): { readonly groups: number; readonly bodies: readonly (readonly string[])[] } {
  const bodies = counts.map((count, i) =>
    count === groups ? body(i) : [`if (${number} < ${u32(count)}) {`, ...body(i), '}'],
  );
  return { groups, bodies };
}
