import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DiagnosticError } from '../../spec/diagnostics/diagnostic.js';
import { ImageFolder } from './image-folder.js';
import { labelImages } from './image-labels.js';
import type { ImageLabelling } from './image-labels.js';
import { encodePng } from './png.js';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'began-labels-'));
});
afterEach(() => rm(root, { recursive: true }));

const picture = (value: number) =>
  encodePng({ width: 2, height: 2, channels: 1, data: new Uint8Array(4).fill(value) });

async function csv(text: string): Promise<ImageLabelling> {
  const path = join(root, 'labels.csv');
  await writeFile(path, text);
  return { kind: 'csv', path };
}

async function labels(names: readonly string[], labelling: ImageLabelling) {
  const { labels: found, diagnostics } = await labelImages(names, labelling);
  expect(diagnostics).toEqual([]);
  return { classes: found.classes, of: [...found.of] };
}

async function refusal(body: () => Promise<unknown>) {
  const error: unknown = await body().catch((caught: unknown) => caught);
  if (!(error instanceof DiagnosticError)) throw error;
  return error.diagnostics.map(({ code, message }) => [code, message.replaceAll(root, '')]);
}

describe('classes by folder', () => {
  it('are the folders below the root, in the order of their names, whatever lies deeper', async () => {
    expect(await labels(['dog/1.png', 'cat/a/2.png', 'cat/3.png'], { kind: 'folders' })).toEqual({
      classes: ['cat', 'dog'],
      of: [1, 0, 0],
    });
  });

  it('that are numbers are the numbers of the classes', async () => {
    expect(await labels(['10/a.png', '2/b.png'], { kind: 'folders' })).toEqual({
      classes: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '10'],
      of: [10, 2],
    });
  });

  it('are missing where a picture lies in the root', async () => {
    expect(await refusal(() => labelImages(['cat/1.png', '2.png'], { kind: 'folders' }))).toEqual([
      ['data/labels', '1 picture has no sub-folder, which would be the class; the first is `2.png`'],
    ]);
  });
});

describe('classes from a CSV file', () => {
  it.each([
    ['with a first row of names', 'name,label\nb.png,old\nfar/a.png,new\n'],
    ['without one', 'b.png,old\nfar/a.png,new\n'],
    ['with a row twice', 'b.png,old\n"b.png",old\nfar/a.png,new'],
  ])('are read %s', async (_how, text) => {
    expect(await labels(['b.png', 'far/a.png'], await csv(text))).toEqual({
      classes: ['new', 'old'],
      of: [1, 0],
    });
  });

  it('of which some name no picture bring a warning', async () => {
    const { labels: found, diagnostics } = await labelImages(
      ['a.png'],
      await csv('a.png,0\nb.png,1\nc.png,2'),
    );
    expect(found).toEqual({ classes: ['0'], of: Uint32Array.of(0) });
    expect(
      diagnostics.map(({ code, severity, message }) => [code, severity, message.replace(root, '')]),
    ).toEqual([
      [
        'data/labels',
        'warning',
        '2 rows of `/labels.csv` name no picture of the folder; the first is `b.png`',
      ],
    ]);
  });

  it.each([
    ['a.png,x', 'data/labels', '2 pictures have no label in `/labels.csv`; the first is `b.png`'],
    ['a.png,x\nb.png,y\nb.png,z', 'data/labels', '`/labels.csv` labels `b.png` both `y` and `z`'],
    [
      'a.png,x\nb.png',
      'data/format',
      '`/labels.csv` must hold rows of a name and a label, and row 2 does not',
    ],
    ['a.png,x,y', 'data/format', '`/labels.csv` must hold rows of a name and a label, and row 1 does not'],
    ['a.png,', 'data/format', '`/labels.csv` must hold rows of a name and a label, and row 1 does not'],
    [
      'a"',
      'data/format',
      '`/labels.csv` cannot be read as CSV: line 1 has a double quote in the wrong place',
    ],
  ])('that say %j are refused', async (text, code, message) => {
    const labelling = await csv(text);
    expect(await refusal(() => labelImages(['a.png', 'b.png', 'c.png'], labelling))).toEqual([
      [code, message],
    ]);
  });

  it('that is not there is named', async () => {
    const labelling = { kind: 'csv', path: join(root, 'none.csv') } as const;
    expect(await refusal(() => labelImages(['a.png'], labelling))).toEqual([
      ['data/not-found', 'There is no file `/none.csv`'],
    ]);
  });
});

describe('a folder of labelled pictures', () => {
  it('keeps picture and class together where files are skipped, and from the cache too', async () => {
    for (const [name, bytes] of [
      ['cat/a.png', picture(10)],
      ['cat/b.png', Buffer.from('broken')],
      ['dog/a.png', picture(20)],
      ['dog/b.png', picture(21)],
    ] as const) {
      await mkdir(join(root, 'pets', name, '..'), { recursive: true });
      await writeFile(join(root, 'pets', name), bytes);
    }
    const source = new ImageFolder({
      directory: join(root, 'pets'),
      height: 1,
      width: 1,
      channels: 1,
      crop: 'centre',
      labels: { kind: 'folders' },
    });
    const first = await source.load();
    expect([...first.examples.pixels]).toEqual([10, 20, 21]);
    expect(first.examples.labels).toEqual({ classes: ['cat', 'dog'], of: Uint32Array.of(0, 1, 1) });
    expect(first.diagnostics.map(({ message }) => message)).toEqual([
      '`cat/b.png` was skipped: it is neither a PNG nor a JPEG',
    ]);
    expect(await source.load()).toEqual(first);
  });
});
