import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { folderLibrary } from '../../runtimes/node/library-source.js';
import { compile } from '../compile.js';
import { evaluateHost } from '../host-expression.js';
import { flattenLayers, layerParameters } from '../model/network.js';
import type { Graph, OpName } from '../graph/graph.js';
import type { Program } from '../program.js';

const EXAMPLE = new URL('../../test/fixtures/faces-32.yaml', import.meta.url);

function compileText(text: string): ReturnType<typeof compile> & { program: Program } {
  const compilation = compile({ name: 'test.yaml', text }, folderLibrary());
  if (compilation.program === undefined)
    throw new Error(JSON.stringify(compilation.diagnostics.map((d) => d.message)));
  return { ...compilation, program: compilation.program };
}

const example = (edit: (text: string) => string = (text) => text) =>
  compileText(edit(readFileSync(EXAMPLE, 'utf8')));

const count = (graph: Graph, op: OpName): number => graph.nodes.filter((node) => node.op === op).length;

const step = (program: Program): Graph => program.phases[0]!.graph;

describe('convolutions of a BEGAN step', () => {
  // At 32 x 32 G has 5 convolutions and D 10.
  test('with a shared draw, D runs forward and backward once on the fakes for both losses', () => {
    const graph = step(example().program);
    expect(count(graph, 'conv')).toBe(5 + 10 + 10);
    // The first convolution of D needs no input gradient on data; on fakes it feeds G.
    expect(count(graph, 'conv_input_gradient')).toBe(9 + 10 + 5);
    expect(count(graph, 'conv_filter_gradient')).toBe(10 + 10 + 5);
  });

  test('with separate draws, G and D run once more forward and D once more backward', () => {
    const graph = step(example((text) => text.replace('latents: shared', 'latents: separate')).program);
    expect(count(graph, 'conv')).toBe(5 + 5 + 10 + 10 + 10);
    expect(count(graph, 'conv_input_gradient')).toBe(9 + 9 + 10 + 5);
    expect(count(graph, 'conv_filter_gradient')).toBe(10 + 10 + 5);
  });
});

describe('parameters of the author-lineage architecture', () => {
  const sizes = (text: string): readonly number[] =>
    compileText(text).model!.networks.map((network) =>
      network.parameters.reduce((sum, p) => sum + p.shape.reduce((a, b) => a * b, 1), 0),
    );
  const preset = (size: number, n: number, skip: boolean): string =>
    readFileSync(EXAMPLE, 'utf8')
      .replaceAll('size: 32', `size: ${size}`)
      .replaceAll('skip: true', `skip: ${skip}`)
      .replace('n: 16', `n: ${n}`);

  test('at size 128 with n = 128 and skip on they are 15,109,059 in D and 2,158,979 in G', () => {
    expect(sizes(preset(128, 128, true))).toEqual(expect.arrayContaining([2_158_979, 15_109_059]));
  });

  test.each([
    [128, 128, false, 16_383_302],
    [64, 64, true, 3_431_302],
    [64, 64, false, 3_283_846],
    [64, 128, true, 10_548_934],
    [32, 64, true, 2_173_126],
  ])('at size %d with n = %d and skip %s they are %d', (size, n, skip, total) => {
    expect(sizes(preset(size, n, skip)).reduce((a, b) => a + b)).toBe(total);
  });
});

describe('readings of "sub-sampling with stride 2"', () => {
  const encoder = (downsample: string) => {
    const { model } = example((text) =>
      text.replace('embedding: h, repeat: 2', `embedding: h, downsample: ${downsample}, repeat: 2`),
    );
    const d = model!.networks.find((network) => network.name === 'D')!;
    return flattenLayers(d.layers)
      .filter(
        (layer) => layer.path.startsWith('D/encoder/') && ['conv', 'pool', 'dense'].includes(layer.kind),
      )
      .map(
        (layer) =>
          `${layer.kind} ${layerParameters(layer)[0]?.shape.join('x') ?? ''} -> ${layer.outputShape.slice(1).join('x')}`,
      );
  };

  test('strided: the last convolution of a block halves and grows', () => {
    expect(encoder('strided')).toEqual([
      'conv 3x3x3x16 -> 32x32x16',
      'conv 3x3x16x16 -> 32x32x16',
      'conv 3x3x16x32 -> 16x16x32',
      'conv 3x3x32x32 -> 16x16x32',
      'conv 3x3x32x48 -> 8x8x48',
      'dense 3072x64 -> 64',
    ]);
  });

  test('extra_strided: an extra convolution halves, the next block grows', () => {
    expect(encoder('extra_strided')).toEqual([
      'conv 3x3x3x16 -> 32x32x16',
      'conv 3x3x16x16 -> 32x32x16',
      'conv 3x3x16x16 -> 32x32x16',
      'conv 3x3x16x16 -> 16x16x16',
      'conv 3x3x16x32 -> 16x16x32',
      'conv 3x3x32x32 -> 16x16x32',
      'conv 3x3x32x32 -> 8x8x32',
      'conv 3x3x32x48 -> 8x8x48',
      'conv 3x3x48x48 -> 8x8x48',
      'dense 3072x64 -> 64',
    ]);
  });

  test.each(['average_pool', 'max_pool'])('%s: a convolution grows, a pool halves', (downsample) => {
    expect(encoder(downsample)).toEqual([
      'conv 3x3x3x16 -> 32x32x16',
      'conv 3x3x16x16 -> 32x32x16',
      'conv 3x3x16x32 -> 32x32x32',
      'pool  -> 16x16x32',
      'conv 3x3x32x32 -> 16x16x32',
      'conv 3x3x32x48 -> 16x16x48',
      'pool  -> 8x8x48',
      'dense 3072x64 -> 64',
    ]);
  });

  test('projected: a 1 x 1 convolution grows, an average halves', () => {
    expect(encoder('projected')).toEqual([
      'conv 3x3x3x16 -> 32x32x16',
      'conv 3x3x16x16 -> 32x32x16',
      'conv 3x3x16x16 -> 32x32x16',
      'conv 1x1x16x32 -> 32x32x32',
      'pool  -> 16x16x32',
      'conv 3x3x32x32 -> 16x16x32',
      'conv 3x3x32x32 -> 16x16x32',
      'conv 1x1x32x48 -> 16x16x48',
      'pool  -> 8x8x48',
      'dense 3072x64 -> 64',
    ]);
  });
});

describe('phases', () => {
  test('updates outside together are phases of their own, each with its own draws', () => {
    const { program } = compileText(`
version: 1
hyper: { h: 2 }
data: { x: { facesjs: 8, size: 8 } }
noise: { z: { uniform: [-1, 1], shape: [h] } }
networks:
  G: [{ dense: 192 }, { reshape: [8, 8, 3] }]
  D: [flatten, { dense: 1 }]
objective:
  let:
    real: mean(D(x))
    false_: mean(D(G(z)))
  updates:
    - name: critic
      repeat: 5
      minimize: false_ - real
      train: D
      optimizer: { sgd: { rate: 0.01 } }
    - name: generator
      minimize: -false_
      train: G
      optimizer: { sgd: { rate: 0.01, momentum: 0.9 } }
  metrics:
    wasserstein: real - critic.false_
outputs: { generate: G(z) }
train: { batch: 4, steps: 10 }
`);
    expect(program.phases.map(({ name, repeat }) => ({ name, repeat }))).toEqual([
      { name: 'critic', repeat: { kind: 'number', value: 5 } },
      { name: 'generator', repeat: { kind: 'number', value: 1 } },
      { name: '@controller', repeat: { kind: 'number', value: 1 } },
    ]);
    const sites = program.phases.flatMap((phase) =>
      phase.feeds.flatMap((f) => (f.source.kind === 'noise' ? [f.source.site] : [])),
    );
    expect(sites).toEqual(['critic/z', 'generator/z']);
    expect(program.state.filter((s) => s.role !== 'parameter').map((s) => s.name)).toEqual([
      'value/critic/real',
      'value/critic/false_',
      'finite/critic',
      'generator/sgd/velocity/G/dense1/weight',
      'generator/sgd/velocity/G/dense1/bias',
      'finite/generator',
      'finite/@controller',
    ]);
  });

  test('hyper values in equations stay inputs; schedules come from the host', () => {
    const { program } = example();
    expect(program.phases[0]!.scalars.map((scalar) => scalar.name)).toEqual([
      'schedule/carry',
      'discriminator/adam/correction1',
      'discriminator/adam/correction2',
      'schedule/rate',
      'generator/adam/correction1',
      'generator/adam/correction2',
    ]);
    expect(program.phases[1]!.scalars.map((scalar) => scalar.name)).toEqual([
      'hyper/lambda_k',
      'hyper/gamma',
    ]);
  });

  test('a cosine where it is read comes from the host, two of them as two numbers', () => {
    const { program } = example((text) =>
      text.replace(
        /outputs:\n(?: {2}.*\n)*/,
        `outputs:
  early: D(x) * cosine(1, -1, steps=10)
  late: D(x) * cosine(1, -1, steps=10) - cosine(1, -1, steps=10, start=10)
`,
      ),
    );
    // Half a wave from 1 to -1 over ten steps is (1 + cos) - 1.
    const cosines = program.outputs.map(({ scalars }) =>
      scalars
        .filter(({ name }) => name.startsWith('host/'))
        .map(({ name, value }) => {
          const at = (step: number) =>
            evaluateHost(value, { hyper: () => NaN, step, steps: 0, execution: 0 });
          return [name, at(0), at(5), at(10), at(15)].map((part) =>
            typeof part === 'number' ? Number(part.toFixed(6)) + 0 : part,
          );
        }),
    );
    expect(cosines).toEqual([
      [['host/cos', 1, 0, -1, -1]],
      [
        ['host/cos', 1, 0, -1, -1],
        ['host/cos_1', 1, 1, 1, 0],
      ],
    ]);
  });

  test('a library state that nothing reads is not computed', () => {
    expect(
      example()
        .program.state.filter((s) => s.role === 'controller')
        .map((s) => s.name),
    ).toEqual(['state/k']);
  });
});

describe('calls of a network', () => {
  const phase = (loss: string): Program['phases'][number] =>
    compileText(`version: 1
data: { x: { mnist: all, size: 4 }, y: { labels: x } }
noise: { z: { normal: [0, 1], shape: [3] } }
networks:
  G: [{ dense: 16 }, { reshape: [4, 4, 1] }]
  D: [{ dense: 5 }, batch_norm, relu, { dropout: 0.5 }, { branch: class, layers: [{ dense: 10 }] }, { dense: 1 }]
objective:
  let:
    class_loss(v): mean(cross_entropy(D(v).class, y))
  updates: [{ name: step, minimize: "${loss}", train: D, optimizer: { sgd: { rate: 0.1 } } }]
outputs: { generate: G(z) }
train: { batch: 2, steps: 1 }
`).program.phases[0]!;
  const draws = ({ feeds }: Program['phases'][number]): readonly string[] =>
    feeds.flatMap(({ name }) => (name.startsWith('D/') ? [name] : []));

  test('D(x) and D(x).class are one execution: one draw of dropout, one step of the running statistics', () => {
    const once = phase('mean(D(x))');
    const twice = phase('mean(D(x)) + class_loss(x)');
    expect(draws(once)).toEqual(['D/dropout1#0']);
    expect(draws(twice)).toEqual(draws(once));
    // One more dense layer forward, and its gradients of weights and input.
    expect(count(twice.graph, 'dot')).toBe(count(once.graph, 'dot') + 3);
  });

  test('D on data and on samples are two, with draws of their own', () => {
    expect(draws(phase('mean(D(x)) + mean(D(G(z)))'))).toEqual(['D/dropout1#0', 'D/dropout1#1']);
  });

  test('samples of two draws of z are told apart', () => {
    expect(draws(phase('mean(D(G(z))) + mean(D(G(fresh(z)))) + class_loss(G(z))'))).toEqual([
      'D/dropout1#0',
      'D/dropout1#1',
    ]);
  });
});
