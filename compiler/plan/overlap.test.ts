import { expect, test } from 'vitest';
import type { Buffer } from './kernel.js';
import { overlappingParts } from './overlap.js';

const buffer = (id: number, elements: number, within?: Buffer['within']): Buffer => ({
  id,
  elements,
  name: '',
  kind: 'heap',
  within,
});

test('a part shares memory with the whole and with parts that reach into it, with no neighbour and no other buffer', () => {
  const overlapping = overlappingParts([
    buffer(0, 12),
    buffer(1, 5, { buffer: 0, offset: 0 }),
    buffer(2, 7, { buffer: 0, offset: 5 }),
    buffer(3, 3, { buffer: 0, offset: 4 }),
    buffer(4, 12),
  ]);
  const sorted = [0, 1, 2, 3, 4].map((id) => [...overlapping(id)].sort((a, b) => a - b));
  expect(sorted).toEqual([[0, 1, 2, 3], [0, 1, 3], [0, 2, 3], [0, 1, 2, 3], [4]]);
});
