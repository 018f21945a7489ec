/**
 * The dimensions a kernel loops over: the coarsest cut of a shape's axes along which every access is one stride, with
 * neighbours joined again where all accesses run on.
 */
import type { Shape } from '../graph/graph.js';
import type { Factor } from './kernel.js';

export interface Domain {
  readonly sizes: readonly number[];
  /** For each axis of the shape, how many of the sizes are its own. */
  readonly perAxis: readonly number[];
}

/** Cuts each axis so that every access has whole dimensions; undefined where two accesses cut incompatibly. */
export function commonDomain(
  shape: Shape,
  accesses: readonly (readonly (readonly Factor[])[])[],
): Domain | undefined {
  const sizes: number[] = [];
  const perAxis: number[] = [];
  for (let axis = 0; axis < shape.length; axis++) {
    // An axis is cut where an access has a boundary: at the products of its inner sizes.
    const cuts = new Set<number>([1, shape[axis]!]);
    for (const access of accesses) {
      let inner = 1;
      for (const factor of access[axis]!.toReversed()) cuts.add((inner *= factor.size));
    }
    const ascending = [...cuts].sort((a, b) => a - b);
    const own: number[] = [];
    for (let i = 1; i < ascending.length; i++) {
      const size = ascending[i]! / ascending[i - 1]!;
      if (!Number.isInteger(size)) return undefined;
      own.unshift(size);
    }
    sizes.push(...own);
    perAxis.push(own.length);
  }
  return { sizes, perAxis };
}

/** An access's stride along each dimension of the domain. */
export function stridesOver(domain: Domain, access: readonly (readonly Factor[])[]): number[] {
  const strides: number[] = [];
  let dimension = domain.sizes.length;
  for (let axis = domain.perAxis.length - 1; axis >= 0; axis--) {
    const factors = [...access[axis]!];
    let left = factors.at(-1);
    for (let i = 0; i < domain.perAxis[axis]!; i++) {
      const size = domain.sizes[--dimension]!;
      if (left === undefined) strides.unshift(0);
      else {
        strides.unshift(left.stride);
        factors.pop();
        const rest = left.size / size;
        if (rest > 1) factors.push({ size: rest, stride: left.stride * size });
        left = factors.at(-1);
      }
    }
  }
  return strides;
}

/**
 * Joins neighbouring dimensions (with equal tags) along which all accesses run on. Gives the new sizes, and for each
 * access its strides over them.
 */
export function collapse(
  sizes: readonly number[],
  accesses: readonly (readonly number[])[],
  tags: readonly boolean[] = sizes.map(() => false),
): { sizes: number[]; accesses: number[][]; tags: boolean[] } {
  const outSizes: number[] = [];
  const outTags: boolean[] = [];
  const out: number[][] = accesses.map(() => []);
  sizes.forEach((size, dimension) => {
    if (size === 1) return;
    const last = outSizes.length - 1;
    const runsOn =
      last >= 0 &&
      outTags[last] === tags[dimension] &&
      accesses.every((strides, i) => out[i]![last] === strides[dimension]! * size);
    if (runsOn) {
      outSizes[last]! *= size;
      accesses.forEach((strides, i) => (out[i]![last] = strides[dimension]!));
    } else {
      outSizes.push(size);
      outTags.push(tags[dimension]!);
      accesses.forEach((strides, i) => out[i]!.push(strides[dimension]!));
    }
  });
  return { sizes: outSizes, accesses: out, tags: outTags };
}
