/** Shapes and layers that the library's networks have no use for; every spec trains the same steps on wasm and on the oracle. */
import { describe, expect, it } from 'vitest';
import { DiagnosticError } from '../../spec/diagnostics/diagnostic.js';
import { renderDiagnostics } from '../../spec/diagnostics/render.js';
import type { PackedExamples } from '../../runtimes/training/example-source.js';
import { referenceEngine } from '../../runtimes/reference/engine.js';
import { WasmEngine } from '../../runtimes/wasm/engine.js';
import { open, programOf } from './run-spec.js';

const pictures = (height: number, width: number, channels: number): PackedExamples => ({
  count: 6,
  height,
  width,
  channels,
  pixels: Uint8Array.from(
    { length: 6 * height * width * channels },
    (_, i) => (i * 37 + (i >> 3) * 11) % 256,
  ),
});

interface Trial {
  readonly hyper?: string;
  readonly data?: string;
  readonly examples?: PackedExamples;
  /** D's layers for the data. */
  readonly layers: string;
}

const textOf = ({
  hyper = '{}',
  data = '{ images: ./none, size: [5, 12], channels: 4 }',
  layers,
}: Trial): string => `version: 1
hyper: ${hyper}
data: { x: ${data} }
networks:
  D:
${layers.replace(/^/gm, '    ')}
objective:
  let: { energy: mean(square(D(x) - 1)) }
  updates: [{ name: only, minimize: energy, train: D, optimizer: { sgd: { rate: 0.05 } } }]
  metrics: { energy: energy }
outputs: { out: D(x) }
train: { batch: 3, steps: 3 }
`;

/** Three steps on both engines; gives the shape of D(x). */
async function train(trial: Trial): Promise<readonly number[]> {
  const examples = new Map([['x', trial.examples ?? pictures(5, 12, 4)]]);
  const losses: (readonly number[])[] = [];
  let shape: readonly number[] = [];
  for (const engine of [referenceEngine, new WasmEngine()]) {
    const session = await open(textOf(trial), examples, engine);
    const energies: number[] = [];
    for (let step = 0; step < 3; step++) energies.push((await session.step()).metrics!.get('energy')!);
    losses.push(energies);
    ({ shape } = await session.generate('out', { count: 3 }));
  }
  const [expected = [], actual = []] = losses;
  expected.forEach((loss, step) => expect(actual[step]).toBeCloseTo(loss, 4));
  expect(expected.every(Number.isFinite)).toBe(true);
  return shape.slice(1);
}

describe('pictures of 5 x 12 with four channels', () => {
  it.each<[string, string, readonly number[]]>([
    ['a kernel of one row', '- conv: { filters: 3, kernel: [1, 5] }', [5, 12, 3]],
    ['a kernel of one column', '- conv: { filters: 3, kernel: [4, 1], padding: none }', [2, 12, 3]],
    [
      'padding that differs from side to side',
      '- conv: { filters: 2, kernel: 3, padding: { top: 0, bottom: 2, left: 3, right: 1 } }',
      [5, 14, 2],
    ],
    ['strides that differ', '- conv: { filters: 2, stride: [1, 3] }', [5, 4, 2]],
    ['groups', '- conv: { filters: 6, groups: 2, bias: false }', [5, 12, 6]],
    [
      'a transposed convolution that differs in both directions',
      '- transposed_conv: { filters: 2, kernel: [3, 4], stride: [1, 2] }',
      [5, 24, 2],
    ],
    ['average pooling', '- average_pool: [1, 3]', [5, 4, 4]],
    ['max pooling', '- max_pool: [5, 2]', [1, 6, 4]],
    ['decimation', '- decimate: [2, 3]', [3, 4, 4]],
    ['nearest enlargement', '- upsample: [1, 2]', [5, 24, 4]],
    ['bilinear enlargement', '- bilinear: [2, 1]', [10, 12, 4]],
  ])('%s', async (_name, layer, shape) => {
    expect(await train({ layers: `${layer}\n- conv: ${shape[2]!}` })).toEqual(shape);
  });
});

describe('examples that are no square pictures of colour', () => {
  it('a vector', async () => {
    const values = Float32Array.from({ length: 12 }, (_, i) => Math.sin(i));
    const examples: PackedExamples = { count: 6, shape: [2], values };
    expect(
      await train({
        data: '{ points: ring, count: 6 }',
        examples,
        layers: '- dense: 5\n- selu\n- maxout: { units: 3, pieces: 2 }\n- layer_norm\n- dense: 1',
      }),
    ).toEqual([1]);
  });

  it('a sequence', async () => {
    const examples: PackedExamples = {
      count: 6,
      length: 7,
      alphabet: ['a', 'b'],
      symbols: Uint16Array.from({ length: 42 }, (_, i) => i % 3),
    };
    const layers =
      '- conv: { filters: 4, kernel: [1, 3] }\n- relu\n- residual: [{ conv: { filters: 4, kernel: [1, 3] } }]';
    const data = "{ text: ./none.txt, length: 7, alphabet: 'ab' }";
    expect(await train({ data, examples, layers })).toEqual([1, 7, 4]);
  });

  it('one row, one column and one pixel', async () => {
    const one = async (height: number, width: number, channels: number) =>
      train({
        data: `{ images: ./none, size: [${height}, ${width}], channels: ${channels} }`,
        examples: pictures(height, width, channels),
        layers: '- conv: 2\n- flatten\n- dense: 1',
      });
    expect([await one(1, 9, 1), await one(9, 1, 3), await one(1, 1, 4)]).toEqual([[1], [1], [1]]);
  });
});

describe('hyper values that are words', () => {
  const chosen = (hyper: string) =>
    train({ hyper, layers: '- conv: 3\n- norm: norm\n- activation: activation' });

  it.each([
    ['elu', 'batch_norm'],
    ['relu', 'layer_norm'],
    ['leaky_relu', 'instance_norm'],
    ['softplus', 'none'],
  ])('choose %s and %s', async (activation, norm) => {
    expect(await chosen(`{ activation: ${activation}, norm: ${norm} }`)).toEqual([5, 12, 3]);
    const { state } = programOf(
      textOf({
        hyper: `{ activation: ${activation}, norm: ${norm} }`,
        layers: '- norm: norm\n- activation: activation',
      }),
    );
    expect(state.filter(({ name }) => name.includes('norm')).map(({ name }) => name.split('/')[1])).toEqual(
      norm === 'none' ? [] : Array.from({ length: norm === 'batch_norm' ? 4 : 2 }, () => `${norm}1`),
    );
  });

  it.each([
    [
      '{ activation: ely, norm: none }',
      `error[schema/value] \`ely\` is not an activation
 --> language.yaml:7:19
  |
7 |     - activation: activation
  |                   ^^^^^^^^^^
help: Did you mean \`elu\`?`,
    ],
    [
      '{ activation: swish, norm: none }',
      `error[schema/value] \`swish\` is not an activation
 --> language.yaml:7:19
  |
7 |     - activation: activation
  |                   ^^^^^^^^^^
help: Use \`elu\`, \`relu\`, \`selu\`, \`leaky_relu\`, \`tanh\`, \`sigmoid\`, \`softplus\` or \`linear\`.`,
    ],
    [
      '{ activation: elu, norm: weight_norm }',
      `error[schema/value] \`weight_norm\` is not a norm
 --> language.yaml:6:13
  |
6 |     - norm: norm
  |             ^^^^
help: Use \`batch_norm\`, \`layer_norm\`, \`instance_norm\` or \`none\`.`,
    ],
  ])('are refused where they name nothing: %s', (hyper, expected) => {
    const refused = () =>
      programOf(textOf({ hyper, layers: '- norm: norm\n- activation: activation\n- conv: 1' }));
    expect(refused).toThrow(DiagnosticError);
    try {
      refused();
    } catch (error) {
      expect(renderDiagnostics((error as DiagnosticError).diagnostics)).toBe(expected);
    }
  });
});
