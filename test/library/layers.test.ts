/** What single layers compute, in numbers that can be checked by hand or were computed by PyTorch 2.13. */
import { describe, expect, test } from 'vitest';
import { compile } from '../../compiler/compile.js';
import { folderLibrary } from '../../runtimes/node/library-source.js';
import { referenceEngine } from '../../runtimes/reference/engine.js';

/** Runs layers on one batch in an output; parameters start at the given value wherever their name ends so. */
async function output(
  layers: string,
  input: { readonly shape: string; readonly values: readonly number[]; readonly batch?: number },
  parameters: Readonly<Record<string, readonly number[]>> = {},
): Promise<readonly number[]> {
  const text = `version: 1
data: { x: { points: ring, count: 64 } }
noise: { z: { normal: [0, 1], shape: ${input.shape} } }
networks:
  N: ${layers}
  D: [{ dense: 1 }]
objective:
  updates: [{ name: only, minimize: mean(D(x)), train: D, optimizer: { sgd: { rate: 1 } } }]
outputs: { result: N(z) }
train: { batch: ${input.batch ?? 1}, steps: 1 }
`;
  const { program, diagnostics } = compile({ name: 'layers.yaml', text }, folderLibrary());
  if (program === undefined) throw new Error(diagnostics.map((d) => d.message).join('\n'));
  const executable = await referenceEngine.load(program);
  for (const { name, shape, init } of program.state) {
    const key = Object.keys(parameters).find((end) => name.endsWith(end));
    const size = shape.reduce((a, b) => a * b, 1);
    const start = init.kind === 'constant' ? init.value : 0;
    await executable.writeState(
      name,
      key === undefined ? new Float32Array(size).fill(start) : parameters[key]!,
    );
  }
  await executable.run('result', {
    feeds: new Map([['z', Float32Array.from(input.values)]]),
    scalars: new Map(),
  });
  return [...(await executable.read('result', 'result'))];
}

const close = (actual: readonly number[], expected: readonly number[]): void => {
  expect(actual.length).toBe(expected.length);
  actual.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 5));
};

describe('layers in outputs', () => {
  test('bilinear enlarges as PyTorch does without aligned corners', async () => {
    const values = [1, 2, 3, 4];
    // torch.nn.functional.interpolate(tensor [[1, 2], [3, 4]], scale_factor=2, mode='bilinear', align_corners=False)
    close(
      await output('[{ bilinear: 2 }]', { shape: '[2, 2, 1]', values }),
      [1, 1.25, 1.75, 2, 1.5, 1.75, 2.25, 2.5, 2.5, 2.75, 3.25, 3.5, 3, 3.25, 3.75, 4],
    );
  });

  test('transposed_conv spreads each number over the kernel, and `same` cuts one from each side of 4 / 2', async () => {
    const kernel = Array.from({ length: 16 }, (_, i) => i + 1);
    // torch.nn.functional.conv_transpose2d([[1]], kernel 1..16 as 4 x 4, stride=2, padding=1)
    close(
      await output(
        '[{ transposed_conv: 1 }]',
        { shape: '[1, 1, 1]', values: [1] },
        { 'transposed_conv1/weight': kernel },
      ),
      [6, 7, 10, 11],
    );
  });

  test('groups convolve parts of the channels on their own', async () => {
    const layers = '[{ conv: { filters: 2, kernel: 1, groups: 2 } }]';
    close(
      await output(layers, { shape: '[1, 1, 2]', values: [3, 5] }, { 'N/conv1/weight': [10, 100] }),
      [30, 500],
    );
  });

  test('batch_norm uses its running statistics', async () => {
    const parameters = { '/mean': [1], '/variance': [4], '/scale': [3], '/offset': [0.5] };
    close(
      await output(
        '[{ batch_norm: { epsilon: 0 } }]',
        { shape: '[1]', values: [1, 5], batch: 2 },
        parameters,
      ),
      [0.5, 6.5],
    );
  });

  test('layer_norm and instance_norm standardise within a sample', async () => {
    const values = [1, 10, 3, 30];
    close(
      await output('[{ instance_norm: { epsilon: 0 } }]', { shape: '[1, 2, 2]', values }),
      [-1, -1, 1, 1],
    );
    const mean = 11;
    const deviation = Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / 4);
    close(
      await output('[{ layer_norm: { epsilon: 0 } }]', { shape: '[1, 2, 2]', values }),
      values.map((v) => (v - mean) / deviation),
    );
  });

  test('maxout takes the largest of its pieces, dropout and noise do nothing, branches leave the tensor alone', async () => {
    const layers =
      '[{ branch: side, layers: [{ dense: 3 }] }, { dropout: 0.5 }, { noise: 1 }, { maxout: 2 }]';
    // Two units of two pieces of one input: weights -1, 2 and 3, -4.
    close(await output(layers, { shape: '[1]', values: [2] }, { 'maxout1/weight': [-1, 2, 3, -4] }), [4, 6]);
  });

  test('embedding, softmax and pools', async () => {
    close(await output('[{ max_pool: [1, 2] }]', { shape: '[1, 4, 1]', values: [1, 4, 3, 2] }), [4, 3]);
    close(await output('[softmax]', { shape: '[2]', values: [0, Math.log(3)] }), [0.25, 0.75]);
    close(await output('[{ multiply: 3 }, { add: 1 }]', { shape: '[2]', values: [1, 2] }), [4, 7]);
  });
});
