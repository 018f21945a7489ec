import { expect, it } from 'vitest';
import { BACKEND, GREY_PICTURE, TINY_SPEC, Workspace } from './began-compile.js';

const CHILD = `# Bolder.
extends: base/tiny.yaml
hyper: { gamma: 0.9 }
`;

async function withPictures(files: Readonly<Record<string, string>>): Promise<Workspace> {
  const workspace = await Workspace.create(files);
  for (const i of [1, 2, 3, 4]) await workspace.write(`base/faces/${i}.png`, GREY_PICTURE);
  return workspace;
}

const BASE = TINY_SPEC.replace('facesjs: 40, size: 16, background: plain', 'images: ./faces, size: 16');

it('a spec that extends another trains what the whole text trains, bit for bit, and its run needs neither file', async () => {
  const whole = TINY_SPEC.replace('gamma: 0.7', 'gamma: 0.9').replace('n: 4', 'n: 3');
  const workspace = await Workspace.create({
    'whole.yaml': whole,
    'bold.yaml': CHILD,
    'base/tiny.yaml': TINY_SPEC,
  });
  const run = (...argv: readonly string[]) => workspace.run('run', ...argv, ...BACKEND);
  const outcomes = [
    await run('whole.yaml', '--steps', '4'),
    await run('bold.yaml', '--set', 'hyper.n=3', '--steps', '2'),
    // A named spec is compared, with the file that it extends.
    await workspace.run('run', 'bold.yaml', '--resume', 'runs/bold', '--steps', '4'),
  ];
  expect(outcomes.map(({ code, err }) => [code, err])).toEqual([
    [0, ''],
    [0, ''],
    [0, ''],
  ]);
  expect(await workspace.text('runs/bold/spec.yaml')).toMatchInlineSnapshot(`
    "# bold.yaml and base/tiny.yaml, which it extends, as one file.
    # Bolder.

    version: 1
    title: Tiny faces
    hyper:
      n: 3
      h: 8
      gamma: 0.9
      lambda_k: 0.01
    data:
      x: { facesjs: 40, size: 16, background: plain }
    noise:
      z: { uniform: [ -1, 1 ], shape: [ h ] }
    networks:
      G: { use: began/decoder, with: { size: 16, filters: n, repeat: 2, skip: true } }
      D: { use: began/autoencoder, with: { size: 16, filters: n, embedding: h, repeat: 2, skip: true } }
    objective:
      use: began
      with: { gamma: gamma, lambda_k: lambda_k, latents: shared, rate: 1e-3 }
    outputs:
      generate: G(z)
      reconstruct: D(x)
    train:
      batch: 4
      steps: 4
      seed: 1
      log: 1
      samples: 3
      checkpoint: 2
    "
  `);
  const tensors = async (name: string) => {
    const bytes = await workspace.read(`runs/${name}/checkpoints/step-000004.safetensors`);
    return bytes.subarray(8 + Number(bytes.readBigUInt64LE()));
  };
  expect((await tensors('bold')).equals(await tensors('whole'))).toBe(true);

  await workspace.write('base/tiny.yaml', TINY_SPEC.replace('h: 8', 'h: 16'));
  expect(await workspace.run('run', 'bold.yaml', '--resume', 'runs/bold', '--steps', '6')).toEqual({
    code: 2,
    out: '',
    err: `error[run/checkpoint-mismatch] \`bold.yaml\` is no longer the spec that this run was started with
why: A run goes on with the spec that its checkpoint holds.
help: Leave the spec out to go on, \`began-compile run --resume runs/bold\`, or start a new run with another \`--out\`.

`,
  });
  await workspace.remove('base');
  await workspace.remove('bold.yaml');
  expect(await workspace.run('run', '--resume', 'runs/bold', '--steps', '5')).toMatchObject({
    code: 0,
    err: '',
  });
  expect(await workspace.run('sample', 'runs/bold')).toMatchObject({ code: 0, err: '' });
});

it('paths of data are relative to the file that says them, also in what a run keeps', async () => {
  const workspace = await withPictures({
    'specs/bold.yaml': CHILD.replace('base/', '../base/'),
    'base/tiny.yaml': BASE,
  });
  expect(await workspace.run('run', 'specs/bold.yaml', ...BACKEND, '--steps', '1')).toMatchObject({
    code: 0,
    err: '',
  });
  expect(await workspace.text('runs/bold/spec.yaml')).toContain('x: { images: ../base/faces, size: 16 }\n');
  expect(await workspace.run('run', '--resume', 'runs/bold', '--steps', '2')).toMatchObject({
    code: 0,
    err: '',
  });
});

it('what is wrong in the other file is shown in that file, by every command', async () => {
  const workspace = await Workspace.create({
    'bold.yaml': CHILD,
    'base/tiny.yaml': BASE.replace('with: { gamma: gamma', 'with: { gama: gamma'),
    'missing.yaml': 'extends: ./base.yaml\n',
    'folder.yaml': 'extends: ./base\n',
  });
  const wrong = `error[model/unknown-parameter] \`began\` has no parameter \`gama\``;
  const validated = await workspace.run('validate', 'bold.yaml');
  expect(validated).toMatchObject({ code: 1, err: '' });
  expect(validated.out).toMatchInlineSnapshot(`
    "error[model/unknown-parameter] \`began\` has no parameter \`gama\`
      --> base/tiny.yaml:13:11
       |
    13 |   with: { gama: gamma, lambda_k: lambda_k, latents: shared, rate: 1e-3 }
       |           ^^^^
    help: Did you mean \`gamma\`?

    1 file checked: 1 error, no warnings
    "
  `);
  for (const command of ['run', 'inspect']) {
    const { code, out, err } = await workspace.run(command, './bold.yaml');
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err.startsWith(wrong)).toBe(true);
  }
  const { out, err, code } = await workspace.run('validate', './missing.yaml', 'folder.yaml');
  expect(code).toBe(2);
  expect(out + err).toMatchInlineSnapshot(`
    "error[schema/extends] There is no spec \`./base.yaml\`
     --> ./missing.yaml:1:10
      |
    1 | extends: ./base.yaml
      |          ^^^^^^^^^^^
    why: The path is relative to the file that says \`extends\`.
    help: Correct the path.

    1 file checked: 1 error, no warnings; 1 file could not be read
    error[run/file] The spec \`base\` cannot be read: it is a folder

    "
  `);

  await workspace.write('base/tiny.yaml', BASE);
  const unread = await workspace.run('run', 'bold.yaml');
  expect(unread.err.replaceAll(workspace.folder, 'FOLDER')).toMatchInlineSnapshot(`
    "error[data/not-found] There is no folder \`FOLDER/base/faces\`
     --> base/tiny.yaml:5:16
      |
    5 |   x: { images: ./faces, size: 16 }
      |                ^^^^^^^
    help: A path in a spec is relative to the folder of the spec.

    "
  `);
});

it('a circle through the first file is noticed whatever name that was given', async () => {
  const workspace = await Workspace.create({
    'a.yaml': 'extends: ./b/b.yaml\n',
    'b/b.yaml': 'extends: ../a.yaml\n',
  });
  const named = [`${workspace.folder}/a.yaml`, './a.yaml'];
  const outcomes = await Promise.all(named.map((name) => workspace.run('validate', name)));
  const out = outcomes.map((outcome) => outcome.out).join('');
  expect(out.replaceAll(workspace.folder, 'FOLDER')).toMatchInlineSnapshot(`
    "error[schema/extends] \`FOLDER/a.yaml\` extends itself, by way of \`FOLDER/b/b.yaml\`
     --> FOLDER/b/b.yaml:1:10
      |
    1 | extends: ../a.yaml
      |          ^^^^^^^^^
    help: Name another file, or remove \`extends\`.

    1 file checked: 1 error, no warnings
    error[schema/extends] \`./a.yaml\` extends itself, by way of \`b/b.yaml\`
     --> b/b.yaml:1:10
      |
    1 | extends: ../a.yaml
      |          ^^^^^^^^^
    help: Name another file, or remove \`extends\`.

    1 file checked: 1 error, no warnings
    "
  `);
});
