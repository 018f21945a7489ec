import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { writeFileAtomically } from './atomic-file.js';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'began-atomic-'));
});
afterEach(() => rm(root, { recursive: true }));

it('writes into folders that are not there yet, replaces, and leaves nothing beside', async () => {
  const path = join(root, 'a', 'b', 'file');
  await writeFileAtomically(path, 'first');
  await writeFileAtomically(path, [Uint8Array.of(65, 66), Uint8Array.of(67)]);
  expect(await readFile(path, 'utf8')).toBe('ABC');
  expect(await readdir(join(root, 'a', 'b'))).toEqual(['file']);
});

it('leaves nothing beside when it fails', async () => {
  const path = join(root, 'taken');
  await mkdir(join(path, 'inside'), { recursive: true });
  await expect(writeFileAtomically(path, 'x')).rejects.toThrow();
  expect(await readdir(root)).toEqual(['taken']);
});

it('lets the last of many writers win whole', async () => {
  const path = join(root, 'file');
  const texts = Array.from({ length: 20 }, (_, i) => String(i).repeat(10_000));
  await Promise.all(texts.map((text) => writeFileAtomically(path, text)));
  expect(texts).toContain(await readFile(path, 'utf8'));
  expect(await readdir(root)).toEqual(['file']);
});
