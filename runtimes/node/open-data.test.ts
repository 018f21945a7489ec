import { expect, it } from 'vitest';
import { DiagnosticError } from '../../spec/diagnostics/diagnostic.js';
import type { FacesjsData, ImagesData } from '../../spec/spec.js';
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

it('refuses other than one or three channels', () => {
  const open = () => openData({ data: faces, shape: [16, 16, 2], baseDirectory: '/specs' });
  expect(open).toThrow('schema/value: Pictures have 3 channels (RGB) or 1 (grey), not 2');
});
