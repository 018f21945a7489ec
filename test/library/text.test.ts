/** The blocks of the character GAN against their equations, written out with plain loops. */
import { expect, test } from 'vitest';
import { compile } from '../../compiler/compile.js';
import { folderLibrary } from '../../runtimes/node/library-source.js';
import { referenceEngine } from '../../runtimes/reference/engine.js';

const LENGTH = 5;
const SYMBOLS = 4;
const FILTERS = 3;
const NOISE = 2;

const SPEC = `version: 1
data: { x: { text: ./lines.txt, length: ${LENGTH}, alphabet: a-c } }
noise: { z: { normal: [0, 1], shape: [${NOISE}] } }
networks:
  G: { use: text/generator, with: { length: ${LENGTH}, symbols: ${SYMBOLS}, filters: ${FILTERS}, blocks: 2, width: 3, scale: 0.25 } }
  D: { use: text/critic, with: { filters: ${FILTERS}, blocks: 2, width: 3, scale: 0.25 } }
objective: { use: wgan_gp }
outputs: { generate: G(z), score: D(x) }
train: { batch: 1, steps: 1 }
`;

type Row = readonly number[];
type Weights = ReadonlyMap<string, readonly number[]>;

/** Rows x columns of a weight stored row by row. */
const linear = (x: Row, weight: Row, bias: Row): Row =>
  bias.map((b, column) =>
    x.reduce((sum, value, row) => sum + value * weight[row * bias.length + column]!, b),
  );

/** Along a line of places, with zeros beyond its ends; the weight is width x channels x filters. */
function convolve(line: readonly Row[], weight: Row, bias: Row): readonly Row[] {
  const channels = line[0]!.length;
  const width = weight.length / (channels * bias.length);
  return line.map((_, place) =>
    bias.map((b, filter) => {
      let sum = b;
      for (let tap = 0; tap < width; tap++) {
        const at = line[place + tap - (width - 1) / 2];
        for (let c = 0; at !== undefined && c < channels; c++) {
          sum += at[c]! * weight[(tap * channels + c) * bias.length + filter]!;
        }
      }
      return sum;
    }),
  );
}

const rectified = (line: readonly Row[]) => line.map((row) => row.map((value) => Math.max(value, 0)));

/** h + scale f(h), for two blocks whose convolutions are numbered from `first`. */
function blocks(line: readonly Row[], network: string, first: number, weights: Weights): readonly Row[] {
  let h = line;
  for (const conv of [first, first + 2]) {
    let f = h;
    for (const number of [conv, conv + 1]) {
      const path = `${network}/conv${number}`;
      f = convolve(rectified(f), weights.get(`${path}/weight`)!, weights.get(`${path}/bias`)!);
    }
    h = h.map((row, place) => row.map((value, c) => value + 0.25 * f[place]![c]!));
  }
  return h;
}

const cut = (values: Row, size: number): readonly Row[] =>
  Array.from({ length: values.length / size }, (_, i) => values.slice(i * size, (i + 1) * size));

async function load() {
  const { program, diagnostics } = compile({ name: 'text.yaml', text: SPEC }, folderLibrary());
  if (program === undefined) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  const executable = await referenceEngine.load(program);
  const weights = new Map<string, readonly number[]>();
  let number = 0;
  for (const { name, shape, role } of program.state) {
    if (role !== 'parameter') continue;
    const size = shape.reduce((a, b) => a * b, 1);
    // Anything without a pattern that a wrong order of axes would keep.
    const values = Array.from({ length: size }, () => Math.sin(++number * 1.7) / 2);
    weights.set(name, values);
    await executable.writeState(name, values);
  }
  return { executable, weights };
}

test('text/generator is a dense layer, scaled residual blocks, and a softmax at every place', async () => {
  const { executable, weights } = await load();
  const z = [0.75, -0.5];
  await executable.run('generate', { feeds: new Map([['z', Float32Array.from(z)]]), scalars: new Map() });
  const made = [...(await executable.read('generate', 'generate'))];

  const start = linear(z, weights.get('G/dense1/weight')!, weights.get('G/dense1/bias')!);
  const h = blocks(cut(start, FILTERS), 'G', 1, weights);
  const logits = convolve(h, weights.get('G/conv5/weight')!, weights.get('G/conv5/bias')!);
  const expected = logits.flatMap((row) => {
    const sum = row.reduce((total, value) => total + Math.exp(value), 0);
    return row.map((value) => Math.exp(value) / sum);
  });
  expect(made).toHaveLength(LENGTH * SYMBOLS);
  made.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 6));
});

test('text/critic is a convolution, scaled residual blocks, and one dense score', async () => {
  const { executable, weights } = await load();
  const x = Array.from({ length: LENGTH * SYMBOLS }, (_, i) => Math.cos(i));
  await executable.run('score', { feeds: new Map([['x', Float32Array.from(x)]]), scalars: new Map() });
  const made = [...(await executable.read('score', 'score'))];

  const start = convolve(cut([...Float32Array.from(x)], SYMBOLS), weights.get('D/conv1/weight')!, weights.get('D/conv1/bias')!); // prettier-ignore
  const h = blocks(start, 'D', 2, weights);
  const expected = linear(h.flat(), weights.get('D/dense1/weight')!, weights.get('D/dense1/bias')!);
  expect(made).toHaveLength(1);
  expect(made[0]).toBeCloseTo(expected[0]!, 6);
});
