/** How the columns of a contraction's right operand are grouped, and packed. */
/** Output channels done together. */
export const BLOCK = 16;

/** Output channels as blocks of 16, then what is left in one block of 4, 8, 12 or 16. */
export function channelBlocks(channels: number): {
  readonly full: number;
  readonly rest: number;
  readonly restWidth: number;
} {
  const rest = channels % BLOCK;
  return { full: (channels - rest) / BLOCK, rest, restWidth: Math.ceil(rest / 4) * 4 };
}

/** Elements of one (row phase, column phase) of the packed weights: [block][tap row][tap column][channel][BLOCK]. */
export function packedElements(
  rowTaps: number,
  columnTaps: number,
  sourceChannels: number,
  outputChannels: number,
): number {
  const { full, restWidth } = channelBlocks(outputChannels);
  return rowTaps * columnTaps * sourceChannels * (full * BLOCK + restWidth);
}
