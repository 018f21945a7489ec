/** Closed intervals of real numbers, and how functions of the language move them. */
import type { FunctionName } from '../../model/functions.js';
import type { Extent } from '../../model/term.js';

/** Both ends belong to it; an end may be infinite. */
export type Interval = readonly [low: number, high: number];

export const EVERYTHING: Interval = [-Infinity, Infinity];

export const contains = (outer: Interval, inner: Interval): boolean =>
  outer[0] <= inner[0] && inner[1] <= outer[1];

/** 0 times infinity is 0 here: an end that is not reached. */
const times = (a: number, b: number): number => (a === 0 || b === 0 ? 0 : a * b);

const add = (a: Interval, b: Interval): Interval => [a[0] + b[0], a[1] + b[1]];
const negate = (a: Interval): Interval => [-a[1], -a[0]];

function multiply(a: Interval, b: Interval): Interval {
  const products = [times(a[0], b[0]), times(a[0], b[1]), times(a[1], b[0]), times(a[1], b[1])];
  return [Math.min(...products), Math.max(...products)];
}

function magnitude([low, high]: Interval): Interval {
  const far = Math.max(Math.abs(low), Math.abs(high));
  return [low <= 0 && high >= 0 ? 0 : Math.min(Math.abs(low), Math.abs(high)), far];
}

const square = (a: Interval): Interval => {
  const [near, far] = magnitude(a);
  return [near ** 2, far ** 2];
};

const monotone =
  (f: (x: number) => number) =>
  ([low, high]: Interval): Interval => [f(low), f(high)];

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const softplus = (x: number): number => (x > 30 ? x : Math.log1p(Math.exp(x)));

/**
 * The interval of `function(arguments)`, or everything where nothing better is known. `count` is how many numbers a
 * reduction takes together, undefined where the batch decides.
 */
export function intervalOf(
  name: FunctionName,
  inputs: readonly Interval[],
  reduction: { readonly extent: Extent; readonly count: number | undefined },
): Interval {
  const [a = EVERYTHING, b = EVERYTHING, c = EVERYTHING] = inputs;
  switch (name) {
    case 'add':
      return add(a, b);
    case 'sub':
      return add(a, negate(b));
    case 'mul':
      return multiply(a, b);
    case 'div':
      return b[0] > 0 || b[1] < 0 ? multiply(a, [1 / b[1], 1 / b[0]]) : EVERYTHING;
    case 'neg':
      return negate(a);
    case 'abs':
      return magnitude(a);
    case 'square':
      return square(a);
    case 'pow':
      if (b[0] === 2 && b[1] === 2) return square(a);
      return a[0] >= 0 && b[0] === b[1] && b[0] > 0 ? [a[0] ** b[0], a[1] ** b[0]] : EVERYTHING;
    case 'sqrt':
      return [Math.sqrt(Math.max(0, a[0])), Math.sqrt(Math.max(0, a[1]))];
    case 'exp':
      return monotone(Math.exp)(a);
    case 'log':
      return [a[0] > 0 ? Math.log(a[0]) : -Infinity, a[1] > 0 ? Math.log(a[1]) : -Infinity];
    case 'tanh':
      return monotone(Math.tanh)(a);
    case 'sigmoid':
      return monotone(sigmoid)(a);
    case 'softplus':
      return monotone(softplus)(a);
    case 'relu':
    case 'hinge':
      return monotone((x) => Math.max(0, x))(a);
    case 'max':
      return [Math.max(a[0], b[0]), Math.max(a[1], b[1])];
    case 'min':
      return [Math.min(a[0], b[0]), Math.min(a[1], b[1])];
    case 'clip':
      return [Math.min(Math.max(a[0], b[0]), c[0]), Math.min(Math.max(a[1], b[1]), c[1])];
    case 'where':
      return [Math.min(b[0], c[0]), Math.max(b[1], c[1])];
    case 'stop':
    case 'mean':
    case 'max_of':
    case 'min_of':
    case 'sort':
      return a;
    case 'sum':
      if (reduction.count !== undefined) return multiply(a, [reduction.count, reduction.count]);
      return [a[0] >= 0 ? 0 : -Infinity, a[1] <= 0 ? 0 : Infinity];
    case 'norm': {
      const root = reduction.count === undefined ? Infinity : Math.sqrt(reduction.count);
      const [near, far] = magnitude(a);
      return [times(near, reduction.count === undefined ? 1 : root), times(far, root)];
    }
    case 'softmax':
      return [0, 1];
    case 'one_hot':
      return [0, 1];
    case 'entropy':
    case 'cross_entropy':
    case 'var':
    case 'std':
      return [0, Infinity];
    default:
      return EVERYTHING;
  }
}
