import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { loadAside } from './load-aside.js';

const folder = mkdtempSync(join(tmpdir(), 'began-compile-aside-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A module in the addon's place: it is loaded by the same call. */
function addon(code: string): string {
  const path = join(folder, `addon-${Math.random()}.cjs`);
  writeFileSync(path, code);
  return path;
}

it('tells version and device, though the library prints on standard output', () => {
  const path = addon(`console.log('a banner {');
    module.exports = { TF_Version: process.env.FAKE, isUsingGpuDevice: () => true };`);
  const loaded = loadAside(path, { environment: { ...process.env, FAKE: '2.9.1' } });
  expect([loaded.TF_Version, loaded.isUsingGpuDevice()]).toEqual(['2.9.1', true]);
});

it('throws what the loader says, and hands on what was logged', () => {
  let logged = '';
  const path = addon(`process.stderr.write('looking for libcudart\\n'); throw new Error('no library');`);
  const load = (): unknown => loadAside(path, { environment: process.env, log: (text) => (logged += text) });
  expect(load).toThrow(new Error('no library'));
  expect(logged).toBe('looking for libcudart\n');
});

it('outlives an addon that aborts or exits, and says how it ended', () => {
  expect(() =>
    loadAside(
      addon(`require('fs').writeSync(2, 'Check failed: stream\\n'); process.kill(process.pid, 'SIGABRT')`),
      {
        environment: process.env,
      },
    ),
  ).toThrow(new Error('the process that loads it ends with SIGABRT: Check failed: stream'));
  expect(() => loadAside(addon('process.exit(7)'), { environment: process.env })).toThrow(
    new Error('the process that loads it ends with code 7'),
  );
});
