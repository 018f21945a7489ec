/**
 * Which examples of a source a stream gives, as plain mathematics:
 *
 *   p      =  the permutation of 0 .. N-1 under the key of (0, 'data/split', 0)
 *   test   =  p[0 .. T-1] and train = p[T .. N-1] with T = round(held_out * N)
 *   subset =  of every class the first `per_class` examples in the order of the permutation of 0 .. N-1 under the key of
 *             (subset seed, 'data/subset', 0), of those that the split leaves
 *
 * What is left keeps the order of the source. The split depends on the number of examples alone, not on the seed of a run:
 * what one run held out, every run holds out.
 */
import { fillPermutation } from '../../compiler/random/permutation.js';
import { drawKey } from '../../compiler/random/stream.js';
import { DiagnosticError } from '../../spec/diagnostics/diagnostic.js';
import type { Diagnostic, Span } from '../../spec/diagnostics/diagnostic.js';
import type { SelectionOptions } from '../../spec/spec.js';
import { areImages, areText, exampleShape } from './example-source.js';
import type { Labels, PackedExamples, PackedImages, PackedText, PackedVectors } from './example-source.js';

const DEFAULT_HELD_OUT = 0.1;

/**
 * The examples that `options` leave, the same object where that is all of them. Throws DiagnosticError data/too-few where
 * nothing is left or a class has fewer than `perClass`, data/labels where there are no classes to choose by.
 */
export function selectExamples(
  examples: PackedExamples,
  options: SelectionOptions,
  span?: Span,
): PackedExamples {
  const { split = 'all', subset } = options;
  if (split === 'all' && subset === undefined) return examples;
  const { count } = examples;
  const heldOut = options.heldOut ?? DEFAULT_HELD_OUT;
  let kept = Array.from({ length: count }, (_, i) => i);
  if (split !== 'all') kept = splitOf(count, split, heldOut, span);
  if (subset !== undefined) kept = subsetOf(examples, kept, subset, span);
  kept.sort((a, b) => a - b);
  if (!areText(examples)) return take(examples, kept);
  const lines = takeLines(examples, kept);
  if (split !== 'train' || Math.round(heldOut * count) === 0) return lines;
  const held = splitOf(count, 'test', heldOut, span).sort((a, b) => a - b);
  return { ...lines, heldOut: takeLines(examples, held).symbols };
}

function dataError(
  code: 'data/too-few' | 'data/labels',
  rest: Pick<Diagnostic, 'message' | 'help'>,
  span?: Span,
) {
  return new DiagnosticError({ code, severity: 'error', span, ...rest });
}

function permutation(count: number, seed: number, site: string): Uint32Array {
  const order = new Uint32Array(count);
  fillPermutation(order, drawKey(seed, site, 0));
  return order;
}

function splitOf(count: number, split: 'train' | 'test', heldOut: number, span?: Span): number[] {
  const order = [...permutation(count, 0, 'data/split')];
  const held = Math.round(heldOut * count);
  const part = split === 'test' ? order.slice(0, held) : order.slice(held);
  if (part.length > 0) return part;
  throw dataError(
    'data/too-few',
    {
      message: `The split \`${split}\` of ${count} examples is empty, with ${heldOut} of them held out for \`test\``,
      help: 'Add examples, or change `held_out`.',
    },
    span,
  );
}

function subsetOf(
  { count, labels }: PackedExamples,
  among: readonly number[],
  { perClass, seed }: { readonly perClass: number; readonly seed: number },
  span?: Span,
): number[] {
  if (labels === undefined) {
    throw dataError(
      'data/labels',
      {
        message: '`subset` chooses examples per class, and these have no classes',
        help: 'Say with `labels` where the classes are, or leave `subset` out.',
      },
      span,
    );
  }
  const present = new Set(among);
  const taken = labels.classes.map(() => 0);
  const kept: number[] = [];
  for (const example of permutation(count, seed, 'data/subset')) {
    const label = labels.of[example]!;
    if (!present.has(example) || taken[label]! >= perClass) continue;
    taken[label]!++;
    kept.push(example);
  }
  const short = taken.findIndex((number) => number < perClass);
  if (short === -1) return kept;
  throw dataError(
    'data/too-few',
    {
      message: `The class \`${labels.classes[short]!}\` has ${taken[short]!} examples, fewer than the ${perClass} of \`subset\``,
      help: 'Lower `per_class`.',
    },
    span,
  );
}

function take(
  examples: PackedImages | PackedVectors,
  numbers: readonly number[],
): PackedImages | PackedVectors {
  const size = exampleShape(examples).reduce((product, length) => product * length, 1);
  const count = numbers.length;
  const labels: Labels | undefined = examples.labels && {
    classes: examples.labels.classes,
    of: Uint32Array.from(numbers, (number) => examples.labels!.of[number]!),
  };
  if (areImages(examples)) {
    const pixels = new Uint8Array(count * size);
    numbers.forEach((n, i) => pixels.set(examples.pixels.subarray(n * size, (n + 1) * size), i * size));
    return { ...examples, count, pixels, labels };
  }
  const values = new Float32Array(count * size);
  numbers.forEach((n, i) => values.set(examples.values.subarray(n * size, (n + 1) * size), i * size));
  return { ...examples, count, values, labels };
}

function takeLines(examples: PackedText, numbers: readonly number[]): PackedText {
  const { length, symbols: all } = examples;
  const symbols = new Uint16Array(numbers.length * length);
  numbers.forEach((n, i) => symbols.set(all.subarray(n * length, (n + 1) * length), i * length));
  return { ...examples, count: numbers.length, symbols };
}
