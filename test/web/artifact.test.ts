import { beforeAll, describe, expect, it } from 'vitest';
import type { Model } from '../../runtimes/artifact/api.js';
import { load } from '../../runtimes/artifact/load.js';
import { decodeSafetensors } from '../../runtimes/training/safetensors.js';
import { TINY_SPEC } from '../command/began-compile.js';
import { build, type Built } from './built-models.js';

const CONDITIONAL = `version: 1
data:
  x: { mnist: train }
  y: { labels: x }
noise:
  z: { normal: [0, 1], shape: [3] }
  c: { uniform: [-1, 1], shape: [1] }
networks:
  G:
    inputs: [z, c, y]
    layers:
      - concat: c
      - concat: one_hot(y)
      - { dense: 784 }
      - batch_norm
      - tanh
      - { reshape: [28, 28, 1] }
  D: [flatten, { dense: 1 }]
objective:
  updates:
    - { name: g, minimize: 'mean(D(G(z, c, y)))', train: G, optimizer: { sgd: { rate: 0.1 } } }
    - { name: d, minimize: 'mean(D(x))', train: D, optimizer: { adam: { rate: 0.1 } } }
outputs:
  generate: G(z, c, y)
  judge: D(x)
train: { batch: 4, steps: 5 }
`;

describe('a built generator', () => {
  let built: Built;
  let model: Model;
  beforeAll(async () => {
    built = await build(TINY_SPEC, ['generate']);
    model = await built.load();
  });

  it('draws the samples of the session that it was built from, whatever the count', async () => {
    for (const count of [1, 7, 8, 16, 21]) {
      const expected = await built.session.generate('generate', { count, seed: 5 });
      const { values, shape } = await model.sample({ count, seed: 5 });
      expect(shape).toEqual(expected.shape);
      const worst = Math.max(...values.map((value, i) => Math.abs(value - expected.values[i]!)));
      // Convolutions of one example and of sixteen may go different ways, which round differently.
      expect(worst, String(count)).toBeLessThan(1e-5);
    }
  });

  it('carries the weights of its outputs and nothing else of the program', async () => {
    const { tensors } = decodeSafetensors(await built.read('weights.safetensors'));
    const generator = built.session.program.state.filter(({ name }) => name.startsWith('G/'));
    expect([...tensors.keys()]).toEqual(generator.map(({ name }) => name));
    const { files, description } = built.packed;
    expect(files.map(({ name }) => name)).toEqual([
      'weights.safetensors',
      'shaders.gpu.json',
      'shaders.software.json',
      'program.wasm',
      'program.relaxed.wasm',
      'program.json',
    ]);
    for (const { name, content } of files) {
      expect(/"D\/|adam|reconstruct/.test(Buffer.from(content).toString('latin1')), name).toBe(false);
    }
    for (const layout of Object.values(description.layouts))
      expect(layout.state).not.toHaveProperty('state/k');
  });

  it('gives pictures as one grid and one by one', async () => {
    const samples = await model.sample({ count: 5, columns: 2 });
    expect([samples.width, samples.height, samples.count, samples.columns]).toEqual([32, 48, 5, 2]);
    const { pixels, width, height } = samples.picture(3);
    expect([width, height]).toEqual([16, 16]);
    // The fourth of two columns lies at the right of the second row.
    for (const [x, y] of [
      [0, 0],
      [15, 15],
      [7, 3],
    ] as const) {
      const [inGrid, alone] = [4 * ((16 + y) * 32 + 16 + x), 4 * (y * 16 + x)];
      expect(samples.pixels.slice(inGrid, inGrid + 4)).toEqual(pixels.slice(alone, alone + 4));
      const value = samples.values[3 * 768 + (y * 16 + x) * 3]!;
      expect(pixels[alone]).toBe(Math.round(Math.min(1, Math.max(0, (value + 1) / 2)) * 255));
    }
    expect(samples.pixels.slice(-4)).toEqual(Uint8ClampedArray.of(0, 0, 0, 0));
    expect((await model.sample({ count: 3 })).columns).toBe(2);
  });

  it('takes latents that were drawn, changed or made up', async () => {
    const { z } = model.draw({ count: 3, seed: 9 });
    const drawn = await model.sample({ count: 3, seed: 9 });
    expect((await model.sample({ z: z! })).count).toBe(3);
    expect((await model.sample({ z: z! })).values).toEqual(drawn.values);
    const one = await model.sample({ z: z!.subarray(8, 16) });
    expect(one.values).toEqual(drawn.values.subarray(768, 2 * 768));
    const same = await model.sample({ z: Array.from(z!.subarray(8, 16)), count: 2 });
    expect(same.values.subarray(768)).toEqual(one.values);
    expect(same.values.subarray(0, 768)).toEqual(one.values);
  });

  it('answers calls that were made at once in their order', async () => {
    const seeds = [1, 2, 3, 4];
    const together = await Promise.all(seeds.map((seed) => model.sample({ seed })));
    for (const [i, seed] of seeds.entries())
      expect(together[i]!.values).toEqual((await model.sample({ seed })).values);
    expect(together[0]!.values).not.toEqual(together[1]!.values);
  });

  it.each([
    [{ count: 0 }, '`count` must be a whole number above 0, and is 0'],
    [{ seed: -1 }, '`seed` must be a whole number of 0 or more, and is -1'],
    [{ columns: 1.5 }, '`columns` must be a whole number above 0, and is 1.5'],
    [{ output: 'reconstruct' }, 'There is no output `reconstruct`. Use `generate`.'],
    [
      { zz: 1 },
      'The output `generate` takes nothing called `zz`. It takes `z`, `count`, `seed`, `output` and `columns`.',
    ],
    [{ z: 1 }, '`z` is one number, and an example has 8 of them'],
    [{ z: [1, 2, 3] }, '`z` has 3 numbers, and an example has 8 of them'],
    [{ z: new Array<number>(16).fill(0), count: 3 }, '`z` has 2 examples, and 3 are asked for'],
    [{ z: [NaN, 0, 0, 0, 0, 0, 0, 0] }, '`z` must be finite numbers, and has `NaN`'],
  ])('says what is wrong with %j', async (options, message) => {
    await expect(model.sample(options)).rejects.toMatchObject({ name: 'ModelError', message });
  });

  it('is loaded only for what it was built for, and from its own format', async () => {
    const wasm = await build(TINY_SPEC, ['generate'], { backends: ['wasm'] });
    expect(wasm.packed.files.map(({ name }) => name)).toEqual([
      'weights.safetensors',
      'program.wasm',
      'program.relaxed.wasm',
      'program.json',
    ]);
    expect((await wasm.load()).engine).toBe('wasm');
    await expect(wasm.load({ backend: 'webgpu' })).rejects.toThrow(
      'The model was not built for `webgpu`. Build it with `--backend webgpu`, or leave `backend` out.',
    );
    const other = new TextEncoder().encode('{"format":"began-compile artifact 9"}');
    await expect(load(async () => other)).rejects.toThrow(
      '`program.json` is of the format `began-compile artifact 9`, and not `began-compile artifact 1`',
    );
  });

  it('gives its memory back', async () => {
    const gone = await built.load();
    gone.dispose();
    await expect(gone.sample()).rejects.toThrow('The model was disposed of');
  });
});

describe('a model with classes and data', () => {
  let built: Built;
  let model: Model;
  beforeAll(async () => {
    const names = Array.from({ length: 10 }, (_, i) => `digit ${i}`);
    built = await build(CONDITIONAL, ['generate', 'judge'], {}, { x: names });
    model = await built.load();
  });

  it('says what its outputs are and take', () => {
    const names = Array.from({ length: 10 }, (_, i) => `digit ${i}`);
    expect(model.outputs).toEqual([
      {
        name: 'generate',
        kind: 'pictures',
        shape: [28, 28, 1],
        inputs: [
          { name: 'z', kind: 'noise', shape: [3] },
          { name: 'c', kind: 'noise', shape: [1] },
          { name: 'y', kind: 'classes', shape: [], classes: { count: 10, names } },
        ],
      },
      {
        name: 'judge',
        kind: 'numbers',
        shape: [1],
        inputs: [{ name: 'x', kind: 'data', shape: [28, 28, 1] }],
      },
    ]);
  });

  it('goes through all classes, or takes one by number or name, or one for each', async () => {
    const feeds = (y: readonly number[]) =>
      built.session.generate('generate', {
        count: 3,
        seed: 1,
        feeds: new Map([['x/labels', Float32Array.from(y)]]),
      });
    const expectSame = async (options: Parameters<Model['sample']>[0], y: readonly number[]) => {
      const { values } = await feeds(y);
      const got = await model.sample({ count: 3, ...options });
      expect(Math.max(...got.values.map((value, i) => Math.abs(value - values[i]!)))).toBeLessThan(1e-6);
    };
    await expectSame({}, [0, 1, 2]);
    await expectSame({ y: 7 }, [7, 7, 7]);
    await expectSame({ y: 'digit 7' }, [7, 7, 7]);
    await expectSame({ y: [4, 0, 9] }, [4, 0, 9]);
    await expectSame({ y: ['digit 4', 'digit 0', 'digit 9'] }, [4, 0, 9]);
    expect((await model.sample({ y: [4, 5], c: 0.5 })).shape).toEqual([2, 28, 28, 1]);
    await expect(model.sample({ y: 10 })).rejects.toThrow(
      '`y` has no class `10`: they are numbered 0 to 9, called `digit 0`, `digit 1`, `digit 2`, `digit 3`, `digit 4`, ' +
        '`digit 5`, `digit 6`, `digit 7`, `digit 8` and `digit 9`',
    );
    await expect(model.sample({ y: [1, 2], count: 3 })).rejects.toThrow(
      '`y` has 2 examples, and 3 are asked for',
    );
    await expect(model.sample({ y: [1, 2], c: [0, 0, 0] })).rejects.toThrow(
      '`c` has 3 examples, and 2 are in `y`',
    );
  });

  it('runs an output on data that is given, and asks for it', async () => {
    const x = Float32Array.from({ length: 2 * 784 }, (_, i) => Math.sin(i));
    const expected = await built.session.generate('judge', { count: 2, feeds: new Map([['x', x]]) });
    const { values, shape, width } = await model.sample({ output: 'judge', x });
    expect([shape, width]).toEqual([[2, 1], 0]);
    expect(values[0]).toBeCloseTo(expected.values[0]!, 5);
    expect(values[1]).toBeCloseTo(expected.values[1]!, 5);
    await expect(model.sample({ output: 'judge' })).rejects.toThrow('`x` is data, and has to be given');
    expect(Object.keys(model.draw({ output: 'judge' }))).toEqual([]);
  });

  it('keeps weights in 16 bits where that is wanted, within their rounding', async () => {
    const half = await build(CONDITIONAL, ['generate'], { weights: 'float16' });
    const [small, large] = await Promise.all([half, built].map(({ read }) => read('weights.safetensors')));
    expect(small!.length).toBeLessThan(0.55 * large!.length);
    const exact = await model.sample({ count: 4 });
    const rounded = await (await half.load()).sample({ count: 4 });
    const differences = exact.values.map((value, i) => Math.abs(value - rounded.values[i]!));
    expect(Math.max(...differences)).toBeGreaterThan(0);
    expect(Math.max(...differences)).toBeLessThan(0.01);
  });
});

describe('an output of text', () => {
  it('gives lines', async () => {
    const { load: open } = await build(
      `version: 1
data: { x: { text: ./names.txt, length: 4, alphabet: abc } }
noise: { z: { normal: [0, 1], shape: [3] } }
networks: { G: [{ dense: 16 }, { reshape: [1, 4, 4] }], D: [flatten, { dense: 1 }] }
objective: { use: wgan }
outputs: { generate: G(z) }
train: { batch: 4, steps: 5 }
`,
      ['generate'],
    );
    const { lines, width } = await (await open()).sample({ count: 5 });
    expect(width).toBe(0);
    expect(lines).toHaveLength(5);
    expect(lines.join('')).toMatch(/^[abc]+$/);
  });
});

it('an input cannot be called what pages use for something else', async () => {
  const spec = TINY_SPEC.replace('z: {', 'seed: {')
    .replaceAll('G(z)', 'G(seed)')
    .replace('rate: 1e-3', 'z: seed, rate: 1e-3');
  await expect(build(spec, ['generate'])).rejects.toThrow(
    'run/option: The input `seed` of the output `generate` bears a name that pages use for something else',
  );
});
