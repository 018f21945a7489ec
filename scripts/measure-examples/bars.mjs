// What every example has to reach, written down before it was measured; docs/examples.md prints both, reached or not.

/** Shares of 1. The networks are small and the runs take minutes: these are not the papers' figures. */
export const BARS = {
  /** Of 1,000 samples, those that the classifier reads with a certainty above 0.9; every digit among at least 2 % of them. */
  readable: { share: 0.6, rarest: 0.02 },
  /** Held-out pictures that the classifiers which judge must read. */
  judge: { digits: 0.97, fashion: 0.85, faces: 0.95 },
  /** Samples of which the classifier says the class that G was told. */
  classAccuracy: { acgan: 0.85, lsgan: 0.7, began: 0.8 },
  /** Held-out digits whose category is theirs, under the best matching of categories to digits; chance is 0.1. */
  infogan: 0.6,
  /** The error on held-out digits falls with every row: none (best matching), 100, 1,000 and 7,000 labels. */
  catgan: { perClass: [10, 100, 700], last: 0.05 },
  /** The mean error over the seeds is below that of the same network alone; with 1,000 labels at most `slack` above it. */
  sgan: { perClass: [3, 10, 100], seeds: [1, 2], slack: 0.01 },
};
