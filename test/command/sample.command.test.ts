import { readdir } from 'node:fs/promises';
import { PNG } from 'pngjs';
import { expect, it } from 'vitest';
import { BACKEND, GREY_PICTURE, TINY_SPEC, Workspace } from './began-compile.js';

it('samples from the checkpoint alone, the same for the same seed', async () => {
  const workspace = await Workspace.create({ 'tiny.yaml': TINY_SPEC });
  await workspace.run('run', 'tiny.yaml', ...BACKEND, '--steps', '2', '--out', 'run');
  const checkpoint = 'run/checkpoints/step-000002.safetensors';
  // Neither spec nor data nor the rest of the run is needed.
  const alone = await Workspace.create();
  const { folder } = workspace;
  const sample = (...argv: readonly string[]) =>
    alone.run('sample', `${folder}/${checkpoint}`, ...BACKEND, ...argv);

  expect(await sample()).toEqual({
    code: 0,
    out: "64 samples of 'generate' at step 2, seed 1: generate-step-000002.png\n",
    err: '',
  });
  await sample('--seed', '1', '--out', 'again.png');
  await sample('--seed', '2', '--out', 'other.png');
  const first = await alone.read('generate-step-000002.png');
  expect(first.equals(await alone.read('again.png'))).toBe(true);
  expect(first.equals(await alone.read('other.png'))).toBe(false);

  await sample('--count', '11', '--separate', '--out', 'faces');
  await sample('--count', '3', '--separate', '--out', 'fewer');
  expect((await readdir(`${alone.folder}/faces`)).sort()).toEqual(
    Array.from({ length: 11 }, (_, i) => `${String(i).padStart(2, '0')}.png`),
  );
  expect((await alone.read('faces/02.png')).equals(await alone.read('fewer/2.png'))).toBe(true);

  expect(await sample('--output', 'reconstruct')).toEqual({
    code: 2,
    out: '',
    err: `error[run/option] The output \`reconstruct\` reads the data \`x\`, and sampling has none
help: Sample \`generate\`.

`,
  });
  expect(await sample('--out', 'faces.jpg')).toEqual({
    code: 2,
    out: '',
    err: `error[run/option] A grid is written to one PNG file, and \`faces.jpg\` does not end in \`.png\`
help: Name a \`.png\` file, or add \`--separate\` to write one file per sample into a folder.

`,
  });
});

/** A generator without parameters: its pictures show class, code and noise, pixel by pixel. */
const CONDITIONAL_SPEC = `version: 1
data:
  x: { images: ./pets, size: 2, channels: 1, labels: folders, classes: 2 }
  y: { labels: x }
noise:
  z: { uniform: [-1, 1], shape: [1] }
  c1: { uniform: [-1, 1], shape: [1] }
networks:
  G:
    inputs: [z, c1, y]
    layers: [{ concat: c1 }, { concat: one_hot(y) }, { reshape: [2, 2, 1] }]
  D: [flatten, { dense: 1 }]
objective:
  updates:
    - { minimize: mean(square(D(x))), train: D, optimizer: { sgd: { rate: 0.1 } } }
outputs:
  judge: D(x)
  generate: G(z, c1, y)
train: { batch: 2, steps: 1 }
`;

it('draws the classes and codes that are asked for, and knows what classes are called', async () => {
  const workspace = await Workspace.create({ 'pets.yaml': CONDITIONAL_SPEC });
  for (const pet of ['cat', 'dog']) await workspace.write(`pets/${pet}/1.png`, GREY_PICTURE);
  expect(await workspace.run('run', 'pets.yaml', ...BACKEND)).toMatchObject({ code: 0, err: '' });
  const sample = (...argv: readonly string[]) => workspace.run('sample', ...argv, ...BACKEND);

  expect(await sample('runs/pets', '--out', 'free.png')).toEqual({
    code: 0,
    out: "64 samples of 'generate' at step 1, seed 1: free.png\n",
    err: '',
  });
  expect(await sample('--y', 'dog', 'runs/pets', '--c1', '-1..1', '--separate', '--out', 'dogs')).toEqual({
    code: 0,
    out: "64 samples of 'generate' at step 1, seed 1, y dog, c1 -1..1 across: dogs\n",
    err: '',
  });
  const pixels = await Promise.all(
    Array.from({ length: 64 }, async (_, i) => {
      const { data } = PNG.sync.read(await workspace.read(`dogs/${String(i).padStart(2, '0')}.png`));
      return [0, 1, 2, 3].map((pixel) => data[4 * pixel]!);
    }),
  );
  for (const [i, [noise, code, ...classes]] of pixels.entries()) {
    expect(classes).toEqual([128, 255]);
    expect(code).toBe(Math.round((255 * (i % 8)) / 7));
    expect(noise).toBe(pixels[i - (i % 8)]![0]);
  }
  expect(new Set(pixels.map(([noise]) => noise)).size).toBe(8);

  expect(await sample('runs/pets', '--y', 'dgo')).toEqual({
    code: 2,
    out: '',
    err: `error[run/option] \`--y\` must be a class or a range of classes, and is \`dgo\`
help: Did you mean \`dog\`?

`,
  });
  expect(await sample('--c2=1', 'runs/pets')).toEqual({
    code: 2,
    out: '',
    err: `error[run/option] The output \`generate\` draws nothing called \`c2\`
help: It draws \`z\`, \`c1\` and \`y\`.

`,
  });
  expect(await sample('runs/pets', 'runs/faces')).toEqual({
    code: 2,
    out: '',
    err: "error: one run is sampled, and 'runs/faces' is a second one\nSee began-compile sample --help\n",
  });
});

it('says what is wrong with what it was given', async () => {
  const workspace = await Workspace.create({
    'broken.safetensors': 'not a checkpoint',
    'empty/run.json': '{}',
  });
  expect(await workspace.run('sample', 'nothing', ...BACKEND)).toEqual({
    code: 2,
    out: '',
    err: 'error[run/file] The run `nothing` cannot be read: there is no such file\n\n',
  });
  const broken = await workspace.run('sample', 'broken.safetensors', ...BACKEND);
  expect(broken).toEqual({
    code: 2,
    out: '',
    err: 'error[run/checkpoint-corrupt] `broken.safetensors` cannot be read as a checkpoint: it does not begin as a safetensors file\n\n',
  });
  const empty = await workspace.run('sample', 'empty', ...BACKEND);
  expect(empty.code).toBe(2);
  expect(empty.err).toContain('error[run/nothing-to-resume] The folder `empty` holds no checkpoint\n');
});
