import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { TINY_SPEC } from './began-compile.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A module run from the package's own folder, where `began-compile` names the package itself. */
function runModule(code: string): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', code], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout;
}

it('compiles and trains a step from a program, by the names the package exports', () => {
  const out = runModule(`
    import { compile, TrainingSession, WasmEngine } from 'began-compile';
    import { folderLibrary, openData } from 'began-compile/node';
    import { TfjsEngine } from 'began-compile/tfjs';
    import { load } from 'began-compile/web';
    const text = ${JSON.stringify(TINY_SPEC)};
    const { program } = compile({ name: 'tiny.yaml', text }, folderLibrary());
    const { shape, data } = program.streams.get('x');
    const { examples } = await openData({ data, shape, baseDirectory: '.' }).load();
    const executable = await new WasmEngine().load(program);
    const session = await TrainingSession.create({ program, executable, examples: new Map([['x', examples]]) });
    const { step, metrics } = await session.step();
    console.log(step, [...metrics.keys()].join(), Number.isFinite(metrics.get('Lx')), typeof TfjsEngine, typeof load);
  `);
  expect(out).toBe('1 Lx,Lg,k,convergence,balance true function function\n');
});

it('packs what a user needs and nothing else', () => {
  const packed = spawnSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  const [{ files }] = JSON.parse(packed.stdout) as [{ files: readonly { path: string; mode: number }[] }];
  const paths = files.map(({ path }) => path);
  expect(paths).toEqual(
    expect.arrayContaining([
      'LICENSE',
      'README.md',
      'CHANGELOG.md',
      'dist/index.js',
      'dist/index.d.ts',
      'dist/runtimes/artifact/began.d.ts',
      'dist/runtimes/artifact/began.js',
      'dist/runtimes/artifact/page.html',
      'dist/runtimes/cli/main.js',
      'dist/runtimes/cli/report/page.css',
      'dist/runtimes/cli/report/page.js',
      'dist/spec/library/began.yaml',
      'dist/spec/schema/v1.json',
      'examples/faces-32.yaml',
    ]),
  );
  expect(
    paths.filter((path) => /\.test\.|^test\/|^runs\/|^examples\/web\/dist\/|\.tsbuildinfo$/.test(path)),
  ).toEqual([]);
  expect(files.find(({ path }) => path === 'dist/runtimes/cli/main.js')!.mode & 0o111).toBe(0o111);
});
