/**
 * How far samples are from text: the Jensen-Shannon divergence of their n-grams, as Gulrajani et al., "Improved Training of
 * Wasserstein GANs" (2017), measure a character model. With p and q the shares of every n-gram, at every place of a line and
 * padding included,
 *
 *   JS(p, q) = KL(p | m) / 2 + KL(q | m) / 2,   m = (p + q) / 2,   KL(p | m) = sum p log2(p / m)
 *
 * in bits: 0 for equal shares, 1 where no n-gram is in both. Few lines never hold all n-grams of a text, so that even real
 * lines are not at 0: `text` says where they are.
 */
import type { PackedText } from './example-source.js';

/** For n = 1, 2, 3, 4, as far as lines are that long. */
export interface NgramDivergence {
  /** Of the samples from the held-out lines; from all lines where none are held out. */
  readonly samples: readonly number[];
  /** The same of equally many lines of the data. */
  readonly text: readonly number[];
}

const LONGEST = 4;

/** Shares of the n-grams of lines, by the characters that their symbols' numbers make. */
type Shares = ReadonlyMap<string, number>;

function ngramShares(symbols: Uint16Array, length: number, n: number): Shares {
  const lines = symbols.length / length;
  const share = 1 / (lines * (length - n + 1));
  const shares = new Map<string, number>();
  for (let line = 0; line < lines; line++) {
    for (let i = 0; i + n <= length; i++) {
      const at = line * length + i;
      const key = String.fromCharCode(...symbols.subarray(at, at + n));
      shares.set(key, (shares.get(key) ?? 0) + share);
    }
  }
  return shares;
}

/** In bits, 0 to 1. */
export function jensenShannon(p: Shares, q: Shares): number {
  const half = (a: Shares, b: Shares) => {
    let sum = 0;
    for (const [key, share] of a) sum += share * Math.log2((2 * share) / (share + (b.get(key) ?? 0)));
    return sum / 2;
  };
  return half(p, q) + half(q, p);
}

/** Compares samples with a text, whose n-grams are counted once. */
export class NgramReference {
  readonly #length: number;
  readonly #shares: readonly Shares[];
  readonly #text: readonly number[];

  /** @param lines how many samples will be compared */
  constructor(text: PackedText, lines: number) {
    const { count, length, symbols, heldOut } = text;
    this.#length = length;
    this.#shares = this.#count(heldOut ?? symbols);
    // Spread evenly over the data, which may be sorted.
    const members = Math.min(lines, count);
    const real = new Uint16Array(members * length);
    for (let i = 0; i < members; i++) {
      const line = Math.floor((i * count) / members);
      real.set(symbols.subarray(line * length, (line + 1) * length), i * length);
    }
    this.#text = this.#divergences(real);
  }

  /** `symbols`: lines one after another. */
  compare(symbols: Uint16Array): NgramDivergence {
    return { samples: this.#divergences(symbols), text: this.#text };
  }

  #count(symbols: Uint16Array): readonly Shares[] {
    const longest = Math.min(LONGEST, this.#length);
    return Array.from({ length: longest }, (_, i) => ngramShares(symbols, this.#length, i + 1));
  }

  #divergences(symbols: Uint16Array): readonly number[] {
    return this.#count(symbols).map((shares, i) => jensenShannon(shares, this.#shares[i]!));
  }
}
