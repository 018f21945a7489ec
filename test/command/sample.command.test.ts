import { readdir } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { BACKEND, TINY_SPEC, Workspace } from './began-compile.js';

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
