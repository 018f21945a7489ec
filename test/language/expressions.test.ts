/** Every function and operator of the language, in numbers written out in plain arithmetic. */
import { expect, it } from 'vitest';
import { FUNCTIONS, NAMED_FUNCTIONS } from '../../compiler/model/functions.js';
import { evaluateScalars } from '../../runtimes/training/feeds.js';
import { referenceEngine } from '../../runtimes/reference/engine.js';
import { WasmEngine } from '../../runtimes/wasm/engine.js';
import { programOf } from './run-spec.js';

const V = [
  [1, -2, 0.5],
  [3, 0.25, -1],
];
/** A distribution per sample. */
const P = [
  [0.5, 0.25, 0.25],
  [0, 1, 0],
];
const Y = [2, 0];
const FEEDS = new Map([
  ['v', Float32Array.from(V.flat())],
  ['p', Float32Array.from(P.flat())],
  ['y', Float32Array.from(Y)],
]);

const all = V.flat();
const map = (f: (x: number) => number): number[] => all.map(f);
const rows = (f: (row: readonly number[]) => number): number[] => V.map(f);
const columns = (f: (column: readonly number[]) => number): number[] =>
  [0, 1, 2].map((c) => f(V.map((row) => row[c]!)));
const sum = (xs: readonly number[]) => xs.reduce((a, b) => a + b, 0);
const mean = (xs: readonly number[]) => sum(xs) / xs.length;
const variance = (xs: readonly number[]) => mean(xs.map((x) => (x - mean(xs)) ** 2));
const logsumexp = (xs: readonly number[]) => Math.log(sum(xs.map(Math.exp)));
const dot = (a: readonly number[], b: readonly number[]) => sum(a.map((x, i) => x * b[i]!));
const bit = (condition: boolean) => (condition ? 1 : 0);
const SELU = { scale: 1.0507009873554805, alpha: 1.6732632423543772 };

const CASES: readonly (readonly [expression: string, value: number | readonly number[]])[] = [
  ['v + p', all.map((x, i) => x + P.flat()[i]!)],
  ['v - 2', map((x) => x - 2)],
  ['-v * 3', map((x) => -3 * x)],
  ['2 / v', map((x) => 2 / x)],
  ['v ** 2', map((x) => x ** 2)],
  ['-v ** 2', map((x) => -(x ** 2))],
  ['v % 2', map((x) => x - 2 * Math.floor(x / 2))],
  ['v < 0.5', map((x) => bit(x < 0.5))],
  ['v <= 0.5', map((x) => bit(x <= 0.5))],
  ['v > 0.5', map((x) => bit(x > 0.5))],
  ['v >= 0.5', map((x) => bit(x >= 0.5))],
  ['v == 0.5', map((x) => bit(x === 0.5))],
  ['v != 0.5', map((x) => bit(x !== 0.5))],
  ['v > 0 && v < 2', map((x) => bit(x > 0 && x < 2))],
  ['v < 0 || v > 2', map((x) => bit(x < 0 || x > 2))],
  ['!(v > 0)', map((x) => bit(!(x > 0)))],
  ['where(v > 0, v, 10 * v)', map((x) => (x > 0 ? x : 10 * x))],
  ['abs(v)', map(Math.abs)],
  ['sign(v)', map(Math.sign)],
  ['exp(v)', map(Math.exp)],
  ['log(abs(v))', map((x) => Math.log(Math.abs(x)))],
  ['log2(abs(v))', map((x) => Math.log2(Math.abs(x)))],
  ['sqrt(abs(v))', map((x) => Math.sqrt(Math.abs(x)))],
  ['square(v)', map((x) => x * x)],
  ['floor(v)', map(Math.floor)],
  ['tanh(v)', map(Math.tanh)],
  ['sigmoid(v)', map((x) => 1 / (1 + Math.exp(-x)))],
  ['softplus(v)', map((x) => Math.log(1 + Math.exp(x)))],
  ['elu(v)', map((x) => (x > 0 ? x : Math.exp(x) - 1))],
  ['selu(v)', map((x) => SELU.scale * (x > 0 ? x : SELU.alpha * (Math.exp(x) - 1)))],
  ['relu(v)', map((x) => Math.max(x, 0))],
  ['hinge(1 - v)', map((x) => Math.max(1 - x, 0))],
  ['leaky_relu(v, 0.1)', map((x) => (x > 0 ? x : 0.1 * x))],
  ['max(v, p)', all.map((x, i) => Math.max(x, P.flat()[i]!))],
  ['min(v, 0)', map((x) => Math.min(x, 0))],
  ['clip(v, -1, 1)', map((x) => Math.min(Math.max(x, -1), 1))],
  ['stop(v)', all],
  [
    'log_prob_normal(v, p, 2)',
    all.map((x, i) => -0.5 * ((x - P.flat()[i]!) / 2) ** 2 - Math.log(2) - 0.5 * Math.log(2 * Math.PI)),
  ],

  ['sum(v)', sum(all)],
  ['sum(v, per=sample)', rows(sum)],
  ['sum(v, per=batch)', columns(sum)],
  ['mean(v)', mean(all)],
  ['mean(v, per=sample)', rows(mean)],
  ['mean(v, per=batch)', columns(mean)],
  ['var(v)', variance(all)],
  ['var(v, per=batch)', columns(variance)],
  ['std(v)', Math.sqrt(variance(all))],
  ['std(v, per=sample)', rows((row) => Math.sqrt(variance(row)))],
  ['norm(v)', Math.hypot(...all)],
  ['norm(v, per=sample)', rows((row) => Math.hypot(...row))],
  ['max(v)', Math.max(...all)],
  ['max(v, per=sample)', rows((row) => Math.max(...row))],
  ['min(v)', Math.min(...all)],
  ['min(v, per=batch)', columns((column) => Math.min(...column))],
  ['samples(v)', 2],
  ['size(v)', 3],

  ['softmax(v)', V.flatMap((row) => row.map((x) => Math.exp(x - logsumexp(row))))],
  ['log_softmax(v)', V.flatMap((row) => row.map((x) => x - logsumexp(row)))],
  ['logsumexp(v)', rows(logsumexp)],
  ['entropy(p)', [1.5 * Math.log(2), 0]],
  ['cross_entropy(v, y)', V.map((row, i) => logsumexp(row) - row[Y[i]!]!)],
  ['at_class(v, y)', V.map((row, i) => row[Y[i]!]!)],
  ['one_hot(y)', [0, 0, 1, 1, 0, 0]],
  ['argmax(v)', [0, 0]],
  ['argmax(-v)', [1, 2]],

  ['gram(v)', V.flatMap((a) => V.map((b) => dot(a, b)))],
  ['transpose(v)', columns((column) => column[0]!).flatMap((_, c) => V.map((row) => row[c]!))],
  ['matmul(v, transpose(p))', V.flatMap((a) => P.map((b) => dot(a, b)))],
  ['sort(at_class(v, y))', [0.5, 3]],
  ['[v, p]', V.flatMap((row, i) => [...row, ...P[i]!])],
  ['[v, one_hot(y)]', V.flatMap((row, i) => [...row, ...[0, 1, 2].map((c) => bit(c === Y[i]))])],

  ['grad(sum(v ** 3), v)', map((x) => 3 * x ** 2)],
  ['grad(sum(square(grad(sum(v ** 3), v))), v)', map((x) => 36 * x ** 3)],
  ['grad(sum(stop(v) * v), v)', all],
  ['pi', Math.PI],
];

const program = programOf(`version: 1
data: { x: { points: ring, count: 4 } }
noise:
  v: { normal: [0, 1], shape: [3] }
  p: { uniform: [0, 1], shape: [3] }
  y: { categorical: 3 }
networks: { D: [{ dense: 1 }] }
objective:
  updates: [{ minimize: mean(square(D(x))), train: D, optimizer: { sgd: { rate: 1 } } }]
outputs:
${CASES.map(([expression], i) => `  o${i}: '${expression}'`).join('\n')}
train: { batch: 2, steps: 10 }
`);
const SCOPE = { hyper: new Map<string, number>(), step: 4, steps: 10, execution: 4 };

it.each([
  ['the oracle', () => referenceEngine, 6],
  ['wasm', () => new WasmEngine(), 4],
])('has the value of its formula on %s', async (_name, engine, digits) => {
  const executable = await engine().load(program);
  for (const [i, [expression, expected]] of CASES.entries()) {
    const output = program.outputs.find(({ name }) => name === `o${i}`)!;
    await executable.run(output.name, { feeds: FEEDS, scalars: evaluateScalars(output, SCOPE) });
    const found = [...(await executable.read(output.name, output.name))];
    const wanted = typeof expected === 'number' ? [expected] : expected;
    expect(found, expression).toHaveLength(wanted.length);
    found.forEach((value, at) =>
      expect(value, `${expression}, number ${at}`).toBeCloseTo(wanted[at]!, digits),
    );
  }
});

it('and none is left out', () => {
  const text = CASES.map(([expression]) => expression).join('\n');
  expect(NAMED_FUNCTIONS.filter((name) => !text.includes(`${name}(`))).toEqual([]);
  expect(NAMED_FUNCTIONS.length).toBeGreaterThan(40);
  expect(Object.keys(FUNCTIONS)).toEqual(expect.arrayContaining(['max_of', 'min_of', 'join']));
});
