import { describe, expect, it } from 'vitest';
import { previewOfLines } from './sampled-lines.js';

describe('the preview of sampled lines', () => {
  it('puts short lines side by side, in three rows at most', () => {
    const names = Array.from({ length: 64 }, (_, i) => `name${String(i).padStart(2, '0')}`);
    const rows = previewOfLines(names);
    expect(rows).toHaveLength(3);
    expect(rows[0]).toBe('name00  name01  name02  name03  name04  name05  name06  name07  name08');
    expect(rows.join('  ').split('  ')).toEqual(names.slice(0, 27));
  });

  it('gives a long line a row of its own, whole', () => {
    const long = 'x'.repeat(100);
    expect(previewOfLines([long, 'ab', long, long])).toEqual([long, 'ab', long]);
  });

  it('lets no character of the text move the cursor', () => {
    expect(previewOfLines(['a\u001b[2Jb'])).toEqual(['a\ufffd[2Jb']);
  });
});
