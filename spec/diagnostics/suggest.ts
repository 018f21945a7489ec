/** More names than people give: a file of twenty thousand, none of them right, is not compared with itself. */
const MAXIMUM_CANDIDATES = 1000;

/**
 * The name the user probably meant, or undefined where nothing is close: a difference of case only, or at most one
 * edit for three letters (two from six letters on, three from ten on), where swapping two neighbours is one edit.
 */
export function suggest(written: string, known: Iterable<string>): string | undefined {
  const wanted = written.toLowerCase();
  const allowed = wanted.length < 3 ? 0 : wanted.length < 6 ? 1 : wanted.length < 10 ? 2 : 3;
  let best: string | undefined;
  let bestDistance = allowed + 1;
  let seen = 0;
  for (const candidate of known) {
    if (candidate === written) continue;
    if (++seen > MAXIMUM_CANDIDATES) break;
    const distance = editDistance(wanted, candidate.toLowerCase(), bestDistance);
    // A word of two letters is one edit away from too many others.
    if (distance < bestDistance && (distance === 0 || distance < candidate.length - 1)) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Damerau's distance (insertions, deletions, replacements, swaps of neighbours); at most `limit` is told exactly. */
export function editDistance(a: string, b: string, limit = Infinity): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      let distance = Math.min(replaced, previous[j]! + 1, row[j - 1]! + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        distance = Math.min(distance, beforePrevious[j - 2]! + 1);
      }
      row.push(distance);
    }
    // Distances grow from row to row, but for the swap, which looks two rows back.
    if (Math.min(...row) >= limit && Math.min(...previous) >= limit) return limit;
    beforePrevious = previous;
    previous = row;
  }
  return previous[b.length]!;
}
