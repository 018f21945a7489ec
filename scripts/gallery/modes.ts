/**
 * How many modes of a mixture samples reach, and how many samples lie at one, as VEEGAN (Srivastava et al. 2017) and PacGAN
 * (Lin et al. 2018) count them.
 */

export interface Mixture {
  /** x and y of every mode. */
  readonly centres: readonly (readonly [x: number, y: number])[];
  /** Of every mode, per axis. */
  readonly deviation: number;
}

export interface ModeCount {
  /** Modes with at least `enough` samples within three deviations. */
  readonly covered: number;
  /** Share of samples within three deviations of some mode. */
  readonly highQuality: number;
}

/** `gaussians_25` of runtimes/node/points-source.ts. */
export const GAUSSIANS_25: Mixture = {
  centres: Array.from({ length: 25 }, (_, mode) => [
    ((mode % 5) - 2) / Math.SQRT2,
    (Math.floor(mode / 5) - 2) / Math.SQRT2,
  ]),
  deviation: 0.05 / (2 * Math.SQRT2),
};

/** `points`: x and y of one after another. */
export function countModes(points: Float32Array, { centres, deviation }: Mixture, enough: number): ModeCount {
  const hits = centres.map(() => 0);
  let good = 0;
  for (let i = 0; i < points.length; i += 2) {
    const near = centres.findIndex(
      ([x, y]) => Math.hypot(points[i]! - x, points[i + 1]! - y) <= 3 * deviation,
    );
    if (near < 0) continue;
    hits[near]!++;
    good++;
  }
  return {
    covered: hits.filter((count) => count >= enough).length,
    highQuality: good / (points.length / 2),
  };
}
