import { describe, expect, it } from 'vitest';
import { formatBytes, formatCount, formatDuration, formatNumber, formatOperations } from './format-number.js';

describe('numbers as a person reads them', () => {
  it.each([
    [0, '0'],
    [0.102345, '0.102'],
    [0.98765, '0.988'],
    [1, '1.00'],
    [12.345, '12.3'],
    [123.45, '123'],
    [54321, '54321'],
    [0.00123456, '0.00123'],
    [-0.5, '-0.500'],
    [1.5e-7, '1.50e-7'],
    [2.5e9, '2.50e+9'],
    [Number.NaN, 'NaN'],
    [Number.NEGATIVE_INFINITY, '-∞'],
  ])('%d is printed %s', (value, text) => {
    expect(formatNumber(value)).toBe(text);
  });

  it('counts have thousands separators', () => {
    expect([7, 1234, 15109059].map(formatCount)).toEqual(['7', '1,234', '15,109,059']);
  });

  it('durations keep two units', () => {
    expect([0.4, 8, 200, 7500, Number.POSITIVE_INFINITY].map(formatDuration)).toEqual([
      '0 s',
      '8 s',
      '3 min 20 s',
      '2 h 05 min',
      '?',
    ]);
  });

  it('sizes are binary and operations decimal', () => {
    expect([12, 1536, 5 * 2 ** 20].map(formatBytes)).toEqual(['12 B', '1.5 KiB', '5.0 MiB']);
    expect([12, 1500, 2.5e9].map(formatOperations)).toEqual(['12', '1.50 k', '2.50 G']);
  });
});
