/** The files for CI systems: their YAML is read, and the commands in them are run as those systems would. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { TINY_SPEC, Workspace } from './began-compile.js';

const COMMAND = fileURLToPath(new URL('../../dist/runtimes/cli/main.js', import.meta.url));
const BAD_SPEC = TINY_SPEC.replace('batch: 4', 'batc: 4');
const COMPOSE = 'services: {}\n';

function read<T>(path: string): T {
  return parse(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')) as T;
}

/** A folder in which `npx` and `began-compile` are the built command, and `npx` says what it was asked for. */
async function withCommand(files: Readonly<Record<string, string>>) {
  const workspace = await Workspace.create({
    ...files,
    '.bin/npx': `#!/bin/sh\necho "$2" > .asked\nshift 2\nexec node ${COMMAND} "$@"\n`,
    '.bin/began-compile': `#!/bin/sh\nexec node ${COMMAND} "$@"\n`,
  });
  for (const name of ['npx', 'began-compile']) await chmod(join(workspace.folder, '.bin', name), 0o755);
  const bash = (script: string, environment: Readonly<Record<string, string>> = {}) => {
    const { status, stdout, stderr } = spawnSync('bash', ['-c', script], {
      cwd: workspace.folder,
      encoding: 'utf8',
      env: {
        ...process.env,
        NO_COLOR: '1',
        PATH: `${join(workspace.folder, '.bin')}${delimiter}${process.env['PATH']!}`,
        ...environment,
      },
    });
    return { code: status, out: stdout, err: stderr };
  };
  return { workspace, bash };
}

interface Action {
  readonly inputs: Readonly<Record<string, { readonly description: string; readonly default: string }>>;
  readonly runs: {
    readonly steps: readonly {
      readonly run?: string;
      readonly uses?: string;
      readonly env?: Readonly<Record<string, string>>;
      readonly with?: Readonly<Record<string, string>>;
    }[];
  };
}

const action = read<Action>('action.yml');
const [validate, upload] = action.runs.steps;

/** What GitHub puts in the place of `${{ inputs.NAME }}`. */
function environment(given: Readonly<Record<string, string>>, base = ''): Record<string, string> {
  return Object.fromEntries(
    Object.entries(validate!.env!).map(([name, value]) => {
      const input = /^\$\{\{ inputs\.([\w-]+) \}\}$/.exec(value)?.[1];
      return [name, input === undefined ? base : (given[input] ?? action.inputs[input]!.default)];
    }),
  );
}

it('the action annotates every finding below its paths and leaves SARIF to upload', async () => {
  const { workspace, bash } = await withCommand({
    'specs/bad.yaml': BAD_SPEC,
    'more/good.yaml': TINY_SPEC,
    'other/bad.yaml': BAD_SPEC,
  });
  const given = { paths: 'specs\nmore/**/*.yaml\n', version: '0.1.0' };
  const { code, out, err } = bash(validate!.run!, environment(given));
  expect({ code, err }).toEqual({ code: 1, err: '' });
  expect(out).toMatch(/^::error file=specs\/bad\.yaml,line=17,.*\n$/);
  expect(await workspace.text('.asked')).toBe('began-compile@0.1.0\n');
  const sarif = JSON.parse(await workspace.text('began-compile.sarif')) as { runs: { results: unknown[] }[] };
  expect(sarif.runs[0]!.results.length).toBe(1);
  expect(upload!.uses).toBe('github/codeql-action/upload-sarif@v3');
  expect(upload!.with!['sarif_file']).toBe('${{ inputs.sarif-file }}');
});

it('the action passes --strict and --check-data on', async () => {
  const idle = TINY_SPEC.replace('noise:', 'noise:\n  idle: { normal: [0, 1], shape: [1] }');
  const { bash } = await withCommand({
    'idle.yaml': idle,
    'gone.yaml': TINY_SPEC.replace('facesjs: 40, size: 16, background: plain', 'images: ./gone, size: 16'),
  });
  expect(bash(validate!.run!, environment({ paths: 'idle.yaml' })).code).toBe(0);
  expect(bash(validate!.run!, environment({ paths: 'idle.yaml', strict: 'true' })).code).toBe(1);
  expect(bash(validate!.run!, environment({ paths: 'gone.yaml' })).code).toBe(0);
  expect(bash(validate!.run!, environment({ paths: 'gone.yaml', 'check-data': 'true' })).code).toBe(1);
});

it('the action can check what a change touches alone', async () => {
  const { workspace, bash } = await withCommand({ 'old bad.yaml': BAD_SPEC, 'gone.yaml': TINY_SPEC });
  const git = (...commands: readonly string[]) => {
    const identity = '-c user.name=a -c user.email=a@b.c';
    const { code, out } = bash(commands.map((command) => `git ${identity} ${command}`).join(' && '));
    expect(code).toBe(0);
    return out;
  };
  git('init -q', 'add .', 'commit -q -m one');
  const base = git('rev-parse HEAD').trim();
  const changed = environment({ 'changed-only': 'true' }, base);
  git('commit -q --allow-empty -m two');
  expect(bash(validate!.run!, changed)).toEqual({ code: 0, out: 'No YAML file changed.\n', err: '' });
  await workspace.write('new bad.yml', BAD_SPEC);
  await workspace.write('compose.yaml', COMPOSE);
  await workspace.remove('gone.yaml');
  git('add -A', 'commit -q -m three');
  const { code, out, err } = bash(validate!.run!, changed);
  expect({ code, err }).toEqual({ code: 1, err: '' });
  expect(out).toMatch(/^::error file=new bad\.yml,.*\n$/);
});

interface Hook {
  readonly id: string;
  readonly entry: string;
  readonly language: string;
}

it('the pre-commit hooks run on every YAML file and leave those of others alone', async () => {
  const hooks = read<readonly Hook[]>('.pre-commit-hooks.yaml');
  const messy = TINY_SPEC.replace('version: 1', 'version:   1');
  const { workspace, bash } = await withCommand({
    'messy.yaml': messy,
    'bad.yaml': BAD_SPEC,
    'compose.yaml': 'services:   {}\n',
  });
  const run = (id: string, files: string) => bash(`${hooks.find((hook) => hook.id === id)!.entry} ${files}`);
  expect(run('began-compile-fmt', 'messy.yaml compose.yaml')).toEqual({
    code: 0,
    out: 'Formatted messy.yaml\n',
    err: '',
  });
  expect(await workspace.text('messy.yaml')).toBe(TINY_SPEC);
  expect(await workspace.text('compose.yaml')).toBe('services:   {}\n');
  expect(run('began-compile-validate', 'messy.yaml compose.yaml').code).toBe(0);
  expect(run('began-compile-validate', 'compose.yaml bad.yaml').code).toBe(1);
});

it('the examples name inputs, hooks and reports that are there', async () => {
  const workflow = read<{
    readonly jobs: { readonly validate: { readonly steps: readonly { uses: string; with?: object }[] } };
  }>('examples/ci/github-workflow.yml');
  const step = workflow.jobs.validate.steps.find(({ uses }) => uses.includes('began-compile'))!;
  expect(Object.keys(action.inputs)).toEqual(expect.arrayContaining(Object.keys(step.with!)));

  const { repos } = read<{
    readonly repos: readonly { readonly hooks: readonly { readonly id: string }[] }[];
  }>('examples/ci/pre-commit-config.yml');
  const known = read<readonly Hook[]>('.pre-commit-hooks.yaml').map(({ id }) => id);
  for (const { id } of repos[0]!.hooks) expect(known).toContain(id);

  const { 'validate-specs': job } = read<{
    readonly 'validate-specs': {
      readonly script: readonly string[];
      readonly artifacts: { readonly reports: { readonly junit: string }; readonly paths: readonly string[] };
    };
  }>('examples/ci/gitlab-ci.yml');
  const { workspace, bash } = await withCommand({ 'specs/bad.yaml': BAD_SPEC });
  expect(bash(job.script.join('\n')).code).toBe(1);
  expect(await workspace.text(job.artifacts.reports.junit)).toContain('failures="1"');
  expect(JSON.parse(await workspace.text(job.artifacts.paths[0]!))).toMatchObject({ version: 1 });
});
