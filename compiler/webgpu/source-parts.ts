/** Where a channel lies of what a convolution reads: in the part that has it. */
import type { SourcePart } from '../plan/kernel.js';
import { factorOffset } from './factors.js';
import { u32 } from './wgsl.js';

/** From where a part's channels begin to `channel` of all; of another part's channel it means nothing. */
export function channelOffset({ first, axes }: SourcePart, channel: string): string {
  return factorOffset(first === 0 ? channel : `(${channel} - ${u32(first)})`, axes[3]!);
}

/** Of the addresses in each part, that in the part which has `channel`. */
export function inPart(parts: readonly SourcePart[], channel: string, addresses: readonly string[]): string {
  return addresses.reduceRight((later, address, i) => {
    const { first, channels } = parts[i]!;
    return `select(${later}, ${address}, ${channel} < ${u32(first + channels)})`;
  });
}
