/** What the emitted text looks like, without running it. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { compile } from '../../compiler/compile.js';
import { programFile } from '../../compiler/pytorch/program-file.js';
import { folderLibrary } from '../../runtimes/node/library-source.js';
import { SYSTEMS } from '../library/systems.js';
import { WRITTEN_SYSTEMS } from '../library/written-systems.js';

function emitted(text: string): string {
  const { model, program, diagnostics } = compile({ name: 'system.yaml', text }, folderLibrary());
  if (model === undefined || program === undefined)
    throw new Error(diagnostics.map((one) => one.message).join('\n'));
  return programFile(model, program, {
    generatedBy: 'began-compile',
    specName: 'system.yaml',
    stepsAt: [0, 0],
  });
}

/** From `def name(` to the empty lines behind it. */
const functionOf = (text: string, name: string): string =>
  text.slice(text.indexOf(`def ${name}(`)).split('\n\n\n')[0]!;

const textOf = (name: string): string => SYSTEMS.find((system) => system.name === name)!.text;

test('equations stand as they are written, with the names of the library', () => {
  expect(functionOf(emitted(textOf('wgan_gp')), 'critic_losses')).toMatchInlineSnapshot(`
    "def critic_losses(run):
        """\`critic\` minimises lambda * penalty - distance."""
        D = run.networks["D"]
        G = run.networks["G"]
        x = run.data("x")
        u = run.noise("uniform#1", "uniform", 0, 1)
        z = run.noise("z", "normal", 0, 1, shape=(3,))
        fake = G(z)
        mixed = differentiable(x + u.view(-1, 1) * (stop(fake) - x))
        slope = norm(grad(D(mixed), mixed), per="sample")
        # where(sides == "one", hinge(slope - target), slope - target)
        excess = slope - 1
        penalty = mean(square(excess))
        distance = mean(D(x)) - mean(D(fake))
        return {"critic": 10 * penalty - distance}, {"distance": distance, "penalty": penalty}"
  `);
  expect(functionOf(emitted(textOf('catgan')), 'discriminator_losses')).toMatchInlineSnapshot(`
    "def discriminator_losses(run):
        """\`discriminator\` minimises entropies."""
        D = run.networks["D"]
        G = run.networks["G"]
        x = run.data("x")
        z = run.noise("z", "normal", 0, 1, shape=(3,))
        # p(where(semi_supervised, u, x))
        real = softmax(D(x))
        # sure(real)
        real_sure = mean(entropy(real))
        # balanced(real)
        real_balanced = entropy(mean(real, per="batch"))
        # p(G(z))
        fake = softmax(D(G(z)))
        # sure(fake)
        fake_sure = mean(entropy(fake))
        entropies = real_sure - real_balanced - fake_sure
        return (
            {"discriminator": entropies},
            {"L_D": entropies, "real_sure": real_sure, "real_balanced": real_balanced},
        )"
  `);
});

test('the controller moves state from old values, as the spec says it', () => {
  const text = emitted(WRITTEN_SYSTEMS[0]!.text);
  expect(functionOf(text, 'controller')).toMatchInlineSnapshot(`
    "def controller(run):
        """At the end of a step: metrics, and what the state becomes, all from old values."""
        Lx = run.values["discriminator+generator/Lx"]
        Lg = run.values["discriminator+generator/Lg"]
        k = run.state["k"]
        rate = run.state["rate"]
        convergence = Lx + abs(0.7 * Lx - Lg)
        metrics = {"Lx": Lx, "Lg": Lg, "k": k, "rate": rate, "convergence": convergence}
        moves = {"k": clip(k + 0.05 * (0.7 * Lx - Lg), 0, 1)}
        moves |= plateau(run, "rate", of=convergence, factor=0.5, window=3, floor=0.0001)
        stopped, windows = stalled(run, of=convergence, window=40, factor=1)
        moves |= windows
        return metrics, moves, stopped"
  `);
});

test.each([...SYSTEMS, ...WRITTEN_SYSTEMS])(
  '$name: no line is longer than 100 columns, none ends with a space',
  ({ text }) => {
    const wrong = emitted(text)
      .split('\n')
      .filter((line) => line.length > 100 || line.endsWith(' '));
    expect(wrong).toEqual([]);
  },
);

test('what all programs share keeps to 100 columns and imports nothing but torch, numpy, safetensors and pillow', () => {
  const root = 'runtimes/pytorch';
  const allowed =
    /^(torch|numpy|safetensors|PIL|\.|support|model|argparse|contextlib|collections|csv|dataclasses|datetime|json|math|os|pathlib|platform|signal|sys|time|zlib)/;
  for (const name of readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((one) =>
    one.endsWith('.py'),
  )) {
    const lines = readFileSync(`${root}/${name}`, 'utf8').split('\n');
    expect(
      lines.filter((line) => line.length > 100),
      name,
    ).toEqual([]);
    const imported = lines.flatMap((line) => /^(?:from|import) (\S+)/.exec(line)?.[1] ?? []);
    expect(
      imported.filter((one) => !allowed.test(one)),
      name,
    ).toEqual([]);
  }
});

test('numbers for NumPy are not made by PyTorch first, which would make them on the GPU', () => {
  const root = 'runtimes/pytorch/support';
  const found = readdirSync(root)
    .filter((name) => name.endsWith('.py'))
    .flatMap((name) => readFileSync(`${root}/${name}`, 'utf8').split('\n'))
    .filter((line) => /torch\.\w+\([^()]*\)\.numpy\(\)/.test(line));
  expect(found).toEqual([]);
});

test('a network whose parts are called like words of Python keeps names that a checkpoint has', () => {
  const text = emitted(textOf('acgan'));
  expect(text).toContain('self.class_ = nn.Sequential(OrderedDict(dense1=nn.Linear(8, 2)))');
});

test('samples that become columns are said to need one process', () => {
  const text = textOf('ebgan');
  const own = text.replace(
    /objective:[\s\S]*?outputs:/,
    `objective:
  let: { code: D(x).code, spread: 'mean(square(matmul(transpose(code), code)))' }
  updates:
    - { name: d, minimize: spread + mean(D(G(z))), train: D, optimizer: { sgd: { rate: 0.1 } } }
outputs:`,
  );
  expect(emitted(own)).toContain('one_process="a loss computes `transpose(code)` with samples as columns"');
});
