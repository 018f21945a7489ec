/** All that is trained for the gallery, in the order in which docs/gallery.md shows it. */
import { clusterTrials } from './clusters.js';
import { criticTrials, deepCriticTrials } from './critics.js';
import { objectiveTrials } from './objectives.js';
import { weightTrials } from './penalty-weights.js';
import type { Trial } from './trial.js';

export const TRIALS: readonly Trial[] = [
  ...objectiveTrials,
  ...criticTrials,
  ...deepCriticTrials,
  ...weightTrials,
  ...clusterTrials,
];
