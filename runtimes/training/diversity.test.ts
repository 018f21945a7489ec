import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DataStream } from './data-stream.js';
import { dataDistance, DiversityWatch, meanPairwiseDistance } from './diversity.js';

describe('meanPairwiseDistance', () => {
  it('is 0 for images that are all alike, however many', () => {
    const one = [0.3, -0.7, 1];
    expect(meanPairwiseDistance(Float32Array.from([...one, ...one, ...one, ...one]), 4)).toBe(0);
  });

  it('is the mean absolute difference of two images', () => {
    expect(meanPairwiseDistance(Float32Array.of(0, 0, 1, 3), 2)).toBe(2);
  });

  it('equals the sum over all pairs', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 9 }),
        fc.integer({ min: 1, max: 5 }),
        fc.infiniteStream(fc.double({ min: -1, max: 1, noNaN: true })),
        (count, size, stream) => {
          // prettier-ignore
          const values = Float32Array.from([...stream.take(count * size)]);
          let sum = 0;
          for (let a = 0; a < count; a++)
            for (let b = 0; b < a; b++)
              for (let i = 0; i < size; i++) sum += Math.abs(values[a * size + i]! - values[b * size + i]!);
          expect(meanPairwiseDistance(values, count)).toBeCloseTo(
            sum / ((size * count * (count - 1)) / 2),
            10,
          );
        },
      ),
      { seed: 1, numRuns: 50 },
    );
  });

  it('is 0 for a single image and refuses numbers that are not whole images', () => {
    expect(meanPairwiseDistance(Float32Array.of(1, 2), 1)).toBe(0);
    expect(() => meanPairwiseDistance(new Float32Array(5), 2)).toThrow(
      new RangeError('5 numbers are not 2 members of one size'),
    );
  });
});

describe('dataDistance', () => {
  it('spreads its examples over the whole data', () => {
    // The first half is all alike: the first examples alone would give 0.
    const pixels = Uint8Array.from({ length: 100 }, (_, i) => (i < 50 ? 0 : 255));
    const examples = { count: 100, height: 1, width: 1, channels: 1, pixels };
    const encoding = { range: [0, 1], flip: 'none' } as const;
    const stream = new DataStream({ name: 'x', examples, encoding, seed: 1 });
    expect(dataDistance(stream, 10)).toBeCloseTo(25 / 45, 10);
  });
});

describe('the diversity watch', () => {
  const codes = (watch: DiversityWatch, ratios: readonly number[]) =>
    ratios.map((ratio, i) => watch.observe(ratio, (i + 1) * 10, 100)?.code);

  it('warns once when the ratio falls, and again when it has risen in between', () => {
    const watch = new DiversityWatch({ threshold: 0.5, after: 0 });
    expect(codes(watch, [0.9, 0.4, 0.3, 0.6, 0.2])).toEqual([
      undefined,
      'run/diversity-falling',
      undefined,
      undefined,
      'run/diversity-falling',
    ]);
  });

  it('keeps quiet in the first part of a run, when nothing is drawn yet', () => {
    expect(codes(new DiversityWatch(), [0.01, 0.2, 0.3, 0.3])).toEqual([
      undefined,
      undefined,
      undefined,
      'run/diversity-falling',
    ]);
  });

  it('says how far it fell and what to do', () => {
    expect(new DiversityWatch().observe(0.314, 50, 100)).toEqual({
      code: 'run/diversity-falling',
      severity: 'warning',
      message: 'Samples differ only 0.31 times as much as the data at step 50',
      note: 'The generator draws nearly the same sample for every latent; losses and balance do not show this.',
      help: 'In BEGAN a larger `gamma`, or a larger `lambda_k` in a short run, keeps more variety.',
    });
  });
});
