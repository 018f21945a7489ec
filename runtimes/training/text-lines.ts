/** From numbers over the symbols of an alphabet back to lines of text. */
import type { PackedText } from './example-source.js';

/** The symbol with the largest number at every place (the first of equals). `depth` numbers per place. */
export function likeliestSymbols(values: Float32Array, depth: number): Uint16Array {
  const symbols = new Uint16Array(values.length / depth);
  for (let place = 0; place < symbols.length; place++) {
    let best = 0;
    for (let symbol = 1; symbol < depth; symbol++) {
      if (values[place * depth + symbol]! > values[place * depth + best]!) best = symbol;
    }
    symbols[place] = best;
  }
  return symbols;
}

/** A line ends at its first padding, as those of the data do. */
export function linesOfSymbols(
  symbols: Uint16Array,
  { length, alphabet }: Pick<PackedText, 'length' | 'alphabet'>,
): readonly string[] {
  return Array.from({ length: symbols.length / length }, (_, i) => {
    const line = symbols.subarray(i * length, (i + 1) * length);
    const end = line.indexOf(0);
    return Array.from(end === -1 ? line : line.subarray(0, end), (symbol) => alphabet[symbol - 1]!).join('');
  });
}
