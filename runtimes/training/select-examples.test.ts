import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DiagnosticError } from '../../spec/diagnostics/diagnostic.js';
import type { SelectionOptions } from '../../spec/spec.js';
import type { PackedImages, PackedVectors } from './example-source.js';
import { selectExamples } from './select-examples.js';

/** Example i is the number i, of class i mod 3. */
const numbers = (count: number): PackedVectors => ({
  count,
  shape: [1],
  values: Float32Array.from({ length: count }, (_, i) => i),
  labels: { classes: ['a', 'b', 'c'], of: Uint32Array.from({ length: count }, (_, i) => i % 3) },
});

function select(count: number, options: SelectionOptions) {
  const { count: kept, values, labels } = selectExamples(numbers(count), options) as PackedVectors;
  expect(kept).toBe(values.length);
  expect([...labels!.of]).toEqual([...values].map((value) => value % 3));
  return [...values];
}

function refusal(body: () => unknown) {
  try {
    body();
  } catch (error) {
    if (error instanceof DiagnosticError)
      return error.diagnostics.map(({ code, severity, message, help }) => ({
        code,
        severity,
        message,
        help,
      }));
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('a split', () => {
  it('parts the source without overlap and without loss, each side in order and with its labels', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 10, max: 200 }),
        fc.double({ min: 0.1, max: 0.9, noNaN: true }),
        (count, heldOut) => {
          const train = select(count, { split: 'train', heldOut });
          const test = select(count, { split: 'test', heldOut });
          expect(test).toHaveLength(Math.round(heldOut * count));
          expect([...train, ...test].sort((a, b) => a - b)).toEqual([...Array(count).keys()]);
          for (const side of [train, test]) expect(side).toEqual([...side].sort((a, b) => a - b));
        },
      ),
      { seed: 1, numRuns: 60 },
    );
  });

  it('holds a tenth out where nothing is said, and not the first tenth', () => {
    const test = select(100, { split: 'test' });
    expect(test).toHaveLength(10);
    expect(Math.max(...test)).toBeGreaterThan(50);
  });

  it('is the same from version to version', () => {
    expect(select(20, { split: 'test', heldOut: 0.25 })).toMatchInlineSnapshot(`
      [
        0,
        5,
        7,
        14,
        15,
      ]
    `);
  });

  it('that leaves nothing is refused', () => {
    expect(refusal(() => select(4, { split: 'test' }))).toEqual([
      {
        code: 'data/too-few',
        severity: 'error',
        message: 'The split `test` of 4 examples is empty, with 0.1 of them held out for `test`',
        help: 'Add examples, or change `held_out`.',
      },
    ]);
  });
});

describe('a subset', () => {
  it('has so many of every class, chosen by its seed', () => {
    const chosen = select(90, { subset: { perClass: 4, seed: 1 } });
    const counts = [0, 1, 2].map((label) => chosen.filter((value) => value % 3 === label).length);
    expect(counts).toEqual([4, 4, 4]);
    expect(select(90, { subset: { perClass: 4, seed: 1 } })).toEqual(chosen);
    expect(select(90, { subset: { perClass: 4, seed: 2 } })).not.toEqual(chosen);
    expect(Math.max(...chosen)).toBeGreaterThan(40);
  });

  it('grows without exchanging what a smaller one had', () => {
    const small = select(90, { subset: { perClass: 3, seed: 5 } });
    const large = select(90, { subset: { perClass: 6, seed: 5 } });
    expect(large).toEqual(expect.arrayContaining(small));
  });

  it('is taken from its side of the split', () => {
    const train = select(90, { split: 'train', heldOut: 0.5 });
    const chosen = select(90, { split: 'train', heldOut: 0.5, subset: { perClass: 5, seed: 1 } });
    expect(chosen).toHaveLength(15);
    expect(train).toEqual(expect.arrayContaining(chosen));
  });

  it('is refused where a class is too small, and where there are no classes', () => {
    expect(refusal(() => select(8, { subset: { perClass: 3, seed: 1 } }))).toEqual([
      {
        code: 'data/too-few',
        severity: 'error',
        message: 'The class `c` has 2 examples, fewer than the 3 of `subset`',
        help: 'Lower `per_class`.',
      },
    ]);
    const unlabelled = { ...numbers(9), labels: undefined };
    expect(refusal(() => selectExamples(unlabelled, { subset: { perClass: 1, seed: 1 } }))).toEqual([
      {
        code: 'data/labels',
        severity: 'error',
        message: '`subset` chooses examples per class, and these have no classes',
        help: 'Say with `labels` where the classes are, or leave `subset` out.',
      },
    ]);
  });
});

it('takes whole pictures, and nothing away where nothing is asked for', () => {
  const images: PackedImages = {
    count: 10,
    height: 1,
    width: 2,
    channels: 3,
    pixels: Uint8Array.from({ length: 60 }, (_, i) => i),
  };
  expect(selectExamples(images, {})).toBe(images);
  const chosen = selectExamples(images, { split: 'test', heldOut: 0.3 }) as PackedImages;
  expect(chosen).toMatchObject({ count: 3, height: 1, width: 2, channels: 3 });
  for (let i = 0; i < 3; i++) {
    const first = chosen.pixels[6 * i]!;
    expect([...chosen.pixels.subarray(6 * i, 6 * i + 6)]).toEqual([0, 1, 2, 3, 4, 5].map((k) => first + k));
    expect(first % 6).toBe(0);
  }
});
