/**
 * One mistake at a time in the text of an objective, in what is fed or in the program: mistakes of public code, of the
 * papers' own prints, or of this compiler's kind. Each has to be found by what library.test.ts compares.
 */
import { describe, expect, test } from 'vitest';
import { compile } from '../../compiler/compile.js';
import { emitNode, rebuild } from '../../compiler/graph/rebuild.js';
import type { Program } from '../../compiler/program.js';
import { folderLibrary } from '../../runtimes/node/library-source.js';
import { referenceEngine } from '../../runtimes/reference/engine.js';
import { WasmEngine } from '../../runtimes/wasm/engine.js';
import type { LibrarySource } from '../../spec/spec.js';
import { judgeAgainst } from '../parity/judge.js';
import { doubleGradients } from '../parity/mutants.js';
import { recordRun, type RunRecord } from '../parity/run.js';
import type { FeedsOf } from '../parity/stepping.js';
import { changedLibrary, replaced } from './changed-library.js';
import { FLOAT32 } from './limits.js';
import { madeUpFeeds } from './made-up-feeds.js';
import { SYSTEMS } from './systems.js';
import { WRITTEN_SYSTEMS } from './written-systems.js';

function programOf(text: string, library: LibrarySource = folderLibrary()): Program {
  const { program, diagnostics } = compile({ name: 'mutant.yaml', text }, library, { exposeGradients: true });
  if (program === undefined) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return program;
}

function textOf(system: string): string {
  const found = [...SYSTEMS, ...WRITTEN_SYSTEMS].find(({ name }) => name === system);
  if (found === undefined) throw new Error(`there is no system ${system}`);
  return found.text;
}

const healthy = new Map<string, Promise<RunRecord>>();

/** The run of the reference as it ought to be. */
function expected(system: string): Promise<RunRecord> {
  const known = healthy.get(system) ?? run(referenceEngine, programOf(textOf(system)));
  healthy.set(system, known);
  return known;
}

async function run(
  engine: typeof referenceEngine | WasmEngine,
  program: Program,
  feeds: FeedsOf = madeUpFeeds(program),
): Promise<RunRecord> {
  return recordRun(engine, program, { steps: 20, from: 30, feeds });
}

/** Where a mutant's run parts from the right one: `trace`, `gradient at step 1`, `gradient at step 20`, `change`. */
async function found(system: string, program: Program, feeds?: FeedsOf): Promise<readonly string[]> {
  const wrong = await run(new WasmEngine(), program, feeds);
  const findings = judgeAgainst(wrong, await expected(system), FLOAT32);
  return [
    ...new Set(findings.map(({ what }) => /^(change|gradient at step \d+)/.exec(what)?.[1] ?? 'trace')),
  ];
}

const EVERYWHERE = ['gradient at step 1', 'gradient at step 20', 'change'];
/** Nothing is wrong before the first step is taken. */
const AFTER_A_STEP = ['gradient at step 20', 'change'];

interface Mutant {
  readonly what: string;
  readonly system: string;
  /** An entry of the library, or `spec`. */
  readonly entry: string;
  readonly right: string;
  readonly wrong: string;
  readonly seen: readonly string[];
}

const mutant = (
  entry: string,
  what: string,
  right: string,
  wrong: string,
  { system = entry, seen = EVERYWHERE }: { readonly system?: string; readonly seen?: readonly string[] } = {},
): Mutant => ({ what, system, entry, right, wrong, seen });

const inSpec = (system: string, what: string, right: string, wrong: string, seen = EVERYWHERE): Mutant =>
  mutant('spec', what, right, wrong, { system, seen });

const WGAN = { system: 'wgan c: 0.3', seen: AFTER_A_STEP };
const FROZEN = 'BEGAN with a frozen target, a plateau and an early end';
const LAZY = 'hinge with a lazy penalty, an average and running statistics';
const BOUNDED = 'a critic within bounds before its step, clipped gradients';

const MUTANTS: readonly Mutant[] = [
  mutant('gan', 'the sign of the fakes in L_D', '+ mean(softplus(fake))', '- mean(softplus(fake))'),
  mutant('gan', 'D that takes data for fakes', 'mean(softplus(-real))', 'mean(softplus(real))'),
  mutant('gan', 'a saturating G that climbs', '-mean(softplus(fake))', 'mean(softplus(fake))', {
    system: 'gan form: saturating',
  }),
  mutant('lsgan', 'one target for data and fakes', 'square(fake - a)', 'square(fake - b)'),
  mutant('lsgan', 'half of the square forgotten', 'mean(square(fake - c)) / 2', 'mean(square(fake - c))', {
    seen: ['gradient at step 1', 'gradient at step 20'],
  }),

  mutant('wgan', 'weights that are not cut', '    project: { clip: [-c, c], when: clip_when }\n', '', WGAN),
  mutant('wgan', 'a cut at twice the bound', 'clip: [-c, c]', 'clip: [-2 * c, 2 * c]', WGAN),
  mutant('wgan', '4 critic steps for 5', 'repeat: critic_steps', 'repeat: critic_steps - 1', {
    ...WGAN,
    seen: EVERYWHERE,
  }),
  mutant('wgan', 'another decay of RMSProp', 'decay: decay', 'decay: 0.9', { ...WGAN, seen: EVERYWHERE }),
  inSpec(BOUNDED, 'a cut after the step for one before it', 'when: before', 'when: after'),
  inSpec(BOUNDED, 'gradients cut number by number for one norm', '{ norm: 0.05 }', '{ value: 0.05 }'),

  mutant('wgan_gp', 'no penalty', 'lambda * penalty - distance', '-distance'),
  mutant('wgan_gp', 'a penalty that teaches nothing', 'square(excess)', 'stop(square(excess))'),
  mutant(
    'wgan_gp',
    'a slope of every number for one of every sample',
    'norm(grad(D(mixed), mixed), per=sample)',
    'abs(grad(D(mixed), mixed))',
  ),
  mutant(
    'wgan_gp',
    'one slope of the whole batch',
    'norm(grad(D(mixed), mixed), per=sample)',
    'norm(grad(D(mixed), mixed))',
  ),
  mutant('wgan_gp', 'slopes above 1 only', 'where(sides == "one", hinge', 'where(sides == "two", hinge'),
  mutant('wgan_gp', 'the slope at samples', 'x + u * (stop(fake) - x)', 'x + (u * 0 + 1) * (stop(fake) - x)'),
  mutant('wgan_gp', '4 critic steps for 5', 'repeat: critic_steps', 'repeat: critic_steps - 1'),
  mutant('dragan', 'a perturbation that does not follow the data', 'strength * std(x)', 'strength'),
  mutant('dragan', 'the slope of the probability', 'grad(D(perturbed)', 'grad(sigmoid(D(perturbed))'),

  mutant('ebgan', 'no margin', 'hinge(margin - energy(fake))', '(0 - energy(fake))'),
  mutant('ebgan', 'cosines that are not squared', 'sum(square(gram(unit)))', 'sum(gram(unit))'),
  mutant('ebgan', 'codes that are not brought to length 1', 'code / norm(code, per=sample)', 'code'),
  mutant('ebgan', 'cosines of samples with themselves', '- n) / (n * (n - 1))', ') / (n * (n - 1))', {
    seen: ['trace'],
  }),

  // As one source prints it against its own text.
  mutant(
    'catgan',
    'the marginal entropy with the other sign in L_G',
    'fake_sure - balanced(fake)',
    'fake_sure + balanced(fake)',
  ),
  mutant('catgan', 'the marginal of the logarithm', 'entropy(mean(q, per=batch))', 'mean(entropy(q))'),
  mutant('catgan', 'D that is sure of samples', '- real_balanced - fake_sure', '- real_balanced + fake_sure'),
  mutant('catgan', 'labels without weight', 'entropies + weight * supervised', 'entropies', {
    system: 'catgan semi_supervised: true, weight: 2',
  }),
  mutant('sgan', 'samples that are no class of their own', 'mean(softplus(R(fake)))', '0'),
  mutant(
    'sgan',
    'a fake logit of 0 that was to be learned',
    'where(form == "softmax"',
    'where(form == "logits"',
    {
      system: 'sgan u: x',
    },
  ),
  mutant(
    'sgan',
    'one minus the other probability in L_G',
    'mean(softplus(-R(fake))))',
    'mean(softplus(R(fake))))',
  ),
  mutant(
    'sgan',
    'features matched sample by sample',
    'mean(D(u).features, per=batch) - mean(D(fake).features, per=batch)',
    'D(u).features - D(fake).features',
    { system: 'sgan form: logits, generator: feature_matching, weight: 0.5', seen: EVERYWHERE },
  ),

  mutant('acgan', 'D that learns no classes of samples', '(class_real + class_fake)', 'class_real'),
  mutant('acgan', 'G that learns no classes', ' + weight * class_fake\n    train: G', '\n    train: G'),
  mutant('acgan', 'samples with classes of data', 'D(fake).class, c', 'D(fake).class, y'),
  mutant('infogan', 'G that leaves the codes unreadable', 'L_G - weight * bound', 'L_G'),
  mutant('infogan', 'Q that does not learn', 'L_D - weight * bound', 'L_D'),
  mutant('infogan', 'a bound that is climbed down', 'L_G - weight * bound', 'L_G + weight * bound'),
  mutant('infogan', 'no continuous code', 'class_bound + style_bound', 'class_bound'),
  mutant('began', 'a sample as the target of nothing', 'Lx - k * Lf', 'Lx + k * Lf', {
    system: 'began k0: 0.3, rate: 1e-3',
  }),

  inSpec(FROZEN, 'no stop', 'stop(fake)', 'fake'),
  inSpec(FROZEN, 'a plateau that looks at every step', 'window: 3', 'window: 2', AFTER_A_STEP),
  inSpec(FROZEN, 'no weight decay', ', weight_decay: 0.1', '', ['change']),
  inSpec(LAZY, 'a penalty in every step', 'every: 2', 'every: 1', AFTER_A_STEP),
  inSpec(LAZY, 'one batch for G', 'batch: 2', 'batch: 1'),
  inSpec(LAZY, 'a faster average', 'decay: 0.8', 'decay: 0.7', ['change']),
  inSpec(LAZY, 'running statistics that follow faster', 'momentum: 0.7', 'momentum: 0.6', ['change']),
  inSpec(LAZY, 'less dropout', 'dropout: 0.3', 'dropout: 0.2'),
  inSpec(LAZY, 'no momentum', 'momentum: 0.9', 'momentum: 0', AFTER_A_STEP),
];

describe('a mistake in the equations is found', () => {
  test.each(MUTANTS)('$system: $what', async ({ system, entry, right, wrong, seen }) => {
    const text = textOf(system);
    const program =
      entry === 'spec'
        ? programOf(replaced(text, right, wrong))
        : programOf(text, changedLibrary(entry, right, wrong));
    expect(await found(system, program)).toEqual(expect.arrayContaining([...seen]));
  });
});

test('the right text is found to be right', async () => {
  expect(await found('wgan_gp', programOf(textOf('wgan_gp')))).toEqual([]);
});

test('labels that are not those of their examples are found', async () => {
  for (const system of ['acgan', 'sgan']) {
    const program = programOf(textOf(system));
    const right = madeUpFeeds(program);
    const shuffled: FeedsOf = (graph, execution) => {
      const feeds = new Map(right(graph, execution));
      for (const { name, source } of graph.feeds) {
        if (source.kind === 'labels') feeds.set(name, feeds.get(name)!.slice().reverse());
      }
      return feeds;
    };
    expect(await found(system, program, shuffled), system).toEqual(expect.arrayContaining(EVERYWHERE));
  }
});

describe('a mistake in the program is found', () => {
  test('all gradients of a critic doubled', async () => {
    // RMSProp hides it in what it changes, but for epsilon.
    const wrong = doubleGradients(programOf(textOf('wgan c: 0.3')));
    expect(await found('wgan c: 0.3', wrong)).toEqual(
      expect.arrayContaining(['gradient at step 1', 'gradient at step 20']),
    );
  });

  test('leaky_relu that lets everything through', async () => {
    const program = programOf(textOf('wgan_gp'));
    const phases = program.phases.map((phase) => ({
      ...phase,
      graph: rebuild(phase.graph, (builder, node, inputs) =>
        node.op === 'select' && node.shape.length > 0 ? inputs[1]! : emitNode(builder, node, inputs),
      ),
    }));
    expect(await found('wgan_gp', { ...program, phases })).toEqual(expect.arrayContaining(EVERYWHERE));
  });
});
