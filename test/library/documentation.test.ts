/** docs/library.md quotes the library: what it says stands in the files, and every objective is on the page. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { folderLibrary } from '../../runtimes/node/library-source.js';

const PAGE = readFileSync(new URL('../../docs/library.md', import.meta.url), 'utf8');
const library = folderLibrary();
const objectives = library.names().filter((name) => /^objective:/m.test(library.read(name)!.text));

/** Section by section: the entry's name, and the cells of the middle column of its table. */
const sections = PAGE.split(/^## /m).flatMap((section) => {
  const name = /^`(\w+)`/.exec(section)?.[1];
  if (name === undefined) return [];
  const rows = section.split('\n').filter((line) => line.startsWith('| '));
  const quoted = rows.slice(2).map((row) =>
    row
      .split(/(?<!\\)\|/)[2]!
      .trim()
      .replaceAll('\\|', '|'),
  );
  return [{ name, quoted }];
});

const squeezed = (text: string): string => text.replaceAll(/\s+/g, ' ');

test('has a section for every objective of the library', () => {
  expect(sections.map(({ name }) => name).sort()).toEqual([...objectives].sort());
});

describe.each(sections)('$name', ({ name, quoted }) => {
  test.each(quoted)('%s', (cell) => {
    expect(squeezed(library.read(name)!.text)).toContain(squeezed(cell.replace(/^`(.*)`$/, '$1')));
  });
});
