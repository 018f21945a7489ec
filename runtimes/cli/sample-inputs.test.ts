import { describe, expect, it } from 'vitest';
import { referenceEngine } from '../reference/engine.js';
import { TrainingSession } from '../training/session.js';
import { compileSpec } from './compile-spec.js';
import { keptSpec } from './spec-file.js';
import { planSamples, readInputs, sampleInputs } from './sample-inputs.js';

// The number of categories is a hyper value: what `sample` may be told has to look it up.
const TEXT = `version: 1
hyper: { k: 4 }
data:
  x: { fashion_mnist: train }
  y: { labels: x }
noise:
  z: { normal: [0, 1], shape: [2] }
  c: { categorical: k }
  s: { uniform: [-1, 1], shape: [1] }
  b: { bernoulli: 0.5, shape: [1] }
networks:
  D: [flatten, { dense: 1 }]
objective:
  updates:
    - { minimize: mean(D(x)), train: D, optimizer: { sgd: { rate: 1 } } }
outputs:
  all: '[one_hot(y), one_hot(c), z, s, b]'
  two: '[z, fresh(z)]'
train: { batch: 5, steps: 1 }
`;

const { program, model } = compileSpec(keptSpec({ name: 'all.yaml', text: TEXT }, '/'));
const NAMES = { x: ['t-shirt', 'trousers', 'pullover', '7'] };

function outputNamed(name: string) {
  const output = program.outputs.find((graph) => graph.name === name)!;
  return { name, reads: ['x'], inputs: sampleInputs(program, output, model.spec.data, NAMES) };
}

const plan = (words: string, count?: number, output = 'all') =>
  planSamples(outputNamed(output), readInputs(words.split(' ')).inputs, count, 64, ['count', 'seed']);

/** One line per sample: class, code, noise, s, b. */
async function drawn(words: string, count: number | undefined, output = 'all'): Promise<readonly number[][]> {
  const executable = await referenceEngine.load(program);
  const session = await TrainingSession.create({ program, executable, examples: new Map() });
  const planned = plan(words, count, output);
  const { values, shape } = await session.generate(output, { ...planned, seed: 1 });
  const size = values.length / shape[0]!;
  return Array.from({ length: shape[0]! }, (_, i) => [...values.subarray(i * size, (i + 1) * size)]);
}

const classOf = (row: readonly number[]) => row.slice(0, 10).indexOf(1);
const codeOf = (row: readonly number[]) => row.slice(10, 14).indexOf(1);
const noiseOf = (row: readonly number[]) => row.slice(14, 16).join();
const styleOf = (row: readonly number[]) => row[16]!;

describe('samples of what was chosen', () => {
  it('have the chosen class and number, and the noise that they have otherwise', async () => {
    const free = await drawn('', 12);
    expect(free.map(classOf)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]);
    const chosen = await drawn('--y 3 --s=-1.5 --b 1 --z.1 0.25', 12);
    for (const [i, row] of chosen.entries()) {
      expect(classOf(row)).toBe(3);
      expect([styleOf(row), row[17], row[15]]).toEqual([-1.5, 1, 0.25]);
      expect([codeOf(row), row[14]]).toEqual([codeOf(free[i]!), free[i]![14]]);
    }
  });

  it('change along a row in nothing but the range, and from row to row in everything else', async () => {
    const rows = await drawn('--c 0..3 --y 1', 12);
    expect(rows.map(codeOf)).toEqual([0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3]);
    const noises = rows.map((row) => `${noiseOf(row)} ${styleOf(row)}`);
    for (const [i, noise] of noises.entries()) expect(noise).toBe(noises[4 * Math.floor(i / 4)]);
    expect(new Set(noises).size).toBe(3);
  });

  it('of two ranges differ in nothing else', async () => {
    const rows = await drawn('--y 8..9 --s -2..2', undefined);
    expect(rows).toHaveLength(16);
    expect(rows.map(classOf)).toEqual(Array.from({ length: 8 }, () => [8, 9]).flat());
    expect(rows.filter((_, i) => i % 2 === 0).map(styleOf)).toEqual(
      Array.from({ length: 8 }, (_, i) => Math.fround(-2 + (4 * i) / 7)),
    );
    expect(new Set(rows.map((row) => `${noiseOf(row)} ${codeOf(row)} ${row[17]}`)).size).toBe(1);
  });

  it('have a fixed noise in every draw of it', async () => {
    const rows = await drawn('--z.0 3', 2, 'two');
    expect(rows.map((row) => [row[0], row[2]])).toEqual([
      [3, 3],
      [3, 3],
    ]);
  });

  it('are as many as fill eight rows', () => {
    expect(plan('')).toMatchObject({ count: 64, columns: undefined, said: [] });
    expect(plan('--y 9..0')).toMatchObject({ count: 80, columns: 10, said: ['y 9..0 across'] });
    expect(plan('--s 0..1', 20)).toMatchObject({ count: 20, columns: 8 });
    expect(plan('--c 1..2 --y trousers..7')).toMatchObject({
      count: 6,
      said: ['c 1..2 across', 'y trousers..7 down'],
    });
  });

  it('are of the class of that name, before the class of that number', () => {
    const classOfName = (words: string) => plan(words).fixed[0]!.value(0);
    expect([classOfName('--y pullover'), classOfName('--y 7'), classOfName('--y 8')]).toEqual([2, 3, 8]);
  });
});

describe('a user who chooses what cannot be chosen reads', () => {
  it.each([
    [
      '--yy 3',
      'an unknown name',
      'The output `all` draws nothing called `yy`',
      'It draws `y`, `c`, `z`, `s` and `b`.',
    ],
    [
      '--cuont 3',
      'a misspelt option',
      'The output `all` draws nothing called `cuont`',
      'Did you mean `--count`?',
    ],
    [
      '--x 3',
      'data',
      '`x` is data: one number or class cannot stand for it',
      'It draws `y`, `c`, `z`, `s` and `b`.',
    ],
    ['--z 3', 'one of several', '`z` has 2 numbers in every sample', 'Say which one: `--z.0` to `--z.1`.'],
    ['--z.2 3', 'a number it has not', '`z` has no number `2`', 'Say which one: `--z.0` to `--z.1`.'],
    ['--s.1 3', 'one of one', '`s` has no number `1`', 'It has one: write `--s`.'],
    [
      '--y 10',
      'a class too many',
      '`--y 10` is outside the 10 classes',
      'Classes are numbered 0 to 9: write `--y 9` or `--y 0..9`. They are called `t-shirt`, `trousers` and `pullover`.',
    ],
    [
      '--c 0..4',
      'a range too long',
      '`--c 0..4` is outside the 4 classes',
      'Classes are numbered 0 to 3: write `--c 3` or `--c 0..3`.',
    ],
    [
      '--y trouser',
      'a misspelt class',
      '`--y` must be a class or a range of classes, and is `trouser`',
      'Did you mean `trousers`?',
    ],
    [
      '--c 1.5',
      'half a class',
      '`--c` must be a class or a range of classes, and is `1.5`',
      'Classes are numbered 0 to 3: write `--c 3` or `--c 0..3`.',
    ],
    ['--b 2', 'no bit', '`--b` must be 0, 1 or the range 0..1, and is `2`', 'Write `--b 1` or `--b 0..1`.'],
    [
      '--s lots',
      'a word',
      '`--s` must be a number or a range, and is `lots`',
      'Write `--s 0.5` or `--s -2..2`.',
    ],
    ['--s 1..1', 'no range', 'The range `--s 1..1` has one value', 'Write `--s 1`, or two different ends.'],
    ['--s', 'no value', '`--s` has no value', 'Write `--s 3`, or a range: `--s 0..9`.'],
    ['--s --c 1', 'no value', '`--s` has no value', 'Write `--s 3`, or a range: `--s 0..9`.'],
    ['--s 1 --s 2', 'the same twice', '`--s` is given twice', 'Leave one of them out.'],
    [
      '--s 0..1 --c 0..1 --y 0..1',
      'three ranges',
      '`--y 0..1` is a third range, and a grid has two directions',
      'Give one value instead of one of the ranges.',
    ],
  ])('%s (%s)', (words, _name, message, help) => {
    expect(() => plan(words)).toThrowError(
      expect.objectContaining({ diagnostics: [{ code: 'run/option', severity: 'error', message, help }] }),
    );
  });

  it('that two ranges say the count', () => {
    expect(() => plan('--s 0..1 --c 0..1', 4)).toThrow(
      'run/option: `--count` cannot be given beside two ranges, which say the number of samples',
    );
  });
});
