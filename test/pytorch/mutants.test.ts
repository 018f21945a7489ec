/** Mistakes planted in exported programs, one at a time, are found by what systems.test.ts compares. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { referenceEngine } from '../../runtimes/reference/engine.js';
import { SYSTEMS } from '../library/systems.js';
import { WRITTEN_SYSTEMS } from '../library/written-systems.js';
import { judgeAgainst } from '../parity/judge.js';
import type { RunRecord } from '../parity/run.js';
import { compiled, type ExportedSpec } from './exported.js';
import { FLOAT64 } from './limits.js';
import { hasTorch, PythonTorch, START } from './python-torch.js';
import { ownRun } from './reference-run.js';

const BEGAN = 'began k0: 0.3, rate: 1e-3';
const LAZY = 'hinge with a lazy penalty, an average and running statistics';
const BOUNDED = 'a critic within bounds before its step, clipped gradients';
const EVERY_LAYER = 'a slope penalty through every layer';

type Mutant = readonly [system: string, what: string, right: string, wrong: string];

/** Taken by every run; the heavy one takes all. */
const FIRST: readonly Mutant[] = [
  [BEGAN, 'the sign of k', 'Lx - k * Lf', 'Lx + k * Lf'],
  [BEGAN, 'k dropped', 'Lx - k * Lf', 'Lx - Lf'],
  [BEGAN, 'the controller the wrong way round', 'clip(k + 0.001 *', 'clip(k - 0.001 *'],
  [BEGAN, "another epsilon of Adam's", '"eps": 1e-8', '"eps": 1e-4'],
  ['wgan_gp', 'a penalty that teaches nothing', 'create_graph=True', 'create_graph=False, retain_graph=True'],
  ['wgan_gp', 'one slope of the whole batch', 'mixed), per="sample")', 'mixed))'],
  ['infogan', 'a bound that is climbed down', 'L_G - bound', 'L_G + bound'],
  ['infogan', 'the order of the data', 'range(count - 1, 0, -1)', 'range(count - 1, 1, -1)'],
];

const MUTANTS: readonly Mutant[] = [
  [
    BEGAN,
    'a gradient doubled',
    'steps.append((update, tensors, gradients))',
    'steps.append((update, tensors, gradients)); self.gradients[name] = 2 * gradient',
  ],
  [
    BEGAN,
    "a layer's gradient zeroed",
    'tensor.value.grad = gradient.to(',
    'tensor.value.grad = (gradient * float(tensor.value.dim() > 1)).to(',
  ],
  [
    BEGAN,
    'another draw',
    '>> np.uint32(8)).astype(np.float64) * TWO',
    '>> np.uint32(9)).astype(np.float64) * TWO',
  ],
  [BEGAN, 'other initial weights', 'init/{tensor.name}', 'start/{tensor.name}'],
  [BEGAN, 'one draw of z for two', 'run.noise("z#1"', 'run.noise("z"'],
  ['wgan_gp', '4 critic steps for 5', 'repeat=lambda run: 5', 'repeat=lambda run: 4'],
  ['wgan_gp', 'another slope of leaky_relu', '0.2)', '0.1)'],
  ['wgan c: 0.3', 'weights that are not cut', 'tensor.value.clamp_(low, high)', 'pass'],
  [
    'infogan',
    'a variance over n - 1',
    'parallel.total(square(centred).sum(axes)) / count',
    'parallel.total(square(centred).sum(axes)) / (count - 1)',
  ],
  ['acgan', 'classes of other examples', 'self.labels[numbers]', 'self.labels[numbers[::-1]]'],
  ['ebgan', 'cosines that are not squared', 'sum(square(gram', 'sum((gram'],
  [LAZY, 'a penalty in every step', 'every=lambda run: 2', 'every=lambda run: 1'],
  [LAZY, 'one batch for G', 'batch=2,', 'batch=1,'],
  [LAZY, 'a faster average', 'decay=lambda run: 0.8', 'decay=lambda run: 0.7'],
  [LAZY, 'running statistics that follow faster', 'momentum=0.7', 'momentum=0.6'],
  [LAZY, 'less dropout', '>= rate)', '>= rate - 0.1)'],
  [LAZY, 'calls that draw the same', '{path}#{call}', '{path}#0'],
  [BOUNDED, 'a cut after the step for one before it', 'bounds_before=', 'bounds_after='],
  [BOUNDED, 'no clipping', 'clip_value=', 'clip_norm='],
  [
    'gan, the networks of DCGAN',
    'the channels of a flat picture in the order of PyTorch',
    'return channels_last(x).reshape(x.shape[0], -1)',
    'return x.reshape(x.shape[0], -1)',
  ],
  [
    EVERY_LAYER,
    'the slope of a norm',
    '/ sqrt(variance + self.epsilon)',
    '/ sqrt(variance.detach() + self.epsilon)',
  ],
];

describe.runIf(hasTorch())('a mistake in an exported program is found', () => {
  let torch: PythonTorch;
  const healthy = new Map<string, Promise<{ readonly spec: ExportedSpec; readonly expected: RunRecord }>>();
  const RUN = { steps: 20, from: 30 };
  beforeAll(async () => {
    torch = await PythonTorch.start();
  }, START);
  afterAll(() => torch.dispose());

  async function reference(
    system: string,
  ): Promise<{ readonly spec: ExportedSpec; readonly expected: RunRecord }> {
    const spec = await compiled([...SYSTEMS, ...WRITTEN_SYSTEMS].find(({ name }) => name === system)!.text);
    return { spec, expected: await ownRun(referenceEngine, spec, RUN) };
  }

  test.each([...FIRST, ...(process.env['HEAVY'] ? MUTANTS : [])])(
    '%s: %s',
    async (system, _, right, wrong) => {
      const known = healthy.get(system) ?? reference(system);
      healthy.set(system, known);
      const { spec, expected } = await known;
      let planted = 0;
      const change = (__: string, content: string): string => {
        planted += content.split(right).length - 1;
        return content.replaceAll(right, wrong);
      };
      const run = await torch.train(spec, { ...RUN, float64: true, change });
      expect(planted, 'the mistake is there').toBeGreaterThan(0);
      expect(judgeAgainst(run, expected, FLOAT64).length).toBeGreaterThan(0);
    },
  );
});
