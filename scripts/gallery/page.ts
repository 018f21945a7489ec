/** docs/gallery.md as text: what was trained, what was measured, and what it says. */
import { CRITIC_KINDS, CRITIC_SETS, criticId, deepCriticId, HIDDEN_LAYERS } from './critics.js';
import { lineChart } from './line-chart.js';
import { ENOUGH, OBJECTIVES, SETS, STEPS, trialId, type ToyObjective, type ToySet } from './objectives.js';
import { weightId, WEIGHTS } from './penalty-weights.js';
import { noiseFloor, POINTS } from './toy-sets.js';
import { medianAndWorst, type Results, type TrialResult } from './trial.js';

const PICTURES = 'images/gallery';
const SET_TITLES: Readonly<Record<(typeof CRITIC_SETS)[number] | ToySet, string>> = {
  gaussians_8: '8 Gaussians',
  gaussians_25: '25 Gaussians',
  swiss_roll: 'swiss roll',
  circles: 'circles',
};

/** `kMeansAccuracy`: share of the held-out points of two circles that k-means puts right. */
export function galleryPage(results: Results, kMeansAccuracy: number): string {
  return [
    introduction(results),
    objectivesSection(results),
    criticsSection(results),
    layersSection(results),
    weightsSection(results),
    clustersSection(results, kMeansAccuracy),
  ].join('\n');
}

/** The gradient norms of deepCriticTrials as SVG, medians of the seeds. */
export function layerChart(results: Results): string {
  return lineChart({
    across: 'hidden layer, from the data to the score',
    up: 'gradient norm of the score',
    lines: CRITIC_KINDS.map((kind) => ({
      label: kind.title,
      colour: kind.colour,
      values: layerNorms(results[deepCriticId(kind)]!),
    })),
  });
}

function introduction(results: Results): string {
  const seconds = Object.values(results)
    .flatMap(({ seeds }) => seeds)
    .reduce((sum, run) => sum + run.seconds, 0);
  const runs = Object.values(results).reduce((sum, { seeds }) => sum + seeds.length, 0);
  return `<!-- Written by scripts/gallery.mjs from docs/gallery.json: change scripts/gallery/ instead. -->

# Gallery

Every objective of the library on points in the plane, trained by the compiled programs. The specs lie in
[examples/toy](../examples/toy), so each picture can be had with the command, for example

    npx began-compile run examples/toy/wgan_gp.yaml

This page is written by \`node scripts/gallery.mjs\`, which trains what changed since, or with \`--only dragan\` some of it and with
\`--all\` everything: ${runs} runs, ${(seconds / 60).toFixed(1)} minutes of one core in all. Numbers are those of seeds 1, 2 and 3: the median and, in
brackets, the worst. Pictures are those of seed 1, none picked.
`;
}

function objectivesSection(results: Results): string {
  const floors = SETS.map((set) => `${noiseFloor(set).toFixed(3)} (${SET_TITLES[set]})`).join(', ');
  return `## All objectives

All have the same networks, ReLU layers of 64 units, three in G and three in D, 8 normal latents, batches of 64, and a learning rate that
falls to 0 along half a cosine. G gets ${thousands(STEPS[1].many)} updates on 25 Gaussians and ${thousands(STEPS[1].few)} on the others;
where a critic takes five steps for each of G's (WGAN, WGAN-GP), ${thousands(STEPS[5].many)} on 25 Gaussians. EBGAN and BEGAN need an auto-encoder of points for D. Settings are those of the files in examples/toy, the same for all sets; they were chosen on seed 1.

- **modes**: of 25, those with at least ${ENOUGH} of ${thousands(POINTS)} samples within three standard deviations (an even spread gives 100).
- **quality**: the share of samples within three standard deviations of a mode; of the data themselves 98.9%. A mode is narrow here, 1/40 of the
  distance to the next one.
- **distance**: the sliced Wasserstein-1 distance (64 directions) to as many held-out points. Two draws of the data are ${floors} apart.

${table(
  [
    '',
    'modes',
    'quality',
    'distance, 25 Gaussians',
    'distance, swiss roll',
    'distance, circles',
    'seconds per run',
  ],
  OBJECTIVES.map((entry) => objectiveRow(entry, results)),
)}

Samples are blue, data grey, and orange is what D says (high is dark): its logit or score, for auto-encoders the energy, for catGAN the entropy
of its classes.

${table(
  ['', ...SETS.map((set) => SET_TITLES[set])],
  OBJECTIVES.map((entry) => [
    `**${entry.title}**<br>${entry.remark}`,
    ...SETS.map((set) => {
      const settings = entry.sets[set];
      return typeof settings === 'string' ? settings : image(trialId(entry.objective, set));
    }),
  ]),
)}
`;
}

function objectiveRow(entry: ToyObjective, results: Results): readonly string[] {
  const of = (set: ToySet): TrialResult | undefined => results[trialId(entry.objective, set)];
  const distance = (set: ToySet): string => {
    const result = of(set);
    return result === undefined ? '' : spread(result, 'distance', 'low', (value) => value.toFixed(3));
  };
  const gaussians = of('gaussians_25')!;
  return [
    `[${entry.title}](../examples/toy/${entry.spec}.yaml)`,
    spread(gaussians, 'covered', 'high', String),
    spread(gaussians, 'highQuality', 'high', percent),
    ...SETS.map(distance),
    seconds(SETS.flatMap((set) => of(set) ?? [])),
  ];
}

function criticsSection(results: Results): string {
  const critic = (kind: string, set: string) => results[`critic-${kind}-${set}`]!;
  const quadratic = (kind: string, set: string) =>
    percent(medianAndWorst(critic(kind, set), 'quadratic', 'low').median);
  const steepness = (kind: string) =>
    medianAndWorst(critic(kind, 'gaussians_8'), 'steepest', 'low').median.toPrecision(2);
  return `## Clipping against the penalty: what a critic learns

WGAN keeps its critic's slope down by cutting weights to [-c, c]. Gulrajani et al. (2017) say that such a critic is too simple a function, that it
ignores higher moments of the data. As they do, G is fixed here: its samples are the data plus normal noise of deviation 1. Only the critic learns
([clipped](../examples/toy/critic_clipped.yaml), [penalty](../examples/toy/critic_penalty.yaml)), from 8,000 batches of 64. The bands are levels of its score.

${table(
  ['', ...CRITIC_KINDS.map(({ title }) => title)],
  CRITIC_SETS.map((set) => [SET_TITLES[set], ...CRITIC_KINDS.map((kind) => image(criticId(kind, set)))]),
)}

Two numbers say how much a critic has understood. **Transport**: the difference of its mean scores of data and of samples over its largest slope met there, that is the
Wasserstein distance that it would report if its slope were 1; higher is better. **Quadratic**: the share of its score over the picture (R²) that a polynomial of degree two
in x and y explains; at 100% it sees nothing but means and covariances.

${table(
  ['', ...CRITIC_KINDS.map(({ title }) => title)],
  CRITIC_SETS.flatMap((set) => [
    [
      `${SET_TITLES[set]}, transport`,
      ...CRITIC_KINDS.map((kind) =>
        spread(results[criticId(kind, set)]!, 'transport', 'high', (value) => value.toFixed(3)),
      ),
    ],
    [
      `${SET_TITLES[set]}, quadratic`,
      ...CRITIC_KINDS.map((kind) => spread(results[criticId(kind, set)]!, 'quadratic', 'low', percent)),
    ],
  ]),
)}

Seen on 8 Gaussians: the penalised critic has a hill at every mode and a hollow between them, and a polynomial of degree two explains
${quadratic('penalty', 'gaussians_8')} of it. The clipped ones have one hill in the middle of the ring, where there are no data (${quadratic('c0.1', 'gaussians_8')}, ${quadratic('c0.01', 'gaussians_8')} and ${quadratic('c0.001', 'gaussians_8')}), and report about half the
distance or less. On 25 Gaussians and on the roll the difference is small: noise of deviation 1 is wider than the gaps between the modes, and what is left to see is
mostly one hill for all but the tightest clipping; the penalised critic begins to bend around the modes. Clipping also says nothing about scale: at c = 0.01 the largest slope met is ${steepness('c0.01')}, at c = 0.001 ${steepness('c0.001')},
at c = 0.1 ${steepness('c0.1')}, under the penalty ${steepness('penalty')}.
`;
}

function layersSection(results: Results): string {
  return `## Clipping against the penalty: what is left of the gradient

The same game on the swiss roll with critics of twelve layers, 32 units wide ([clipped](../examples/toy/deep_critic_clipped.yaml),
[penalty](../examples/toy/deep_critic_penalty.yaml)), after 2,000 batches: the norm of the gradient of the score at every hidden layer, mean over held-out points,
median of three seeds.

![Gradient norm per layer for c = 0.1, 0.01, 0.001 and the penalty](${PICTURES}/deep-critic-layers.svg)

${table(
  ['', 'layer 1', `layer ${HIDDEN_LAYERS}`, 'per layer, times'],
  CRITIC_KINDS.map((kind) => {
    const norms = layerNorms(results[deepCriticId(kind)]!);
    const [first, last] = [norms[0]!, norms.at(-1)!];
    return [kind.title, short(first), short(last), short((first / last) ** (1 / (HIDDEN_LAYERS - 1)))];
  }),
)}

Seen: at c = 0.1 the gradient grows at every layer on its way to the data, at 0.01 and 0.001 it shrinks, down to nothing a float32 can hold, and G would
learn nothing from it. The penalty keeps it level. No bound is right by itself: it depends on how wide and deep the critic is.
`;
}

function weightsSection(results: Results): string {
  return `## DRAGAN's weight

The penalty of DRAGAN has weight 10 in its paper, for pictures. On 25 Gaussians, seed 1:

${table(
  ['', ...WEIGHTS.map((weight) => `λ = ${weight}`)],
  [
    ['', ...WEIGHTS.map((weight) => image(weightId(weight)))],
    ['modes', ...WEIGHTS.map((weight) => String(measure(results, weightId(weight), 'covered')))],
    ['quality', ...WEIGHTS.map((weight) => percent(measure(results, weightId(weight), 'highQuality')))],
    ['distance', ...WEIGHTS.map((weight) => measure(results, weightId(weight), 'distance').toFixed(3))],
  ],
)}

Without the penalty this is the GAN game, sharp and with most modes lost. A weight of 0.1 is enough to bring them back.
With 10 D is too stiff to tell the modes
apart, and G collapses: on points the weight must be small, because their modes are small against the slope of 1 that the penalty asks for.
`;
}

function clustersSection(results: Results, kMeansAccuracy: number): string {
  const accuracy = (id: string) => spread(results[id]!, 'accuracy', 'high', percent);
  return `## Two circles: k-means and catGAN

One cluster of k-means is all that is nearer to one centre than to the other, so no choice of centres parts two circles around one point. catGAN looks for borders that lie where
no data are. Accuracy on ${thousands(POINTS)} held-out points, each cluster named after the class that most of its points have; k-means is the best of 10 starts. With labels: 8 of each circle, and beside it D alone on the same 16 points.

${table(
  ['k-means', 'catGAN', 'catGAN, 16 labels', 'D alone, 16 labels'],
  [
    ['clusters-k-means', 'clusters-catgan', 'clusters-catgan-labels', 'clusters-labels-alone'].map(image),
    [
      percent(kMeansAccuracy),
      accuracy('clusters-catgan'),
      accuracy('clusters-catgan-labels'),
      accuracy('clusters-labels-alone'),
    ],
  ],
)}

Not seen: without labels, catGAN cuts both circles in half as k-means does, in all three seeds, and so it did with other rates, with noise in D, and with four and eight clusters. A straight cut is
almost as good for its loss as a ring: it meets data in four short pieces only, and nothing smooth leads from the one to the other. That it can find the rings is a claim of its paper which these settings do
not confirm. With 16 labels the circles are parted in two seeds of three, better than by D alone, whose border is free wherever there is no label; in the third seed catGAN does worse.
`;
}

const image = (id: string): string => `<img src="${PICTURES}/${id}.png" width="176" alt="${id}">`;

const thousands = (count: number): string => count.toLocaleString('en');

/** Two digits; what a float32 has lost is 0. */
const short = (value: number): string =>
  value >= 10 ? value.toFixed(0) : String(Number(value.toPrecision(2)));

const percent = (share: number): string => `${(100 * share).toFixed(0)}%`;

/** The median, and the worst where it reads otherwise. */
function spread(
  result: TrialResult,
  name: string,
  better: 'high' | 'low',
  write: (value: number) => string,
): string {
  const { median, worst } = medianAndWorst(result, name, better);
  const [middle, least] = [write(median), write(worst)];
  return middle === least ? middle : `${middle} (${least})`;
}

function measure(results: Results, id: string, name: string): number {
  const value = results[id]?.seeds[0]?.measures[name];
  if (value === undefined) throw new RangeError(`'${id}' has no measure '${name}'`);
  return value;
}

const layerNorms = (result: TrialResult): readonly number[] =>
  Array.from({ length: HIDDEN_LAYERS }, (_, i) => medianAndWorst(result, `layer${i + 1}`, 'high').median);

function seconds(results: readonly TrialResult[]): string {
  const times = results.flatMap(({ seeds }) => seeds.map((run) => run.seconds));
  return `${Math.min(...times).toFixed(0)} to ${Math.max(...times).toFixed(0)}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
