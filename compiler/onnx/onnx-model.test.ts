/** What can be said of an ONNX model without a runtime; test/onnx runs them. */
import { describe, expect, test } from 'vitest';
import { folderLibrary } from '../../runtimes/node/library-source.js';
import { SYSTEMS } from '../../test/library/systems.js';
import { compile } from '../compile.js';
import { GraphBuilder } from '../graph/builder.js';
import {
  argsort,
  concat,
  constant,
  dot,
  gather,
  input,
  max,
  mean,
  pad,
  scatter,
  slice,
  sum,
} from '../graph/construct.js';
import type { NodeId } from '../graph/graph.js';
import { initialState } from '../random/initialise.js';
import { batchRows, CoupledError, type BatchRows } from './batch-rows.js';
import { dynamicOutputs } from './dynamic-output.js';
import { onnxModel } from './onnx-model.js';
import { encodeOnnx, type OnnxModel } from './protobuf.js';

type Build = (builder: GraphBuilder, x: NodeId, batch: number) => NodeId;

/** The rows of what is built from an input [batch, 4, 3]. */
function rowsOf(build: Build): BatchRows {
  const [one, other] = [1009, 1013].map((batch) => {
    const builder = new GraphBuilder();
    const node = build(builder, input(builder, 'feed', 'x', [batch, 4, 3]), batch);
    return { graph: builder.build('built', [{ kind: 'value', name: 'y', node }]), batch };
  });
  return batchRows(one!, other!);
}

const table = (b: GraphBuilder): NodeId => input(b, 'state', 'table', [7, 3]);
const numbers = (b: GraphBuilder, x: NodeId): NodeId => sum(b, x, [1, 2]);

describe('what follows the batch', () => {
  test.each<readonly [string, Build, number | undefined]>([
    ['an example by itself', (b, x) => sum(b, x, [1, 2]), 1],
    ['several rows for each example', (b, x, n) => b.emit('reshape', [x], { shape: [n * 4, 3] }), 4],
    ['a part of each example', (b, x, n) => slice(b, x, [0, 1, 0], [n, 3, 3]), 1],
    ['a row of a table for each example', (b, x) => gather(b, table(b), numbers(b, x)), 1],
    [
      'the same for every example',
      (b, _, n) => b.emit('broadcast', [table(b)], { shape: [n, 7, 3], axes: [1, 2] }),
      1,
    ],
    ['what no example has a part in', (b) => sum(b, table(b)), undefined],
  ])('%s', (_name, build, rows) => {
    expect(rowsOf(build).at(-1)).toBe(rows);
  });

  test.each<readonly [string, Build]>([
    ['a sum over examples', (b, x) => sum(b, x)],
    ['the largest of all examples', (b, x) => max(b, x, [0])],
    [
      'a mean over examples, taken from each',
      (b, x) =>
        b.emit(
          'sub',
          [numbers(b, x), b.emit('broadcast', [mean(b, x)], { shape: b.shape(numbers(b, x)), axes: [] })],
          {},
        ),
    ],
    [
      'the number of examples',
      (b, x, n) =>
        b.emit('mul', [x, b.emit('broadcast', [constant(b, 1 / n)], { shape: [n, 4, 3], axes: [] })], {}),
    ],
    ['the first examples', (b, x) => slice(b, x, [0, 0, 0], [5, 4, 3])],
    ['examples in reverse places', (b, x) => b.emit('transpose', [x], { permutation: [1, 0, 2] })],
    ['rows beside the examples', (b, x) => pad(b, x, [1, 0, 0], [0, 0, 0])],
    ['examples behind each other', (b, x) => concat(b, [x, x], 0)],
    ['examples in their order of size', (b, x) => argsort(b, numbers(b, x))],
    ['rows read from examples', (b, x) => gather(b, x, numbers(b, x))],
    ['sums of examples with one index', (b, x) => scatter(b, x, numbers(b, x), 7)],
    [
      'products of examples',
      (b, x, n) => {
        const flat = b.emit('reshape', [x], { shape: [n, 12] });
        return dot(b, flat, flat, { transposeB: true });
      },
    ],
    [
      'examples along two axes',
      (b, x, n) => b.emit('broadcast', [numbers(b, x)], { shape: [4, n], axes: [1] }),
    ],
  ])('refuses %s', (_name, build) => {
    expect(() => rowsOf(build)).toThrow(CoupledError);
  });
});

function libraryModel(name: string): OnnxModel {
  const { text } = SYSTEMS.find((system) => system.name === name)!;
  const { model, program } = compile({ name: 'system.yaml', text }, folderLibrary());
  const { output, rows } = dynamicOutputs(model!, ['generate'])[0]!;
  const state = new Map(
    program!.state.map((declaration) => [declaration.name, initialState(declaration, program!.seed)]),
  );
  return onnxModel(
    { output, rows, scalars: new Map(), state, inputDocs: new Map([['z', 'Noise.']]) },
    { producer: { name: 'test', version: '1' }, doc: 'A model.', metadata: new Map([['step', '0']]) },
  );
}

test('layers are operators of their own, and pictures change their layout at the ends alone', () => {
  expect(libraryModel('gan, the networks of DCGAN').nodes.map(({ op }) => op)).toMatchInlineSnapshot(`
    [
      "MatMul",
      "BatchNormalization",
      "Reshape",
      "Relu",
      "Transpose",
      "ConvTranspose",
      "BatchNormalization",
      "Relu",
      "ConvTranspose",
      "Tanh",
      "Transpose",
    ]
  `);
  expect(libraryModel('infogan').nodes.map(({ op }) => op)).toMatchInlineSnapshot(`
    [
      "Reshape",
      "Equal",
      "Cast",
      "Concat",
      "Concat",
      "MatMul",
      "BatchNormalization",
      "Relu",
      "Gemm",
    ]
  `);
});

test('weights bear the names of the spec, those of convolutions with their output channels first', () => {
  const { initializers, inputs, outputs } = libraryModel('gan, the networks of DCGAN');
  const filter = initializers.find(({ name }) => name === 'G/transposed_conv1/weight')!;
  expect([filter.shape, filter.doc]).toMatchInlineSnapshot(`
    [
      [
        4,
        2,
        4,
        4,
      ],
      "Input channels, output channels, height, width.",
    ]
  `);
  expect(inputs).toEqual([{ name: 'z', dtype: 'float32', shape: ['batch', 3], doc: 'Noise.' }]);
  expect(outputs).toEqual([{ name: 'generate', dtype: 'float32', shape: ['batch', 8, 8, 1] }]);
});

test('one model always gives the same bytes', () => {
  const encode = (): Uint8Array => encodeOnnx(libraryModel('infogan'));
  expect(encode()).toEqual(encode());
});

test('an output that works across examples is refused by the function that does', () => {
  const { text } = SYSTEMS[0]!;
  const { model } = compile(
    { name: 'system.yaml', text: text.replace('G(z)\n', 'G(z) - mean(G(z))\n') },
    folderLibrary(),
  );
  expect(() => dynamicOutputs(model!, ['generate'])).toThrowErrorMatchingInlineSnapshot(
    `[DiagnosticError: run/option: The output \`generate\` cannot be written for any number of examples: \`mean\` works across them]`,
  );
});
