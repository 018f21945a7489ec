import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { TINY_SPEC, Workspace } from './began-compile.js';

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
  const workspace = await Workspace.create({
    'good.yaml': TINY_SPEC,
    'bad.yaml': TINY_SPEC.replace('batch: 4', 'batc: 4').replace('lambda_k: lambda_k', 'lambda_k: lamda_k'),
  });
  const { code, out, err } = await workspace.run('validate', 'bad.yaml', 'good.yaml');
  expect({ code, err }).toEqual({ code: 1, err: '' });
  expect(out).toMatchInlineSnapshot(`
    "error[schema/unknown-key] \`train\` does not know the key \`batc\`
      --> bad.yaml:17:10
       |
    17 | train: { batc: 4, steps: 6, seed: 1, log: 1, samples: 3, checkpoint: 2 }
       |          ^^^^
    why: Examples per batch.
    help: Did you mean \`batch\`?

    2 files checked: 1 error, no warnings
    "
  `);
});

it('exits with 2 where a file cannot be read, and checks the others all the same', async () => {
  const workspace = await Workspace.create({ 'good.yaml': TINY_SPEC });
  expect(await workspace.run('validate', 'missing.yaml', 'good.yaml', '.')).toEqual({
    code: 2,
    out: '1 file checked: no errors, no warnings; 2 files could not be read\n',
    err: `error[run/file] The spec \`missing.yaml\` cannot be read: there is no such file

error[run/file] The spec \`.\` cannot be read: it is a folder

`,
  });
});

it('prints its version, its help, and a hint for a misspelt command', async () => {
  const workspace = await Workspace.create();
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    readonly version: string;
  };
  expect(await workspace.run('--version')).toEqual({ code: 0, out: `${version}\n`, err: '' });
  for (const command of ['run', 'sample', 'validate', 'inspect']) {
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
  expect(await workspace.run('validate')).toEqual({
    code: 2,
    out: '',
    err: "error: missing required argument 'files'\nSee began-compile validate --help\n",
  });
});
