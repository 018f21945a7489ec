import { describe, expect, it } from 'vitest';
import { compareRecorded, compareTensors, compareTraces, nmse } from './compare.js';
import type { RecordedTensor } from './fixture.js';

function recordedFrom(values: readonly number[], probe: readonly number[], stride: number): RecordedTensor {
  const kept = Float32Array.from(values.filter((_, i) => i % stride === 0));
  return {
    shape: [values.length],
    norm: Math.hypot(...values),
    probe: values.reduce((sum, value, i) => sum + value * probe[i]!, 0),
    stride,
    values: Buffer.from(kept.buffer).toString('base64'),
  };
}

const values = [0.5, -1, 2, 0.25, -0.125, 3];
const probe = [0.5, -0.5, 0.25, 1, -1, 0.75];

describe('nmse', () => {
  it('is the share of the power that is wrong', () => {
    expect(nmse([1, 0], [1, 1])).toBe(0.5);
    expect(nmse([2, 2], [1, 1])).toBe(1);
  });
  it('is infinite where nothing was expected and NaN where there is one', () => {
    expect(nmse([1e-30], [0])).toBe(Infinity);
    expect(nmse([NaN], [1])).toBeNaN();
    expect(nmse([0], [0])).toBe(0);
  });
  it('refuses tensors of different length', () => {
    expect(() => nmse([1], [1, 2])).toThrow('1 numbers against 2');
  });
});

describe('compareTraces', () => {
  const limits = { tolerance: 1e-3, floor: 1e-6 };
  it('accepts what is within the tolerance of the largest value', () => {
    expect(compareTraces('k', [1, 0.0109], [1, 0.01], limits)).toEqual([]);
  });
  it('names the steps that are off', () => {
    expect(compareTraces('k', [1, 0.012], [1, 0.01], limits)).toEqual([
      { what: 'k at step 2', error: expect.closeTo(0.002, 12) as number, limit: 0.001001 },
    ]);
  });
  it('finds NaN and missing steps', () => {
    expect(compareTraces('k', [NaN], [1], limits)).toHaveLength(1);
    expect(compareTraces('k', [], [1], limits)).toHaveLength(1);
  });
});

describe('compareTensors', () => {
  it('demands zero where zero is expected', () => {
    expect(compareTensors('g', [0, 0], [0, 0], 1e-8)).toEqual([]);
    expect(compareTensors('g', [1e-9, 0], [0, 0], 1e-8)).toHaveLength(1);
  });
  it('finds a flipped sign, a doubled tensor and NaN', () => {
    expect(compareTensors('g', [1, 2], [1, 2], 1e-8)).toEqual([]);
    for (const wrong of [
      [-1, -2],
      [2, 4],
      [NaN, 2],
    ]) {
      expect(compareTensors('g', wrong, [1, 2], 1e-8)).toHaveLength(1);
    }
  });
});

describe('compareRecorded', () => {
  it.each([1, 2, 3])('accepts the tensor itself, recorded at every %i. element', (stride) => {
    expect(compareRecorded('g', values, recordedFrom(values, probe, stride), probe, 1e-12)).toEqual([]);
  });
  it('finds an error between the recorded elements', () => {
    const wrong = values.map((value, i) => (i === 1 ? value + 0.5 : value));
    const findings = compareRecorded('g', wrong, recordedFrom(values, probe, 2), probe, 1e-8);
    expect(findings.map((finding) => finding.what)).toEqual(['g: norm', 'g: probe']);
  });
  it('finds a flip between the recorded elements that keeps the norm', () => {
    const wrong = values.map((value, i) => (i === 1 ? -value : value));
    const findings = compareRecorded('g', wrong, recordedFrom(values, probe, 2), probe, 1e-8);
    expect(findings.map((finding) => finding.what)).toEqual(['g: probe']);
  });
  it('finds another number of elements', () => {
    expect(compareRecorded('g', [1], recordedFrom(values, probe, 1), probe, 1)).toHaveLength(1);
  });
  it('demands zero where zero was recorded', () => {
    const zero = recordedFrom([0, 0], probe, 1);
    expect(compareRecorded('g', [0, 0], zero, probe, 1e-8)).toEqual([]);
    expect(compareRecorded('g', [0, 1e-6], zero, probe, 1e-8)).toHaveLength(1);
  });
});
