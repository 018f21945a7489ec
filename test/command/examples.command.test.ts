import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { metricsRows, Workspace } from './began-compile.js';

const FOLDER = fileURLToPath(new URL('../../examples/', import.meta.url));
const NAMES = readdirSync(FOLDER).flatMap((file) => (file.endsWith('.yaml') ? [file.slice(0, -5)] : []));
const FASHION = '/usr/share/datasets/fashion-mnist';

type Streams = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** The data of an example and of those it extends. */
function streamsOf(name: string): Streams {
  const spec = parse(readFileSync(`${FOLDER}${name}.yaml`, 'utf8')) as { extends?: string; data?: Streams };
  const base = spec.extends === undefined ? {} : streamsOf(spec.extends.replace(/^\.\/|\.yaml$/g, ''));
  const own = Object.entries(spec.data ?? {}).map(
    ([stream, data]) => [stream, { ...base[stream], ...data }] as const,
  );
  return { ...base, ...Object.fromEntries(own) };
}

const uses = (name: string, kind: string): readonly string[] =>
  Object.entries(streamsOf(name)).flatMap(([stream, data]) => (kind in data ? [stream] : []));

const atHand = (name: string): boolean => uses(name, 'fashion_mnist').length === 0 || existsSync(FASHION);

it('has no mistake in any example', async () => {
  const workspace = await Workspace.create();
  const outcome = await workspace.run('validate', ...NAMES.map((name) => `${FOLDER}${name}.yaml`));
  expect(outcome).toEqual({
    code: 0,
    out: `${NAMES.length} files checked: no errors, no warnings\n`,
    err: '',
  });
});

it.runIf(process.env['HEAVY']).each(NAMES.filter(atHand))(
  'runs the first two steps of %s',
  async (name) => {
    const workspace = await Workspace.create();
    // Faces take milliseconds each to draw.
    const fewer = uses(name, 'facesjs').flatMap((stream) => ['--set', `data.${stream}.facesjs=64`]);
    const options = ['--steps', '2', '--set', 'train.batch=2', ...fewer, '--out', 'run'];
    const { code, out, err } = await workspace.run('run', `${FOLDER}${name}.yaml`, ...options);
    expect(code, out + err).toBe(0);
    expect(err).not.toContain('error[');
    expect((await metricsRows(workspace, 'run')).at(-1)).toMatchObject({ step: 2 });
  },
  120_000,
);
