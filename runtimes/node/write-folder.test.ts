import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { writeFolder, type FolderFile } from './write-folder.js';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'began-folder-'));
});
afterEach(() => rm(root, { recursive: true }));

const file = (name: string, text: string): FolderFile => ({ name, content: Buffer.from(text) });
const isPart = (name: string): boolean => name.startsWith('part');

async function contents(path: string): Promise<Record<string, string>> {
  const names = (await readdir(path)).sort();
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(join(path, name), 'utf8')] as const)),
  );
}

it('makes a folder below others that are not there yet, and leaves nothing beside', async () => {
  const path = join(root, 'a', 'b');
  await writeFolder(path, [file('part1', 'x'), file('index', 'y')], isPart);
  expect(await contents(path)).toEqual({ part1: 'x', index: 'y' });
  expect(await readdir(join(root, 'a'))).toEqual(['b']);
});

it('files lie in folders below where their names say so, in a new folder and in one that is there', async () => {
  for (const text of ['first', 'second']) {
    await writeFolder(join(root, 'tree'), [file('below/deeper/part1', text), file('index', text)], isPart);
    expect(await readFile(join(root, 'tree', 'below', 'deeper', 'part1'), 'utf8')).toBe(text);
    expect((await readdir(join(root, 'tree'))).sort()).toEqual(['below', 'index']);
  }
});

it('in a folder that is there replaces its files, removes leftovers and keeps the rest', async () => {
  await writeFolder(root, [file('part1', 'x'), file('part2', 'x'), file('index', 'x')], isPart);
  await writeFile(join(root, 'mine'), 'mine');
  await writeFolder(root, [file('part1', 'new'), file('index', 'new')], isPart);
  expect(await contents(root)).toEqual({ part1: 'new', index: 'new', mine: 'mine' });
});

it('a folder that fails half-way is not there, and one that was there is as it was', async () => {
  // Below what was just written as a file.
  const unwritable = file('part1/below', '');
  await expect(writeFolder(join(root, 'new'), [file('part1', 'x'), unwritable], isPart)).rejects.toThrow(
    /EEXIST|ENOTDIR/,
  );
  expect(await readdir(root)).toEqual([]);
  await writeFolder(join(root, 'old'), [file('part1', 'old')], isPart);
  await expect(writeFolder(join(root, 'old'), [file('part1', 'x'), unwritable], isPart)).rejects.toThrow(
    /EEXIST|ENOTDIR/,
  );
  expect(await contents(join(root, 'old'))).toEqual({ part1: 'old' });
});

it('does not replace a file by a folder', async () => {
  const path = join(root, 'file');
  await writeFile(path, 'mine');
  await expect(writeFolder(path, [file('index', 'x')], isPart)).rejects.toThrow('it is there, and no folder');
  expect(await contents(root)).toEqual({ file: 'mine' });
});
