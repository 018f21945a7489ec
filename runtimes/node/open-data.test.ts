import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DiagnosticError, type Diagnostic } from '../../spec/diagnostics/diagnostic.js';
import type { FacesjsData, IdxData, ImagesData, MnistData, PointsData } from '../../spec/spec.js';
import { areImages } from '../training/example-source.js';
import { openData } from './open-data.js';

const span = { file: { name: 'a.yaml', text: 'channels: 2' }, start: 10, end: 11 };
const number = { kind: 'number', value: 2, span } as const;
const options = {
  span,
  size: { height: number, width: number },
  channels: number,
  range: [-1, 1],
  flip: 'none',
} as const;
const faces: FacesjsData = { ...options, kind: 'facesjs', count: 3, background: 'plain', seed: 1 };
const folder: ImagesData = { ...options, kind: 'images', path: { value: 'faces', span }, crop: 'centre' };

it('opens what the spec names, at the size of the program', async () => {
  const drawn = openData({ data: faces, shape: [16, 8, 3], baseDirectory: '/specs' });
  expect((await drawn.load()).examples).toMatchObject({ count: 3, height: 16, width: 8, channels: 3 });
});

it('looks for a folder beside the spec and points at the path when it is not there', async () => {
  const source = openData({ data: folder, shape: [16, 16, 3], baseDirectory: '/no-such-specs' });
  const error: unknown = await source.load().catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(DiagnosticError);
  const [diagnostic] = (error as DiagnosticError).diagnostics;
  expect(diagnostic).toMatchObject({
    code: 'data/not-found',
    message: 'There is no folder `/no-such-specs/faces`',
    span,
  });
});

const points: PointsData = { kind: 'points', span, set: 'gaussians_25', count: 1000, seed: 1 };
const load = async (data: Parameters<typeof openData>[0]['data'], shape: readonly number[]) =>
  (await openData({ data, shape, baseDirectory: '/specs' }).load()).examples;

it('draws points, split and subset with their classes', async () => {
  const train = await load({ ...points, split: 'train', heldOut: 0.2 }, [2]);
  const test = await load({ ...points, split: 'test', heldOut: 0.2 }, [2]);
  expect([train.count, test.count]).toEqual([800, 200]);
  const few = await load({ ...points, subset: { perClass: 3, seed: 1 } }, [2]);
  expect(few.count).toBe(75);
  const { values } = few as Extract<typeof few, { values: Float32Array }>;
  few.labels!.of.forEach((label, i) => {
    expect(Math.abs(values[2 * i]! - ((label % 5) - 2) / Math.SQRT2)).toBeLessThan(0.1);
  });
});

it('gives ten digits at the size and in the channels that are asked for', async () => {
  const digits: MnistData = { ...options, kind: 'mnist', subset: { perClass: 2, seed: 1 } };
  const examples = await load(digits, [14, 14, 3]);
  expect(examples).toMatchObject({ count: 20, height: 14, width: 14, channels: 3 });
  expect([...examples.labels!.of]).toEqual(Array.from({ length: 20 }, (_, i) => Math.floor(i / 2)));
  expect(areImages(examples) && examples.pixels.length).toBe(20 * 14 * 14 * 3);
});

describe('declared classes', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'began-open-'));
    await writeFile(
      join(folder, 'images'),
      Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 5, 6),
    );
    await writeFile(join(folder, 'labels'), Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 0, 2));
  });
  afterEach(() => rm(folder, { recursive: true }));
  const classes = async (declared: number | undefined) => {
    const file = (value: string) => ({ value: join(folder, value), span });
    const data: IdxData = {
      ...options,
      kind: 'idx',
      images: file('images'),
      labels: file('labels'),
      classes: declared,
    };
    const { examples, diagnostics } = await openData({ data, shape: [1, 1, 1], baseDirectory: '/' }).load();
    warnings = diagnostics;
    return examples.labels!.classes;
  };
  let warnings: readonly Diagnostic[] = [];

  it('may be more than the labels show, and are then as many as declared', async () => {
    expect(await classes(undefined)).toEqual(['0', '1', '2']);
    expect(await classes(3)).toEqual(['0', '1', '2']);
    expect(warnings).toEqual([]);
    expect(await classes(5)).toEqual(['0', '1', '2', '3', '4']);
    expect(warnings).toEqual([
      {
        code: 'data/labels',
        severity: 'warning',
        message: 'The labels show 3 of the 5 classes that `classes` says',
        span,
        note: 'Nothing is learned of the others.',
        help: 'Write `classes: 3`, or correct the labels.',
      },
    ]);
  });

  it('may not be fewer', async () => {
    const error: unknown = await classes(2).catch((caught: unknown) => caught);
    expect((error as DiagnosticError).diagnostics).toEqual([
      {
        code: 'data/labels',
        severity: 'error',
        message: 'The labels have 3 classes, more than the 2 of `classes`',
        span,
        help: 'Write `classes: 3`, or correct the labels.',
      },
    ]);
  });
});

it('refuses other than one or three channels, and of a folder four', () => {
  const open = (data: ImagesData | FacesjsData, channels: number) => () =>
    openData({ data, shape: [16, 16, channels], baseDirectory: '/specs' });
  expect(open(faces, 4)).toThrow('schema/value: These pictures have 3 channels (RGB) or 1 (grey), not 4');
  expect(open(folder, 2)).toThrow(
    'schema/value: Pictures have 3 channels (RGB), 4 (RGBA) or 1 (grey), not 2',
  );
  expect(open(folder, 4)).not.toThrow();
});
