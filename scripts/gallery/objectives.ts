/** Every objective of the library on 25 Gaussians, the swiss roll and circles. */
import type { PointSet } from '../../spec/spec.js';
import { countModes, GAUSSIANS_25 } from './modes.js';
import { planePicture } from './plane-picture.js';
import { slicedDistance } from './sliced-distance.js';
import type { ToyRun } from './toy-run.js';
import { heldOut, POINTS } from './toy-sets.js';
import type { Measures, Trial } from './trial.js';

export const SETS = ['gaussians_25', 'swiss_roll', 'circles'] as const satisfies readonly PointSet[];
export type ToySet = (typeof SETS)[number];

export interface ToyObjective {
  /** Of the library. */
  readonly objective: string;
  readonly title: string;
  /** A file of examples/toy/, named after the objective. */
  readonly spec: string;
  /** D's updates per update of G. */
  readonly criticSteps: 1 | 5;
  /** What the set needs besides `data.x.points` and the number of steps; a sentence where it makes no sense. */
  readonly sets: Readonly<Record<ToySet, Readonly<Record<string, string>> | string>>;
  readonly remark: string;
}

/** Samples that make a mode covered; evenly spread they would be 100. */
export const ENOUGH = 20;
const SEEDS = [1, 2, 3];
const SAMPLE_SEED = 77;

/** Updates of G on 25 Gaussians (as the specs say) and on the other sets. */
export const STEPS = { 1: { many: 8000, few: 3000 }, 5: { many: 4000, few: 3000 } } as const;

const ANY = { gaussians_25: {}, swiss_roll: {}, circles: {} };

/** Settings are those of examples/toy, fixed for all three sets. */
export const OBJECTIVES: readonly ToyObjective[] = [
  {
    objective: 'gan',
    title: 'GAN',
    spec: 'gan',
    criticSteps: 1,
    sets: ANY,
    remark: 'It drops modes: the failure that the others answer.',
  },
  {
    objective: 'lsgan',
    title: 'LSGAN',
    spec: 'lsgan',
    criticSteps: 1,
    sets: ANY,
    remark: 'Most modes are missing, as in the GAN game.',
  },
  {
    objective: 'wgan',
    title: 'WGAN',
    spec: 'wgan',
    criticSteps: 5,
    sets: ANY,
    remark: 'Everything is reached and little is hit: a clipped critic sees no detail.',
  },
  {
    objective: 'wgan_gp',
    title: 'WGAN-GP',
    spec: 'wgan_gp',
    criticSteps: 5,
    sets: ANY,
    remark:
      'The critic has a hill at each mode. The slowest, five critic steps with second-order gradients, and still moving when its rate reached 0.',
  },
  {
    objective: 'dragan',
    title: 'DRAGAN',
    spec: 'dragan',
    criticSteps: 1,
    sets: ANY,
    remark: 'The GAN game with a smooth D: sharp, and all modes or nearly all.',
  },
  {
    objective: 'ebgan',
    title: 'EBGAN',
    spec: 'ebgan',
    criticSteps: 1,
    sets: ANY,
    remark: 'Modes go missing even with the pulling-away term; the roll is followed.',
  },
  {
    objective: 'began',
    title: 'BEGAN',
    spec: 'began',
    criticSteps: 1,
    sets: ANY,
    remark:
      'It does not work on points: D reconstructs two numbers wherever samples are, and the balance of two energies is reached with samples in one place. Codes of 1, 2, 8 and 16 numbers, γ from 0.5 to 1 and λ from 0.001 to 1 were tried.',
  },
  {
    objective: 'catgan',
    title: 'catGAN',
    spec: 'catgan',
    criticSteps: 1,
    sets: { gaussians_25: {}, swiss_roll: { 'hyper.k': '4' }, circles: { 'hyper.k': '2' } },
    remark: 'It sorts, and samples only have to look like some cluster: they fill the plane where D is sure.',
  },
  {
    objective: 'sgan',
    title: 'SGAN',
    spec: 'sgan',
    criticSteps: 1,
    sets: {
      gaussians_25: {},
      swiss_roll: 'The roll has one class.',
      circles: { 'hyper.k': '2', 'data.u.points': 'circles', 'data.x.subset.per_class': '32' },
    },
    remark:
      'By feature matching, from 4 labels of each mode: samples serve the classifier, and match the data in the mean of their features only.',
  },
  {
    objective: 'acgan',
    title: 'ACGAN',
    spec: 'acgan',
    criticSteps: 1,
    sets: { gaussians_25: {}, swiss_roll: 'The roll has one class.', circles: { 'hyper.k': '2' } },
    remark: 'The label says which mode to draw: all are there. One seed of three lost a circle.',
  },
  {
    objective: 'infogan',
    title: 'InfoGAN',
    spec: 'infogan',
    criticSteps: 1,
    sets: { gaussians_25: {}, swiss_roll: { 'hyper.k': '4' }, circles: { 'hyper.k': '2' } },
    remark: 'The code of 25 values finds the modes without labels.',
  },
];

export const trialId = (objective: string, set: ToySet): string => `${objective}-${set}`;

export const objectiveTrials: readonly Trial[] = OBJECTIVES.flatMap((entry) =>
  SETS.flatMap((set) => {
    const settings = entry.sets[set];
    return typeof settings === 'string' ? [] : [sampledTrial(entry, set, settings)];
  }),
);

function sampledTrial(
  { objective, spec, criticSteps }: ToyObjective,
  set: ToySet,
  settings: Readonly<Record<string, string>>,
): Trial {
  const steps = STEPS[criticSteps][set === 'gaussians_25' ? 'many' : 'few'];
  return {
    id: trialId(objective, set),
    spec,
    settings: { 'data.x.points': set, 'train.steps': String(steps), ...settings },
    seeds: SEEDS,
    measure: (run) => measureSamples(run, set),
    draw: (run) => planePicture({ run, set, samples: 'generate', field: 'field' }),
  };
}

/** `distance`: sliced distance to held-out points; `covered` and `highQuality` of 25 Gaussians only. */
export async function measureSamples({ session }: ToyRun, set: PointSet): Promise<Measures> {
  const { values } = await session.generate('generate', { count: POINTS, seed: SAMPLE_SEED });
  const distance = slicedDistance(values, heldOut(set).points);
  if (set !== 'gaussians_25') return { distance };
  return { distance, ...countModes(values, GAUSSIANS_25, ENOUGH) };
}
