/** DRAGAN's weight: from almost the GAN game to the 10 of pictures. */
import { measureSamples, STEPS } from './objectives.js';
import { planePicture } from './plane-picture.js';
import type { ToyRun } from './toy-run.js';
import type { Trial } from './trial.js';

export const WEIGHTS = ['0', '0.1', '1', '10'];
const SET = 'gaussians_25';

export const weightId = (weight: string): string => `dragan-weight-${weight}`;

export const weightTrials: readonly Trial[] = WEIGHTS.map((weight) => ({
  id: weightId(weight),
  spec: 'dragan',
  settings: { 'objective.with.lambda': weight, 'train.steps': String(STEPS[1].many) },
  seeds: [1],
  measure: (run: ToyRun) => measureSamples(run, SET),
  draw: (run: ToyRun) => planePicture({ run, set: SET, samples: 'generate', field: 'field' }),
}));
