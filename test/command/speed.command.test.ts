/** `validate` is run on every save and every commit: these bounds are loose, for machines that do other things as well. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { Workspace } from './began-compile.js';

const COMMAND = fileURLToPath(new URL('../../dist/runtimes/cli/main.js', import.meta.url));
const SPEC = fileURLToPath(new URL('../../examples/faces-32.yaml', import.meta.url));

function seconds(...argv: readonly string[]): number {
  const start = performance.now();
  const { status } = spawnSync(process.execPath, argv);
  expect(status).toBe(0);
  return (performance.now() - start) / 1000;
}

it('validate of one spec takes a few times as long as starting Node', () => {
  const best = { node: Infinity, validate: Infinity };
  for (let i = 0; i < 7; i++) {
    best.node = Math.min(best.node, seconds('-e', '0'));
    best.validate = Math.min(best.validate, seconds(COMMAND, 'validate', SPEC));
  }
  expect(best.validate / best.node).toBeLessThan(9);
});

it('a hundred specs take seconds', async () => {
  const text = readFileSync(SPEC, 'utf8');
  const workspace = await Workspace.create(
    Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`specs/${i}.yaml`, text])),
  );
  const start = performance.now();
  expect(await workspace.run('validate', 'specs')).toMatchObject({ code: 0 });
  expect((performance.now() - start) / 1000).toBeLessThan(10);
});
