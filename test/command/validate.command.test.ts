import { readFileSync } from 'node:fs';
import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { TINY_SPEC, Workspace } from './began-compile.js';

const BAD_SPEC = TINY_SPEC.replace('batch: 4', 'batc: 4');
const WARNED_SPEC = TINY_SPEC.replace('noise:', 'noise:\n  idle: { normal: [0, 1], shape: [1] }');
const COMPOSE = 'services:\n  db: { image: postgres }\nnetworks:\n  inner:\n';

const FOUND_IN = (name: string): string => `error[schema/unknown-key] \`train\` does not know the key \`batc\`
  --> ${name}:17:10
   |
17 | train: { batc: 4, steps: 6, seed: 1, log: 1, samples: 3, checkpoint: 2 }
   |          ^^^^
why: Examples per batch.
help: Did you mean \`batch\`?

`;

it('finds nothing wrong with a good spec, without its data', async () => {
  const spec = TINY_SPEC.replace('facesjs: 40, size: 16, background: plain', 'images: ./nowhere, size: 16');
  const workspace = await Workspace.create({ 'good.yaml': spec });
  expect(await workspace.run('validate', 'good.yaml')).toEqual({
    code: 0,
    out: '1 file checked: no errors, no warnings\n',
    err: '',
  });
});

it('shows every finding of every file, and exits with 1', async () => {
  const workspace = await Workspace.create({ 'good.yaml': TINY_SPEC, 'bad.yaml': BAD_SPEC });
  expect(await workspace.run('validate', 'bad.yaml', 'good.yaml')).toEqual({
    code: 1,
    out: `${FOUND_IN('bad.yaml')}2 files checked: 1 error, no warnings\n`,
    err: '',
  });
});

it('warnings fail under --strict only; --summary counts by code', async () => {
  const workspace = await Workspace.create({ 'idle.yaml': WARNED_SPEC });
  const loose = await workspace.run('validate', 'idle.yaml', '--summary');
  expect(loose).toEqual({
    code: 0,
    out: `warning[model/unused] The noise \`idle\` is never used
 --> idle.yaml:7:9
  |
7 |   idle: { normal: [0, 1], shape: [1] }
  |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
help: Remove it, or use it.

1 file checked: no errors, 1 warning

  findings  code          where      what it says
         1  model/unused  in 1 file  Something is defined and never used
`,
    err: '',
  });
  expect(await workspace.run('validate', 'idle.yaml', '--summary', '--strict')).toEqual({
    ...loose,
    code: 1,
  });
});

it('of a folder checks the specs and library files at any depth, and no other YAML', async () => {
  const workspace = await Workspace.create({
    'specs/bad.yaml': BAD_SPEC,
    'specs/deep/er/good.yml': TINY_SPEC,
    'specs/child.yaml': '# Bolder.\nextends: ./deep/er/good.yml\nhyper: { gamma: 0.9 }\n',
    'specs/block.yaml': 'block: mine\ndescription: Two layers.\nlayers: [elu, { conv: 3 }]\n',
    'specs/docker-compose.yaml': COMPOSE,
    'specs/broken.yaml': 'a: [1\n',
    'specs/readme.md': BAD_SPEC,
    'specs/node_modules/other/bad.yaml': BAD_SPEC,
    'specs/.hidden/bad.yaml': BAD_SPEC,
    'specs/runs/one/spec.yaml': BAD_SPEC,
    'specs/runs/one/run.json': '{}',
  });
  const found = {
    code: 1,
    out: `${FOUND_IN('specs/bad.yaml')}4 files checked: 1 error, no warnings\n`,
    err: '',
  };
  expect(await workspace.run('validate', 'specs')).toEqual(found);
  expect(await workspace.run('validate')).toEqual(found);
  // No file comes twice.
  expect(await workspace.run('validate', 'specs/bad.yaml', 'specs', './specs/../specs/')).toEqual(found);
});

it('expands globs that no shell did, in which other YAML is a finding unless --specs-only', async () => {
  const workspace = await Workspace.create({
    'specs/a/bad.yaml': BAD_SPEC,
    'specs/b/docker-compose.yaml': COMPOSE,
    'specs/[odd] name.yaml': TINY_SPEC,
  });
  const { code, out } = await workspace.run('validate', 'specs/**/*.yaml');
  expect(code).toBe(1);
  expect(out.match(/^error.*/gm)).toEqual([
    'error[schema/unknown-key] `train` does not know the key `batc`',
    'error[schema/unknown-key] The file does not know the key `services`',
    'error[schema/missing-key] The file has no `version`, `data`, `objective` or `train`',
    'error[schema/type] `inner` has no value',
  ]);
  const specsOnly = {
    code: 1,
    out: `${FOUND_IN('specs/a/bad.yaml')}2 files checked: 1 error, no warnings\n`,
    err: '',
  };
  expect(await workspace.run('validate', 'specs/**/*.yaml', '--specs-only')).toEqual(specsOnly);
  expect(await workspace.run('validate', 'specs\\**\\*.yaml', '--specs-only')).toEqual(specsOnly);
  expect(
    await workspace.run('validate', '--specs-only', 'specs/b/docker-compose.yaml', 'specs/[odd] name.yaml'),
  ).toMatchObject({ code: 0, out: '1 file checked: no errors, no warnings\n' });
  expect(await workspace.run('validate', '--specs-only', 'specs/b')).toMatchObject({ code: 0 });
});

it('exits with 2 where a file cannot be read or nothing is found, and checks the others all the same', async () => {
  const workspace = await Workspace.create({
    'good.yaml': TINY_SPEC,
    'empty/a.txt': '',
    'other/a.yaml': COMPOSE,
  });
  expect(await workspace.run('validate', 'missing.yaml', 'good.yaml', 'empty', 'other', 'x/*.yaml')).toEqual({
    code: 2,
    out: '1 file checked: no errors, no warnings; 4 files could not be read\n',
    err: `error[run/file] The spec \`missing.yaml\` cannot be read: there is no such file

error[run/file] There is no spec below \`empty\`
help: Name the files, where they do not end in \`.yaml\` or \`.yml\`.

error[run/file] There is no spec below \`other\`
help: Name the files, where they do not end in \`.yaml\` or \`.yml\`.

error[run/file] No file is named like \`x/*.yaml\`
help: Write \`"specs/**/*.yaml"\`, for example, for all files below \`specs\`.

`,
  });
});

it('a link that leads in a circle does not keep it from ending', async () => {
  const workspace = await Workspace.create({ 'specs/good.yaml': TINY_SPEC });
  await symlink(workspace.folder, join(workspace.folder, 'specs/loop'));
  expect(await workspace.run('validate', 'specs')).toMatchObject({
    code: 0,
    out: '1 file checked: no errors, no warnings\n',
  });
});

it('writes several formats at once, each for who reads it', async () => {
  const workspace = await Workspace.create({ 'specs/bad.yaml': BAD_SPEC });
  const { code, out, err } = await workspace.run(
    'validate',
    'specs',
    ...['--format', 'github', '--output', 'sarif=out/findings.sarif', '--output', 'junit=report.xml'],
    ...['--output', 'json=a.json', '--output', 'pretty=a.txt'],
  );
  expect({ code, out, err }).toEqual({
    code: 1,
    out: '::error file=specs/bad.yaml,line=17,endLine=17,col=10,endColumn=13,title=schema/unknown-key::`train` does not know the key `batc`%0AExamples per batch.%0ADid you mean `batch`?\n',
    err: '',
  });
  const sarif = JSON.parse(await workspace.text('out/findings.sarif')) as {
    runs: [{ tool: { driver: { rules: [{ id: string; help: { text: string } }] } } }];
  };
  const [rule] = sarif.runs[0].tool.driver.rules;
  expect(rule.id).toBe('schema/unknown-key');
  expect(rule.help.text).toContain('\n\nGood:\n\nversion: 1\n');
  expect(await workspace.text('report.xml')).toContain(
    '<testsuite name="specs/bad.yaml" tests="1" failures="1"',
  );
  expect(JSON.parse(await workspace.text('a.json'))).toMatchObject({ version: 1, summary: { errors: 1 } });
  expect(await workspace.text('a.txt')).toBe(
    `${FOUND_IN('specs/bad.yaml')}1 file checked: 1 error, no warnings\n`,
  );
});

it('docs/ci.md shows the JSON that is written', async () => {
  const text = readFileSync(new URL('../../docs/ci.md', import.meta.url), 'utf8');
  const shown = /```json\n(.*?)```/s.exec(text)![1]!;
  const workspace = await Workspace.create({ 'specs/bad.yaml': BAD_SPEC, 'specs/good.yaml': TINY_SPEC });
  const { out } = await workspace.run('validate', 'specs', '--format', 'json');
  expect(JSON.parse(out)).toEqual(JSON.parse(shown));
});

it('refuses a format that is not there and a report that cannot be written, with 2', async () => {
  const workspace = await Workspace.create({ 'good.yaml': TINY_SPEC });
  await mkdir(join(workspace.folder, 'taken'));
  expect(await workspace.run('validate', 'good.yaml', '--output', 'xml=report.xml')).toEqual({
    code: 2,
    out: '',
    err: "error: option '--output <format=file>' argument 'xml=report.xml' is invalid. It must be a format (pretty, json, github, sarif, junit), = and a file, for example sarif=findings.sarif.\nSee began-compile validate --help\n",
  });
  expect(await workspace.run('validate', 'good.yaml', '--format', 'xml')).toMatchObject({ code: 2, out: '' });
  const { code, out, err } = await workspace.run('validate', 'good.yaml', '--output', 'junit=taken');
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toMatch(/^error\[run\/file\] The report `taken` cannot be written: /);
});

it('--check-data finds what a run would: a missing folder, a file that is no picture, too few', async () => {
  const data = (source: string): string =>
    TINY_SPEC.replace('facesjs: 40, size: 16, background: plain', source);
  const workspace = await Workspace.create({
    'gone.yaml': data('images: ./gone, size: 16'),
    'corrupt.yaml': data('images: ./corrupt, size: 16'),
    'drawn.yaml': TINY_SPEC,
    'corrupt/a.png': 'not a picture',
  });
  expect(await workspace.run('validate', 'gone.yaml', 'corrupt.yaml', 'drawn.yaml')).toMatchObject({
    code: 0,
  });
  const { code, out, err } = await workspace.run(
    ...['validate', 'gone.yaml', 'corrupt.yaml', 'drawn.yaml', '--check-data'],
  );
  expect({ code, err }).toEqual({ code: 1, err: '' });
  expect(out.replaceAll(workspace.folder, 'FOLDER')).toMatchInlineSnapshot(`
    "error[data/not-found] There is no folder \`FOLDER/gone\`
     --> gone.yaml:5:16
      |
    5 |   x: { images: ./gone, size: 16 }
      |                ^^^^^^
    help: A path in a spec is relative to the folder of the spec.

    error[data/empty-folder] The only picture in \`FOLDER/corrupt\` could not be read
     --> corrupt.yaml:5:16
      |
    5 |   x: { images: ./corrupt, size: 16 }
      |                ^^^^^^^^^
    why: \`a.png\` was skipped: it is neither a PNG nor a JPEG.

    3 files checked: 2 errors, no warnings
    "
  `);
  await workspace.write('drawn.yaml', TINY_SPEC.replace('facesjs: 40', 'facesjs: 3'));
  expect(await workspace.run('validate', 'drawn.yaml', '--check-data')).toMatchInlineSnapshot(`
    {
      "code": 1,
      "err": "",
      "out": "error[data/too-few] The data \`x\` has 3 examples, fewer than one batch of 4
     --> drawn.yaml:5:6
      |
    5 |   x: { facesjs: 3, size: 16, background: plain }
      |      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    help: Add examples, or lower \`train.batch\`.

    1 file checked: 1 error, no warnings
    ",
    }
  `);
});

it('prints its version, its help, and a hint for a misspelt command', async () => {
  const workspace = await Workspace.create();
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    readonly version: string;
  };
  expect(await workspace.run('--version')).toEqual({ code: 0, out: `${version}\n`, err: '' });
  for (const command of ['run', 'sample', 'export', 'validate', 'inspect']) {
    const { code, out } = await workspace.run(command, '--help');
    expect(code).toBe(0);
    expect(out).toContain(`Usage: began-compile ${command}`);
    expect(out).toContain(`$ began-compile ${command} `);
  }
  expect(await workspace.run('vaildate', 'x.yaml')).toEqual({
    code: 2,
    out: '',
    err: "error: unknown command 'vaildate'\n(Did you mean validate?)\nSee began-compile --help\n",
  });
});

it('a spec from standard input is checked as a file of the folder it is started in', async () => {
  const workspace = await Workspace.create({ 'base/tiny.yaml': TINY_SPEC, 'good.yaml': TINY_SPEC });
  expect(await workspace.pipe(BAD_SPEC, 'validate', '-', 'good.yaml', '-')).toEqual({
    code: 1,
    out: `${FOUND_IN('<stdin>')}2 files checked: 1 error, no warnings\n`,
    err: '',
  });
  const child = 'extends: ./base/tiny.yaml\nhyper: { gamma: 0.9 }\n';
  expect(await workspace.pipe(child, 'validate', '-')).toMatchObject({ code: 0 });
  const { out } = await workspace.pipe(BAD_SPEC, 'validate', '-', '--format', 'json');
  expect(JSON.parse(out)).toMatchObject({
    files: [{ path: '<stdin>', status: 'findings' }],
    findings: [{ place: { path: '<stdin>', start: { line: 17, column: 10 } } }],
  });
});

it('data are checked from where a spec on standard input would lie', async () => {
  const workspace = await Workspace.create();
  const spec = TINY_SPEC.replace('facesjs: 40, size: 16, background: plain', 'images: ./nowhere, size: 16');
  const { code, out } = await workspace.pipe(spec, 'validate', '-', '--check-data');
  expect(code).toBe(1);
  expect(out).toContain(`\`${workspace.folder}/nowhere\``);
});

it('standard input that is no spec: passed over where that is wished, refused where it is too long', async () => {
  const workspace = await Workspace.create();
  expect(await workspace.pipe(COMPOSE, 'validate', '-', '--specs-only')).toEqual({
    code: 0,
    out: 'no files checked: no errors, no warnings\n',
    err: '',
  });
  expect(await workspace.pipe('', 'validate', '-')).toMatchObject({ code: 1 });
  expect(await workspace.pipe('#'.repeat(5_000_000), 'validate', '-')).toEqual({
    code: 2,
    out: 'no files checked: no errors, no warnings; 1 file could not be read\n',
    err: 'error[run/file] The spec `<stdin>` cannot be read: it has more than 4,000,000 bytes\n\n',
  });
});
