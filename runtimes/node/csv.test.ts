import { describe, expect, it } from 'vitest';
import { CsvError, parseCsv } from './csv.js';

describe('parseCsv', () => {
  it.each([
    ['', []],
    ['a,b', [['a', 'b']]],
    ['a,b\n', [['a', 'b']]],
    ['a,b\r\nc,d\r\n', [['a', 'b'], ['c', 'd']]], // prettier-ignore
    ['\n\na , b \n\n', [['a', 'b']]],
    ['a,\n,b', [['a', ''], ['', 'b']]], // prettier-ignore
    ['a,', [['a', '']]],
    ['"a,b", "say ""no""" ,c', [['a,b', 'say "no"', 'c']]],
    ['"two\nlines",x', [['two\nlines', 'x']]],
    ['\uFEFFname,label', [['name', 'label']]],
    ['""', []],
  ])('reads %j', (text, rows) => {
    expect(parseCsv(text)).toEqual(rows);
  });

  it.each([
    ['a,b\nc"d,e', 'line 2 has a double quote in the wrong place'],
    ['"a\nb\nc', 'line 1 has a double quote in the wrong place'],
    ['"a\nb" c,d', 'line 1 has a double quote in the wrong place'],
  ])('refuses %j', (text, message) => {
    expect(() => parseCsv(text)).toThrow(new CsvError(message));
  });
});
