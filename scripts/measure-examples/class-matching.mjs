// Which cluster means which class, where nothing was told.

/**
 * The one-to-one assignment of clusters to classes under which the most examples are right, exactly: a table over sets of
 * classes already given away (2^10 for digits).
 *
 * @param clusters by example, numbers of 0 .. count - 1
 * @param classes by example, numbers of 0 .. count - 1
 * @returns `classOf` (by cluster) and `accuracy`
 */
export function bestMatching(clusters, classes, count) {
  const together = Array.from({ length: count }, () => new Uint32Array(count));
  clusters.forEach((cluster, i) => together[cluster][classes[i]]++);
  const sets = 1 << count;
  const best = new Int32Array(sets).fill(-1);
  const last = new Int32Array(sets);
  best[0] = 0;
  for (let set = 0; set < sets; set++) {
    const cluster = bits(set);
    if (cluster === count) continue;
    for (let digit = 0; digit < count; digit++) {
      const next = set | (1 << digit);
      const right = best[set] + together[cluster][digit];
      if (next === set || right <= best[next]) continue;
      best[next] = right;
      last[next] = digit;
    }
  }
  const classOf = new Array(count);
  for (let set = sets - 1, cluster = count - 1; cluster >= 0; cluster--) {
    classOf[cluster] = last[set];
    set &= ~(1 << last[set]);
  }
  return { classOf, accuracy: best[sets - 1] / clusters.length };
}

function bits(set) {
  let count = 0;
  for (; set !== 0; set &= set - 1) count++;
  return count;
}
