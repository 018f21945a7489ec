/** Clipping against the penalty: what a critic alone learns, and what is left of its gradient layer by layer. */
import type { PointSet } from '../../spec/spec.js';
import { drawKey, fillNormal } from '../../compiler/random/stream.js';
import { planePicture } from './plane-picture.js';
import { quadraticShare } from './polynomial-share.js';
import { fieldPlaces } from '../../runtimes/node/points-picture.js';
import { heldOut, POINTS } from './toy-sets.js';
import { valuesAt, type ToyRun } from './toy-run.js';
import type { Measures, Trial } from './trial.js';

export const CRITIC_SETS = [
  'gaussians_8',
  'gaussians_25',
  'swiss_roll',
] as const satisfies readonly PointSet[];

export interface CriticKind {
  readonly id: string;
  readonly title: string;
  readonly colour: string;
  readonly specs: 'clipped' | 'penalty';
  readonly settings: Readonly<Record<string, string>>;
}

export const CRITIC_KINDS: readonly CriticKind[] = [
  { id: 'c0.1', title: 'c = 0.1', colour: '#d95f02', specs: 'clipped', settings: { 'hyper.c': '0.1' } },
  { id: 'c0.01', title: 'c = 0.01', colour: '#7570b3', specs: 'clipped', settings: { 'hyper.c': '0.01' } },
  { id: 'c0.001', title: 'c = 0.001', colour: '#e7298a', specs: 'clipped', settings: { 'hyper.c': '0.001' } },
  { id: 'penalty', title: 'penalty', colour: '#1b9e77', specs: 'penalty', settings: {} },
];

export const criticId = (kind: CriticKind, set: PointSet): string => `critic-${kind.id}-${set}`;
export const deepCriticId = (kind: CriticKind): string => `deep-critic-${kind.id}`;

/** Of examples/toy/deep_critic_*.yaml; at the 11th and last one the gradient is the weights of the score, for every point. */
export const HIDDEN_LAYERS = 10;

export const criticTrials: readonly Trial[] = CRITIC_KINDS.flatMap((kind) =>
  CRITIC_SETS.map((set) => ({
    id: criticId(kind, set),
    spec: `critic_${kind.specs}`,
    settings: { 'data.x.points': set, ...kind.settings },
    seeds: [1, 2, 3],
    measure: (run: ToyRun) => measureCritic(run, set),
    draw: (run: ToyRun) => planePicture({ run, set, field: 'field' }),
  })),
);

export const deepCriticTrials: readonly Trial[] = CRITIC_KINDS.map((kind) => ({
  id: deepCriticId(kind),
  spec: `deep_critic_${kind.specs}`,
  settings: kind.settings,
  seeds: [1, 2, 3],
  measure: measureLayers,
}));

/**
 * `transport`: E D(x) - E D(x + noise) over the largest slope met, so that critics of any scale compare; it cannot exceed the
 * Wasserstein distance where that slope is the largest of all. `quadratic`: the share of the field that a polynomial of degree
 * two explains.
 */
async function measureCritic(run: ToyRun, set: PointSet): Promise<Measures> {
  const { points, square } = heldOut(set);
  const noisy = new Float32Array(2 * POINTS);
  fillNormal(noisy, drawKey(0, 'gallery/noise', 0), 0, 1);
  points.forEach((value, i) => (noisy[i]! += value));
  const steepest = Math.max(
    ...(await valuesAt(run, 'slope', points)),
    ...(await valuesAt(run, 'slope', noisy)),
  );
  const distance = mean(await valuesAt(run, 'field', points)) - mean(await valuesAt(run, 'field', noisy));
  const places = fieldPlaces(square, 48);
  return {
    transport: distance / steepest,
    quadratic: quadraticShare(places, await valuesAt(run, 'field', places)),
    steepest,
  };
}

/** `layer1` ..: the mean norm over held-out points of the gradient of the score at every hidden layer. */
async function measureLayers(run: ToyRun): Promise<Measures> {
  const { points } = heldOut('swiss_roll');
  const norms: Record<string, number> = {};
  for (let layer = 1; layer <= HIDDEN_LAYERS; layer++) {
    norms[`layer${layer}`] = mean(await valuesAt(run, `slope${layer}`, points));
  }
  return norms;
}

const mean = (values: Float32Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;
