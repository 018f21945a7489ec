/** Where a place of a view's axis lies: an axis is a list of factors, the innermost last. */
import type { Factor } from '../plan/kernel.js';
import { u32 } from './wgsl.js';

export function factorOffset(index: string, factors: readonly Factor[]): string {
  const terms: string[] = [];
  let inner = 1;
  for (let i = factors.length - 1; i >= 0; i--) {
    const { size, stride } = factors[i]!;
    const shifted = inner === 1 ? index : `${index} / ${u32(inner)}`;
    const own = i === 0 ? shifted : `${shifted} % ${u32(size)}`;
    if (stride !== 0) terms.push(stride === 1 ? `(${own})` : `(${own}) * ${u32(stride)}`);
    inner *= size;
  }
  return terms.length === 0 ? '0u' : terms.join(' + ');
}
