import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { BACKEND, TINY_SPEC, Workspace } from './began-compile.js';

const schemaOf = (name: string): string =>
  readFileSync(new URL(`../../spec/schema/${name}.json`, import.meta.url), 'utf8');

/** Less data, so that two steps take no minute. */
const SMALL: Readonly<Record<string, readonly string[]>> = {
  began: ['--set', 'data.x.facesjs=64', '--set', 'hyper.n=4'],
  'wgan-gp': ['--set', 'data.x.count=500'],
  acgan: ['--set', 'hyper.n=4'],
  equations: ['--set', 'data.x.count=500'],
};

it.each(Object.keys(SMALL))('init %s writes a spec without findings that trains', async (template) => {
  const workspace = await Workspace.create();
  const file = `${template}.yaml`;
  expect(await workspace.run('init', template)).toEqual({
    code: 0,
    out: `Wrote began-compile.schema.json, which editors read.\nWrote ${file}. To train it: npx began-compile run ${file}\n`,
    err: '',
  });
  expect(await workspace.run('validate', file)).toEqual({
    code: 0,
    out: '1 file checked: no errors, no warnings\n',
    err: '',
  });
  expect(await workspace.run('fmt', file, '--check')).toEqual({ code: 0, out: '', err: '' });
  const { code, err } = await workspace.run('run', file, '--steps', '2', ...SMALL[template]!, ...BACKEND);
  // After two steps its samples are alike, and a warning says so.
  expect({ code, errors: err.match(/^error.*/gm) }).toEqual({ code: 0, errors: null });
});

it('init has a template for every file, and the other way round', async () => {
  const folder = new URL('../../spec/templates/', import.meta.url);
  expect((await readdir(folder)).sort()).toEqual(
    Object.keys(SMALL)
      .map((name) => `${name}.yaml`)
      .sort(),
  );
});

it('init leads editors to the installed schema, from wherever the file is', async () => {
  const workspace = await Workspace.create({
    'node_modules/began-compile/dist/spec/schema/v1.json': '{}',
    'specs/deep/.keep': '',
  });
  expect(await workspace.run('init', '-o', 'specs/deep/a.yaml')).toEqual({
    code: 0,
    out: 'Wrote specs/deep/a.yaml. To train it: npx began-compile run specs/deep/a.yaml\n',
    err: '',
  });
  expect((await workspace.text('specs/deep/a.yaml')).split('\n')[0]).toBe(
    '# yaml-language-server: $schema=../../node_modules/began-compile/dist/spec/schema/v1.json',
  );
  await workspace.run('init', '-o', 'a.yaml');
  expect((await workspace.text('a.yaml')).split('\n')[0]).toBe(
    '# yaml-language-server: $schema=./node_modules/began-compile/dist/spec/schema/v1.json',
  );
});

it('init puts a copy of the schema beside the spec where the package is not installed', async () => {
  const workspace = await Workspace.create();
  await workspace.run('init', 'equations', '-o', 'specs/a.yaml');
  expect((await workspace.text('specs/a.yaml')).split('\n')[0]).toBe(
    '# yaml-language-server: $schema=./began-compile.schema.json',
  );
  expect(await workspace.text('specs/began-compile.schema.json')).toBe(schemaOf('v1'));
});

it('init overwrites nothing and knows its templates', async () => {
  const workspace = await Workspace.create({ 'began.yaml': 'mine' });
  expect(await workspace.run('init')).toEqual({
    code: 2,
    out: '',
    err: 'error[run/file] The file `began.yaml` is already there\nhelp: Name another one with `--output`.\n\n',
  });
  expect(await workspace.text('began.yaml')).toBe('mine');
  expect(await readdir(workspace.folder)).toEqual(['began.yaml']);
  expect(await workspace.run('init', 'wgan')).toMatchInlineSnapshot(`
    {
      "code": 2,
      "err": "error: command-argument value 'wgan' is invalid for argument 'template'. Allowed choices are began, wgan-gp, acgan, equations.
    See began-compile init --help
    ",
      "out": "",
    }
  `);
});

it('fmt rewrites what is not in our style, keeps comments, and leaves the rest alone', async () => {
  const messy = `# Head\n${TINY_SPEC.replace('hyper: { n: 4,', 'hyper:   {n:   4,')}`;
  const workspace = await Workspace.create({
    'specs/messy.yaml': messy,
    'specs/neat.yaml': TINY_SPEC,
    'specs/compose.yaml': 'services:   {}\n',
  });
  expect(await workspace.run('fmt', 'specs', '--check')).toEqual({
    code: 1,
    out: 'Would format specs/messy.yaml\n',
    err: '',
  });
  expect(await workspace.text('specs/messy.yaml')).toBe(messy);
  expect(await workspace.run('fmt', 'specs')).toEqual({
    code: 0,
    out: 'Formatted specs/messy.yaml\n',
    err: '',
  });
  expect(await workspace.text('specs/messy.yaml')).toBe(`# Head\n${TINY_SPEC}`);
  expect(await workspace.run('fmt', 'specs', '--check')).toEqual({ code: 0, out: '', err: '' });
});

it('fmt says what is wrong with a file that is no YAML, and formats the others', async () => {
  const workspace = await Workspace.create({ 'broken.yaml': 'a: [1\n', 'messy.yaml': 'version:   1\n' });
  const { code, out, err } = await workspace.run('fmt', 'broken.yaml', 'gone.yaml', 'messy.yaml');
  expect({ code, out }).toEqual({ code: 2, out: 'Formatted messy.yaml\n' });
  expect(err).toMatchInlineSnapshot(`
    "error[yaml/syntax] This \`[\` is never closed
     --> broken.yaml:1:4
      |
    1 | a: [1
      |    ^
    help: Add a \`]\`.

    error[run/file] The spec \`gone.yaml\` cannot be read: there is no such file

    "
  `);
  expect(await workspace.text('broken.yaml')).toBe('a: [1\n');
});

it('fmt leaves a file alone whose letters it would lose, and validate the file of another tool', async () => {
  const workspace = await Workspace.create();
  const specs = Buffer.from(`# caf\u00e9\n${TINY_SPEC.replace('hyper: {', 'hyper:   {')}`, 'latin1');
  await workspace.write('tiny.yaml', specs);
  await workspace.write('other/compose.yaml', Buffer.from('services: {} # caf\u00e9\n', 'latin1'));
  const err = 'error[run/file] The spec `tiny.yaml` cannot be read: it is not UTF-8 text\n\n';
  expect(await workspace.run('fmt')).toEqual({ code: 2, out: '', err });
  expect((await workspace.read('tiny.yaml')).equals(specs)).toBe(true);
  expect(await workspace.run('validate', '.', '--specs-only')).toMatchObject({ code: 2, err });
  await workspace.remove('tiny.yaml');
  expect(await workspace.run('validate', '.', '--specs-only')).toMatchObject({ code: 0, err: '' });
});

it('fmt is a filter: text in, text out, and nothing where the text is no YAML', async () => {
  const workspace = await Workspace.create();
  const messy = TINY_SPEC.replace('hyper: { n: 4,', 'hyper:   {n:   4,');
  const clean = { code: 0, out: TINY_SPEC, err: '' };
  expect(await workspace.pipe(messy, 'fmt', '-')).toEqual(clean);
  expect(await workspace.pipe(TINY_SPEC, 'fmt', '-')).toEqual(clean);
  expect(await workspace.pipe(messy, 'fmt', '-', '--check')).toEqual({
    code: 1,
    out: 'Would format <stdin>\n',
    err: '',
  });
  expect(await workspace.pipe(TINY_SPEC, 'fmt', '-', '--check')).toEqual({ code: 0, out: '', err: '' });
  expect(await workspace.pipe('services:   {}\n', 'fmt', '-', '--specs-only')).toEqual({
    code: 0,
    out: 'services:   {}\n',
    err: '',
  });
  const { code, out, err } = await workspace.pipe('a: [1\n', 'fmt', '-');
  expect({ code, out, place: /--> .*/.exec(err)?.[0] }).toEqual({
    code: 2,
    out: '',
    place: '--> <stdin>:1:4',
  });
  expect(await workspace.pipe(messy, 'fmt', '-', 'a.yaml')).toMatchInlineSnapshot(`
    {
      "code": 2,
      "err": "error[run/option] \`-\` cannot stand beside other paths
    why: What comes from standard input is written to standard output.
    help: Call \`fmt\` once for the files and once for the text.

    ",
      "out": "",
    }
  `);
});

it('expand writes a spec out that trains the same bits', async () => {
  const workspace = await Workspace.create({
    'base/tiny.yaml': TINY_SPEC,
    'bold.yaml': 'extends: ./base/tiny.yaml\nhyper: { gamma: 0.9 }\n',
  });
  const { code, out, err } = await workspace.run('expand', 'bold.yaml');
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).not.toMatch(/\buse:|extends:/);
  await workspace.write('whole.yaml', out);
  const tensors = async (name: string) => {
    expect(await workspace.run('run', `${name}.yaml`, '--steps', '2', ...BACKEND)).toMatchObject({ code: 0 });
    const bytes = await workspace.read(`runs/${name}/checkpoints/step-000002.safetensors`);
    return bytes.subarray(8 + Number(bytes.readBigUInt64LE()));
  };
  expect((await tensors('whole')).equals(await tensors('bold'))).toBe(true);
});

it('schema prints what editors read', async () => {
  const workspace = await Workspace.create();
  expect(await workspace.run('schema')).toEqual({ code: 0, out: schemaOf('v1'), err: '' });
  expect(await workspace.run('schema', 'library')).toEqual({ code: 0, out: schemaOf('library-v1'), err: '' });
});

it('explain shows a page, finds a code by its last part, lists all, and guesses', async () => {
  const workspace = await Workspace.create();
  const page = await workspace.run('explain', 'schema/unknown-key');
  expect(page).toMatchInlineSnapshot(`
    {
      "code": 0,
      "err": "",
      "out": "schema/unknown-key: A key that the language does not know

    The language has no such key at this place. It is refused, because an unread key
    is a setting that its author believes is on. Where the key resembles a known
    one, or is what another tool calls it (\`lr\`, \`epochs\`), the message says what it
    is called here.

    Bad:

        version: 1
        data:
          x: { points: gaussians_8, count: 1000 }
        noise:
          z: { normal: [0, 1], shape: [2] }
        networks:
          G: [{ dense: 32 }, relu, { dense: 2 }]
          D: [{ dense: 32 }, relu, { dense: 1 }]
        objective:
          use: gan
        outputs:
          generate: G(z)
        train: { batch_size: 64, steps: 1000 }

    Good:

        version: 1
        data:
          x: { points: gaussians_8, count: 1000 }
        noise:
          z: { normal: [0, 1], shape: [2] }
        networks:
          G: [{ dense: 32 }, relu, { dense: 2 }]
          D: [{ dense: 32 }, relu, { dense: 1 }]
        objective:
          use: gan
        outputs:
          generate: G(z)
        train: { batch: 64, steps: 1000 }
    ",
    }
  `);
  expect(await workspace.run('explain', 'unknown-key')).toEqual(page);
  const list = await workspace.run('explain');
  expect(list.out.split('\n').slice(0, 3)).toMatchInlineSnapshot(`
    [
      "  code                           what it says",
      "  yaml/syntax                    The file is not well-formed YAML 1.2",
      "  yaml/duplicate-key             A key stands twice in one mapping",
    ]
  `);
  expect(list.out).toContain('  lint/large-rate ');
  const refusal = async (written: string) => (await workspace.run('explain', written)).err;
  expect(await refusal('schema/unkown-key')).toBe(
    'error[run/option] There is no diagnostic `schema/unkown-key`\nhelp: Did you mean `schema/unknown-key`?\n\n',
  );
  expect(await refusal('large-rates')).toBe(
    'error[run/option] There is no diagnostic `large-rates`\nhelp: Did you mean `lint/large-rate`?\n\n',
  );
  expect(await workspace.run('explain', 'nonsense')).toEqual({
    code: 2,
    out: '',
    err: 'error[run/option] There is no diagnostic `nonsense`\nhelp: `began-compile explain` lists them.\n\n',
  });
});
