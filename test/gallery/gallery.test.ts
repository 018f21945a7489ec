import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folderLibrary } from '../../runtimes/node/index.js';
import { kMeansOnCircles } from '../../scripts/gallery/clusters.js';
import { TRIALS } from '../../scripts/gallery/gallery.js';
import { formatted, PAGE, readResults } from '../../scripts/gallery/main.js';
import { objectiveTrials, OBJECTIVES } from '../../scripts/gallery/objectives.js';
import { galleryPage, layerChart } from '../../scripts/gallery/page.js';
import { ROOT, runTrial } from '../../scripts/gallery/trial.js';

const PICTURES = join(ROOT, 'docs/images/gallery');
const AGAIN = 'run node scripts/gallery.mjs';

it('shows every objective of the library', () => {
  const library = folderLibrary();
  const objectives = library.names().filter((name) => /^objective:/m.test(library.read(name)!.text));
  expect(OBJECTIVES.map(({ objective }) => objective).sort()).toEqual(objectives.sort());
  const page = readFileSync(PAGE, 'utf8');
  for (const { title, spec } of OBJECTIVES)
    expect(page).toContain(`[${title}](../examples/toy/${spec}.yaml)`);
});

it('has results and a picture of everything it shows', () => {
  const results = readResults();
  expect(Object.keys(results), AGAIN).toEqual(TRIALS.map(({ id }) => id));
  const pictures = TRIALS.filter(({ draw }) => draw !== undefined).map(({ id }) =>
    join(PICTURES, `${id}.png`),
  );
  expect(pictures.filter((path) => !existsSync(path))).toEqual([]);
});

it('is the page and the chart that its results give', async () => {
  const results = readResults();
  const page = await formatted(galleryPage(results, kMeansOnCircles().accuracy), PAGE);
  expect(page, AGAIN).toBe(readFileSync(PAGE, 'utf8'));
  expect(layerChart(results), AGAIN).toBe(readFileSync(join(PICTURES, 'deep-critic-layers.svg'), 'utf8'));
});

describe('two trials from end to end, with 20 steps', () => {
  const tiny = (id: string) => {
    const trial = objectiveTrials.find((candidate) => candidate.id === id)!;
    return { ...trial, settings: { ...trial.settings, 'train.steps': '20' }, seeds: [1] };
  };

  it('writes what was measured into the row of the table', async () => {
    const gan = await runTrial(tiny('gan-gaussians_25'));
    const penalty = await runTrial(tiny('wgan_gp-circles'));
    expect(gan.picture).toMatchObject({ width: 176, height: 176, channels: 3 });
    expect(penalty.result.seeds[0]).toMatchObject({ seed: 1 });

    const results = {
      ...readResults(),
      'gan-gaussians_25': gan.result,
      'wgan_gp-circles': penalty.result,
    };
    const page = galleryPage(results, 0.5);
    const { covered, highQuality, distance } = gan.result.seeds[0]!.measures;
    const row = (title: string) => page.split('\n').find((line) => line.startsWith(`| [${title}]`));
    expect(row('GAN')).toContain(
      `| ${covered} | ${(100 * highQuality!).toFixed(0)}% | ${distance!.toFixed(3)} |`,
    );
    expect(row('WGAN-GP')).toContain(`| ${penalty.result.seeds[0]!.measures['distance']!.toFixed(3)} |`);
  });
});
