import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { renderDiagnostics } from './diagnostics/render.js';
import { printExpression } from './expression/print.js';
import { parseLibraryEntry, parseSpec } from './parse.js';
import type { LayerOption, LayerSpec, LibraryEntry, ObjectiveSpec, Spec, UpdateSpec } from './spec.js';

const BEGAN = `# yaml-language-server: $schema=../spec/schema/v1.json
version: 1
title: faces-32
hyper: { n: 32, h: 64, gamma: 0.5, lambda_k: 0.001 }

data:
  x: { images: ./faces, size: 32, channels: 3, range: [-1, 1], flip: horizontal }
noise:
  z: { uniform: [-1, 1], shape: [h] }
schedules:
  carry: linear(1, 0, steps=16000)                   # vanishing residual

networks:
  G: { use: began/decoder,     with: { size: 32, filters: n, repeat: 2, skip: true, carry: carry } }
  D: { use: began/autoencoder, with: { size: 32, filters: n, repeat: 2, skip: true, carry: carry, embedding: h } }

objective:
  let:
    fake: G(z)
    Lx: mean(abs(x - D(x)))
    Lg: mean(abs(fake - D(fake)))
  updates:
    - together:
        - name: discriminator
          minimize: Lx - k * Lg
          train: D
          optimizer: { adam: { rate: rate } }
        - name: generator
          minimize: Lg
          train: G
          optimizer: { adam: { rate: rate } }
  state:
    k:
      init: 0
      next: clip(k + lambda_k * (gamma * Lx - Lg), 0, 1)
    rate:
      plateau: { of: convergence, start: 1e-4, factor: 0.5, window: 2000, floor: 2e-6 }
  metrics:
    convergence: Lx + abs(gamma * Lx - Lg)
    balance: Lg / Lx
outputs:
  generate: G(z)
  reconstruct: D(x)
train: { batch: 16, steps: 200000, seed: 1 }
`;

const CRITIC = `version: 1
data: { x: { facesjs: 6000, size: [32, 48], background: pastel } }
noise: { z: { normal: [0, 1], shape: [64] } }
networks:
  G: { layers: [{ dense: { units: 8 * 8, bias: false } }, { reshape: [8, 8, 1] }, tanh] }
  D:
    - leaky_relu: 0.1
    - leaky_relu
    - conv: { filters: 4, padding: half, stride: 2 }
    - conv: { filters: 4, padding: { top: 0, bottom: 1, left: 0, right: 1 } }
    - tap: h0
    - repeat: 3
      index: i
      layers:
        - residual: { carry: c, layers: [{ conv: 2 * i }, elu] }
        - residual: [elu]
    - { when: "1 < 2", layers: [{ upsample: 2 }] }
    - skip: h0
    - use: my/block
      with: { sizes: [1, n + 1], mode: fast }
objective:
  let:
    fake: stop(G(z))
    u: uniform(0, 1, per=sample)
    mixed: x + u * (fake - x)
    slope: norm(grad(D(mixed), mixed), per=sample)
    energy(v, w): v * w
  updates:
    - name: critic
      repeat: 5
      minimize: mean(D(fake)) - mean(D(x)) + 10 * mean((slope - 1)**2)
      train: D
      optimizer: { adam: { rate: 1e-4, beta1: 0, beta2: 0.9 } }
    - minimize: -mean(D(G(z)))
      train: [G, D]
      optimizer: { sgd: { rate: 50% } }
train: { batch: 4, steps: 10, log: 1, samples: 2, checkpoint: 3 }
`;

const WIDER = readFileSync(new URL('wider.yaml', import.meta.url), 'utf8');

function specOf(text: string): Spec {
  const { spec, diagnostics } = parseSpec({ name: 'test.yaml', text });
  expect(renderDiagnostics(diagnostics)).toBe('');
  return spec!;
}

/** Options and layers as plain text, without places. */
function layerText({ kind, options, layers }: LayerSpec): string {
  const written = [...options].map(([key, option]) => `${key}=${optionText(option)}`);
  const inner = layers.length === 0 ? '' : ` [${layers.map(layerText).join('; ')}]`;
  return `${kind}(${written.join(', ')})${inner}`;
}

function optionText({ value }: LayerOption): string {
  if (Array.isArray(value)) return `[${value.map(printExpression).join(', ')}]`;
  if (value instanceof Map) {
    return `{${[...(value as Map<string, LayerOption>)].map(([k, v]) => `${k}: ${optionText(v)}`).join(', ')}}`;
  }
  return printExpression(value as Parameters<typeof printExpression>[0]);
}

function texts(map: ReadonlyMap<string, Parameters<typeof printExpression>[0]>): Record<string, string> {
  return Object.fromEntries([...map].map(([key, value]) => [key, printExpression(value)]));
}

describe('parseSpec reads', () => {
  it('BEGAN as the documentation writes it', () => {
    const spec = specOf(BEGAN);
    expect(spec.title?.value).toBe('faces-32');
    expect([...spec.hyper].map(([key, { value }]) => [key, value])).toEqual([
      ['n', 32],
      ['h', 64],
      ['gamma', 0.5],
      ['lambda_k', 0.001],
    ]);
    const x = spec.data.get('x');
    expect(x).toMatchObject({
      kind: 'images',
      path: { value: './faces' },
      range: [-1, 1],
      flip: 'horizontal',
      crop: 'centre',
    });
    const z = spec.noise.get('z');
    expect([
      z?.distribution,
      ...(z?.parameters ?? []).map(printExpression),
      ...(z?.shape ?? []).map(printExpression),
    ]).toEqual(['uniform', '-1', '1', 'h']);
    expect(texts(spec.schedules)).toEqual({ carry: 'linear(1, 0, steps=16000)' });
    expect(spec.networks.get('D')?.layers.map(layerText)).toEqual([
      'use(use="began/autoencoder", with={size: 32, filters: n, repeat: 2, skip: true, carry: carry, embedding: h})',
    ]);
    expect(texts(spec.outputs)).toEqual({ generate: 'G(z)', reconstruct: 'D(x)' });
    const objective = spec.objective as ObjectiveSpec;
    expect([...objective.let.keys()]).toEqual(['fake', 'Lx', 'Lg']);
    const [group] = objective.updates;
    expect(group).toMatchObject({
      kind: 'together',
      updates: [{ name: { value: 'discriminator' } }, { name: { value: 'generator' } }],
    });
    const [update] = group?.kind === 'together' ? group.updates : [];
    expect(update?.optimizer).toMatchObject({
      kind: 'adam',
      rate: { kind: 'name', name: 'rate' },
      beta1: { value: 0.9 },
      beta2: { value: 0.999 },
      epsilon: { value: 1e-8 },
    });
    expect(objective.state.get('k')).toMatchObject({ kind: 'next' });
    expect(objective.state.get('rate')).toMatchObject({ kind: 'plateau', floor: { value: 2e-6 } });
    expect(texts(objective.metrics)['convergence']).toBe('Lx + abs(gamma * Lx - Lg)');
    expect(spec.train).toMatchObject({
      batch: { value: 16 },
      steps: { value: 200000 },
      seed: { value: 1 },
      log: 10,
      samples: 100,
      checkpoint: 500,
    });
  });

  it('a critic with gradient penalty, layers of every form and every default', () => {
    const spec = specOf(CRITIC);
    expect(spec.title).toBeUndefined();
    expect(spec.data.get('x')).toMatchObject({
      kind: 'facesjs',
      count: 6000,
      size: { height: { value: 32 }, width: { value: 48 } },
      channels: { value: 3 },
      range: [-1, 1],
      flip: 'none',
      background: 'pastel',
      seed: 1,
    });
    expect(spec.networks.get('G')?.layers.map(layerText)).toEqual([
      'dense(units=8 * 8, bias=false)',
      'reshape(shape=[8, 8, 1])',
      'tanh()',
    ]);
    expect(spec.networks.get('D')?.layers.map(layerText)).toEqual([
      'leaky_relu(slope=0.1)',
      'leaky_relu()',
      'conv(filters=4, padding=half, stride=2)',
      'conv(filters=4, padding={top: 0, bottom: 1, left: 0, right: 1})',
      'tap(name=h0)',
      'repeat(repeat=3, index=i) [residual(carry=c) [conv(filters=2 * i); elu()]; residual() [elu()]]',
      'when(when=1 < 2) [upsample(factor=2)]',
      'skip(from=h0)',
      'use(use="my/block", with={sizes: [1, n + 1], mode: fast})',
    ]);
    const objective = spec.objective as ObjectiveSpec;
    expect(objective.let.get('energy')?.parameters).toEqual(['v', 'w']);
    expect(objective.let.get('fake')?.parameters).toEqual([]);
    const [critic, generator] = objective.updates as UpdateSpec[];
    expect(critic).toMatchObject({
      name: { value: 'critic' },
      repeat: { value: 5 },
      train: [{ value: 'D' }],
      optimizer: { kind: 'adam', beta1: { value: 0 }, beta2: { value: 0.9 }, epsilon: { value: 1e-8 } },
    });
    expect(generator).toMatchObject({
      name: { value: 'update2' },
      train: [{ value: 'G' }, { value: 'D' }],
      optimizer: { kind: 'sgd', rate: { kind: 'percent', value: 0.5 }, momentum: { value: 0 } },
    });
    expect(generator?.repeat).toBeUndefined();
  });

  it('networks with several inputs, branches, averages and layers of every new kind', () => {
    const spec = specOf(WIDER);
    const { G, D, H, E } = Object.fromEntries(spec.networks);
    expect(G?.inputs?.map(({ value }) => value)).toEqual(['z', 'y']);
    expect(G?.layers.map(layerText)).toEqual([
      'concat(with=one_hot(y))',
      'dense(units=64)',
      'reshape(shape=[4, 4, 4])',
      'transposed_conv(filters=8, kernel=[4, 3], padding={top: 1, bottom: 1, left: 0, right: 1})',
      'batch_norm()',
      'batch_norm(momentum=0.8)',
      'layer_norm(epsilon=0.001)',
      'instance_norm()',
      'selu()',
      'bilinear(factor=[1, 2])',
      'conv(filters=2, stride=[1, 2], groups=2)',
      'add(to=h0)',
      'multiply(by=sigmoid(h0))',
      'concat(with=[y, one_hot(y)])',
      'softmax()',
    ]);
    expect(D?.inputs).toBeUndefined();
    expect(D?.layers.map(layerText)).toEqual([
      'noise(deviation=0.1)',
      'maxout(units=8, pieces=5)',
      'dropout(rate=0.5)',
      'branch(branch=q, from=features) [embedding(units=10, of=y); branch(branch=r) [dense(units=1)]]',
    ]);
    expect(H).toMatchObject({
      average: { of: { value: 'G' }, decay: { kind: 'number', value: 0.999 } },
      layers: [],
    });
    expect(E).toMatchObject({ inputs: [{ value: 'a' }, { value: 'b' }], layers: [{ kind: 'use' }] });
    const list = G?.layers[13]?.options.get('with')?.value;
    expect(list).toMatchObject({ kind: 'list', items: [{ kind: 'name' }, { kind: 'call' }] });
  });

  it('data of every kind, with its defaults', () => {
    const { data } = specOf(WIDER);
    const side = (value: number) => ({ height: { value }, width: { value } });
    const common = { range: [-1, 1], flip: 'none' };
    expect(Object.fromEntries(data)).toMatchObject({
      x: {
        kind: 'mnist',
        split: 'train',
        heldOut: 0.2,
        subset: { perClass: 10, seed: 1 },
        size: side(28),
        channels: { value: 1 },
        ...common,
      },
      y: { kind: 'labels', of: { value: 'x' } },
      f: { kind: 'fashion_mnist', part: 'test', folder: { value: './f' }, size: side(32) },
      i: { kind: 'idx', images: { value: './a.gz' }, labels: { value: './b.gz' }, channels: { value: 1 } },
      p: { kind: 'points', set: 'swiss_roll', count: 100, seed: 1, split: undefined },
      t: {
        kind: 'text',
        path: { value: './lines.txt' },
        alphabet: ['a', 'b', 'c', 'z', ' ', '.', '!', '-'],
        by: 'windows',
        split: 'train',
        heldOut: 0.2,
      },
      c: { kind: 'facesjs', labels: 'hat', channels: { value: 3 } },
      m: { kind: 'images', labels: { value: 'folders' }, split: 'test', subset: { perClass: 3, seed: 7 } },
    });
  });

  it('noise of every distribution', () => {
    const { noise } = specOf(WIDER);
    const written = [...noise].map(([name, { distribution, parameters, shape }]) => [
      name,
      distribution,
      ...parameters.map(printExpression),
      ...shape.map(printExpression),
    ]);
    expect(written).toEqual([
      ['z', 'normal', '0', '1', '8'],
      ['k', 'categorical', '2 * n', '2 * n'],
      ['b', 'bernoulli', '0.5', '0.5', '3', '4'],
    ]);
  });

  it('updates with their phases, limits and optimizers, and when a run stops', () => {
    const { objective, train } = specOf(WIDER);
    const [critic, generator, group] = (objective as ObjectiveSpec).updates;
    expect(critic).toMatchObject({
      train: [{ value: 'G' }, { value: 'D.q' }],
      every: { value: 4 },
      batch: { value: 2 },
      optimizer: {
        kind: 'rmsprop',
        decay: { value: 0.99 },
        epsilon: { value: 1e-8 },
        momentum: { value: 0 },
      },
      clipGradients: { kind: 'norm', limit: { value: 1 } },
      project: { low: { value: -0.01 }, high: { value: 0.01 }, when: { name: 'after' } },
    });
    expect(generator).toMatchObject({
      train: [{ value: 'D.q' }],
      optimizer: { kind: 'adam', weightDecay: { value: 0.01 } },
      clipGradients: { kind: 'value', limit: { kind: 'name' } },
      project: { when: { name: 'before' } },
      every: undefined,
      batch: undefined,
    });
    expect(group).toMatchObject({ kind: 'together', every: { value: 2 }, batch: { value: 3 } });
    expect(train.stop === undefined ? '' : printExpression(train.stop)).toBe('stalled(l, window=2000)');
    expect(specOf(BEGAN).train.stop).toBeUndefined();
  });

  it('an objective of the library', () => {
    const objective = BEGAN.slice(BEGAN.indexOf('objective:'), BEGAN.indexOf('outputs:'));
    const spec = specOf(
      BEGAN.replace(objective, 'objective: { use: began, with: { gamma: gamma, latents: shared } }\n'),
    );
    expect(spec.objective).toMatchObject({ kind: 'use', name: { value: 'began' } });
    expect(
      [...(spec.objective.kind === 'use' ? spec.objective.with : [])].map(([k, v]) => [k, optionText(v)]),
    ).toEqual([
      ['gamma', 'gamma'],
      ['latents', 'shared'],
    ]);
  });

  it.each([
    ['[25, 45, 128, 96]', { left: 25, top: 45, width: 128, height: 96 }],
    ['{ left: 25, top: 45, width: 128, height: 96 }', { left: 25, top: 45, width: 128, height: 96 }],
    ['centre', 'centre'],
  ])('a crop of %s', (crop, expected) => {
    const spec = specOf(BEGAN.replace('flip: horizontal', `crop: ${crop}`));
    expect(spec.data.get('x')).toMatchObject({ crop: expected });
  });

  it('the place of every expression', () => {
    const { metrics } = specOf(BEGAN).objective as ObjectiveSpec;
    const { span } = metrics.get('balance')!;
    expect(BEGAN.slice(span.start, span.end)).toBe('Lg / Lx');
    expect(span.file.name).toBe('test.yaml');
  });

  it('Windows line ends and a byte order mark, with the same places', () => {
    const text = `\ufeff${BEGAN.replaceAll('\n', '\r\n')}`;
    const { metrics } = specOf(text).objective as ObjectiveSpec;
    const { span } = metrics.get('balance')!;
    expect(text.slice(span.start, span.end)).toBe('Lg / Lx');
  });

  it('aliases as the values they repeat', () => {
    const spec = specOf(
      CRITIC.replace('{ adam: { rate: 1e-4, beta1: 0, beta2: 0.9 } }', '&o { adam: { rate: 3 } }').replace(
        '{ sgd: { rate: 50% } }',
        '*o',
      ),
    );
    const [, generator] = (spec.objective as ObjectiveSpec).updates as UpdateSpec[];
    expect(generator?.optimizer).toMatchObject({ kind: 'adam', rate: { value: 3 } });
  });

  it('keys of the object prototype as plain names', () => {
    const spec = specOf(BEGAN.replace('  generate: G(z)', '  constructor: G(z)\n  __proto__: G(z)'));
    expect([...spec.outputs.keys()]).toEqual(['constructor', '__proto__', 'reconstruct']);
  });

  it('a spec of 300 lines within 50 milliseconds', () => {
    const outputs = Array.from(
      { length: 260 },
      (_, i) => `  o${i}: mean(abs(x - D(x))) + ${i} * clip(G(z), 0, 1)`,
    );
    const text = `${BEGAN.replace('outputs:\n', `outputs:\n${outputs.join('\n')}\n`)}`;
    expect(text.split('\n').length).toBeGreaterThan(300);
    // The best of several: other work on the machine must not decide.
    let best = Infinity;
    for (let run = 0; run < 12; run++) {
      const start = performance.now();
      specOf(text);
      best = Math.min(best, performance.now() - start);
    }
    expect(best).toBeLessThan(50);
  });
});

describe('parseLibraryEntry', () => {
  const entryOf = (text: string): LibraryEntry => {
    const { entry, diagnostics } = parseLibraryEntry({ name: 'entry.yaml', text });
    expect(renderDiagnostics(diagnostics)).toBe('');
    return entry!;
  };
  const refusal = (text: string): string =>
    renderDiagnostics(parseLibraryEntry({ name: 'entry.yaml', text }).diagnostics);

  const block = `block: my/block
description: Halves the picture.
parameters:
  size: { description: Height and width. }
  repeat: { default: 2, description: Convolutions. }
  downsample: { words: [strided, pooled], default: strided, description: How. }
  mode: { words: [a, b], description: Must be given. }
layers:
  - conv: { filters: size * repeat }
`;

  it('reads a block with its parameters', () => {
    const entry = entryOf(block);
    expect(entry).toMatchObject({
      kind: 'block',
      name: { value: 'my/block' },
      description: 'Halves the picture.',
    });
    const of = (name: string) => {
      const { kind, words, default: fallback } = entry.parameters.get(name)!;
      return [kind, words.join(), fallback === undefined ? undefined : printExpression(fallback)];
    };
    expect(of('size')).toEqual(['expression', '', undefined]);
    expect(of('repeat')).toEqual(['expression', '', '2']);
    expect(of('downsample')).toEqual(['word', 'strided,pooled', 'strided']);
    expect(of('mode')).toEqual(['word', 'a,b', undefined]);
    expect(entry.kind === 'block' && entry.layers.map(layerText)).toEqual(['conv(filters=size * repeat)']);
  });

  it('reads an objective whose parts stand at the top', () => {
    const entry = entryOf(`objective: mine
description: Least squares.
parameters: { D: { description: The critic., default: D } }
let: { fake: G(z) }
updates: [{ minimize: mean(D(fake)), train: D, optimizer: { sgd: { rate: 1 } } }]
`);
    expect(entry).toMatchObject({
      kind: 'objective',
      objective: { updates: [{ name: { value: 'update1' } }] },
    });
  });

  it.each([
    [
      'a default that is none of the words',
      block.replace('default: strided', 'default: strided_'),
      `error[schema/value] The default \`strided_\` is none of the words of \`downsample\`
 --> entry.yaml:6:52
  |
6 |   downsample: { words: [strided, pooled], default: strided_, description: How. }
  |                                                    ^^^^^^^^
help: Did you mean \`strided\`?`,
    ],
    [
      'a parameter without description',
      block.replace('size: { description: Height and width. }', 'size: {}'),
      `error[schema/missing-key] \`size\` has no \`description\`
 --> entry.yaml:4:3
  |
4 |   size: {}
  |   ^^^^
why: What the parameter means.
help: Add \`description: Height and width of the image.\`.`,
    ],
    [
      'a file that is neither block nor objective',
      'blok: a\ndescription: b\n',
      `error[schema/unknown-key] \`blok\` is no kind of library entry
 --> entry.yaml:1:1
  |
1 | blok: a
  | ^^^^
help: Did you mean \`block\`?`,
    ],
    [
      'updates in a block',
      `${block}updates: []\n`,
      `error[schema/unknown-key] The file does not know the key \`updates\`
  --> entry.yaml:10:1
   |
10 | updates: []
   | ^^^^^^^
help: It knows \`block\`, \`description\`, \`parameters\` and \`layers\`.`,
    ],
  ])('refuses %s', (_name, text, expected) => {
    expect(refusal(text)).toBe(expected);
  });

  const folder = new URL('library/', import.meta.url);
  const files = readdirSync(folder, { recursive: true })
    .map(String)
    .filter((file) => file.endsWith('.yaml'));

  it.each(files)('reads %s of our own library, whose name is its path', (file) => {
    const entry = entryOf(readFileSync(new URL(file, folder), 'utf8'));
    expect(`${entry.name.value}.yaml`).toBe(file.replaceAll('\\', '/'));
  });
});
