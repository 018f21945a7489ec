import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compile } from '../../compiler/compile.js';
import { drawKey, fillCategorical, fillUniform } from '../../compiler/random/stream.js';
import { formatBytes } from '../../runtimes/cli/format-number.js';
import { folderLibrary } from '../../runtimes/node/library-source.js';
import { createTfjsWasmEngine } from '../../runtimes/node/tfjs-wasm.js';
import { readCheckpoint, restoreCheckpoint } from '../../runtimes/training/checkpoint.js';
import type { Generated } from '../../runtimes/training/generate.js';
import { TrainingSession } from '../../runtimes/training/session.js';
import { WasmEngine } from '../../runtimes/wasm/engine.js';
import type { TensorValue } from '../../runtimes/cuda/saved-model-executable.js';
import { hasTensorflow, PythonTensorflow } from '../tensorflow/python-tensorflow.js';
import { LoadedModel } from '../graph-model/loaded-model.js';
import { BACKEND, TINY_SPEC, Workspace } from './began-compile.js';

const CHECKPOINT = 'run/checkpoints/step-000002.safetensors';

async function trained(spec = TINY_SPEC): Promise<Workspace> {
  const workspace = await Workspace.create({ 'tiny.yaml': spec });
  await workspace.run('run', 'tiny.yaml', ...BACKEND, '--steps', '2', '--out', 'run');
  return workspace;
}

/** The last line of what the command prints. */
async function filesLine(workspace: Workspace, folder: string): Promise<string> {
  const names = await readdir(join(workspace.folder, folder));
  const contents = await Promise.all(names.map((name) => workspace.read(`${folder}/${name}`)));
  const bytes = contents.reduce((sum, { length }) => sum + length, 0);
  return `  ${names.length === 1 ? '1 file' : `${names.length} files`}, ${formatBytes(bytes)}`;
}

it('exports from the checkpoint alone, and says what the model takes and gives', async () => {
  const workspace = await trained();
  const alone = await Workspace.create();
  const checkpoint = join(workspace.folder, CHECKPOINT);
  const said = await alone.run('export', checkpoint);
  expect(said).toEqual({
    code: 0,
    out: `2 outputs at step 2, batch 4: savedmodel-step-000002
  generate: z [4, 8] -> generate [4, 16, 16, 3]
  reconstruct: x [4, 16, 16, 3] -> reconstruct [4, 16, 16, 3]
${await filesLine(alone, 'savedmodel-step-000002')}
`,
    err: '',
  });
  const one = await alone.run('export', join(workspace.folder, 'run'), '--batch', '1', '-o', 'one/model');
  expect(one.out).toBe(`2 outputs at step 2, batch 1: one/model
  generate: z [1, 8] -> generate [1, 16, 16, 3]
  reconstruct: x [1, 16, 16, 3] -> reconstruct [1, 16, 16, 3]
${await filesLine(alone, 'one/model')}
`);
  // The weights are inside, and the moments of the optimisers are not.
  const bytes = await alone.read('one/model/saved_model.pb');
  expect(bytes.includes('state/G/')).toBe(true);
  expect(bytes.includes('adam')).toBe(false);
  await alone.run('export', checkpoint, '--batch', '1', '-o', 'again');
  expect((await alone.read('again/saved_model.pb')).equals(bytes)).toBe(true);
});

it('says what it cannot export or write', async () => {
  const workspace = await Workspace.create({ file: '' });
  expect(await workspace.run('export', 'nothing')).toEqual({
    code: 2,
    out: '',
    err: 'error[run/file] The run `nothing` cannot be read: there is no such file\n\n',
  });
  const run = await trained();
  await run.write('file', '');
  for (const [options, err] of [
    [['-o', 'file'], 'error[run/file] `file` cannot be written: it is there, and no folder\n\n'],
    [
      ['--output', 'generate', '--output', 'generated'],
      'error[run/option] There is no output `generated`\nhelp: Use `generate` or `reconstruct`.\n\n',
    ],
    [
      ['--weights', 'float16'],
      'error[run/option] `--format savedmodel` does not store weights as `float16`\n' +
        'help: Write it with `--format tfjs` or `--format safetensors`, or leave `--weights` out.\n\n',
    ],
  ] as const) {
    expect(await run.run('export', 'run', ...options)).toEqual({ code: 2, out: '', err });
  }
  expect((await readdir(run.folder)).sort(), 'nothing left behind').toEqual([
    '.cache',
    'file',
    'run',
    'tiny.yaml',
  ]);
});

const CONDITIONAL_SPEC = `version: 1
data:
  x: { points: two_gaussians, count: 64 }
  y: { labels: x }
noise:
  z: { normal: [0, 1], shape: [3] }
networks:
  G: { inputs: [z, y], layers: [{ concat: one_hot(y) }, { dense: 8 }, batch_norm, elu, { dense: 2 }] }
  D: { inputs: [v, y], layers: [{ dense: 8 }, elu, { dense: 3 }, { concat: one_hot(y) }, { dense: 2 }] }
objective: { use: began, with: { conditional: true, latents: shared, rate: 1e-3 } }
outputs:
  generate: G(z, y)
train: { batch: 5, steps: 6, seed: 1, checkpoint: 2 }
`;

/** Pictures from transposed convolutions with batch norm between them. */
const DCGAN_SPEC = `version: 1
data:
  x: { facesjs: 12, size: 16, background: plain }
noise:
  z: { uniform: [-1, 1], shape: [6] }
networks:
  G: { use: dcgan/generator, with: { size: 16, start: 4, filters: 4 } }
  D: { use: dcgan/discriminator, with: { size: 16, end: 4, filters: 4 } }
objective: { use: gan }
outputs:
  generate: G(z)
train: { batch: 4, steps: 6, seed: 1, checkpoint: 2 }
`;

const SPECS = [
  ['a decoder of pictures', TINY_SPEC],
  ['transposed convolutions with batch norm', DCGAN_SPEC],
  ['a conditional generator of points, with batch norm', CONDITIONAL_SPEC],
] as const;

/** What `generate` takes, made up, and what `sample` would draw from it. */
async function sampled(
  workspace: Workspace,
  batch: number,
): Promise<{ readonly inputs: Map<string, TensorValue>; readonly expected: Generated }> {
  const checkpoint = readCheckpoint(await readFile(join(workspace.folder, CHECKPOINT)), CHECKPOINT);
  const { program } = compile(checkpoint.spec, folderLibrary());
  const executable = await new WasmEngine().load(program!);
  const session = await TrainingSession.create({ program: program!, executable, examples: new Map() });
  await restoreCheckpoint(session, checkpoint, 'wasm');

  const { feeds } = program!.outputs.find(({ name }) => name === 'generate')!;
  const inputs = new Map<string, TensorValue>();
  for (const { name, shape, source } of feeds) {
    const data = new Float32Array(shape.slice(1).reduce((product, size) => product * size, batch));
    if (source.kind === 'labels') fillCategorical(data, drawKey(3, name, 0), 2);
    else fillUniform(data, drawKey(3, name, 0), -1, 1);
    inputs.set(name, { shape: [batch, ...shape.slice(1)], data });
  }
  const given = new Map([...inputs].map(([name, { data }]) => [name, data]));
  const expected = await session.generate('generate', { count: batch, feeds: given });
  executable.dispose();
  expect(new Set(expected.values).size, 'numbers that could differ').toBeGreaterThan(batch);
  return { inputs, expected };
}

const furthest = (values: Float32Array, from: ArrayLike<number>): number =>
  values.reduce((most, value, i) => Math.max(most, Math.abs(value - from[i]!)), 0);

describe('a graph model in TensorFlow.js', () => {
  beforeAll(async () => {
    await createTfjsWasmEngine();
  });

  async function loaded(workspace: Workspace, folder: string): Promise<LoadedModel> {
    const names = await readdir(join(workspace.folder, folder));
    return LoadedModel.load(
      await Promise.all(
        names.map(async (name) => ({ name, content: await workspace.read(`${folder}/${name}`) })),
      ),
    );
  }

  it.each(SPECS)('gives what `sample` draws: %s', async (_name, spec) => {
    const workspace = await trained(spec);
    await workspace.run('export', 'run', '--format', 'tfjs', '--batch', '7', '-o', 'model');
    const { inputs, expected } = await sampled(workspace, 7);
    const model = await loaded(workspace, 'model');
    const [output] = model.model.outputs;
    expect(model.model.inputs.map(({ shape }) => shape![0])).toEqual(model.model.inputs.map(() => 7));
    expect(output!.name).toBe('generate/value/generate');
    const images = (await model.execute(inputs, ['generate'])).get('generate')!;
    expect(images.length).toBe(expected.values.length);
    expect(furthest(images, expected.values)).toBeLessThanOrEqual(1e-5);
    model.dispose();
  });

  it('holds all outputs or those asked for, in full or half the weights, and says how large it is', async () => {
    const workspace = await trained();
    const all = await workspace.run('export', 'run', '--format', 'tfjs');
    expect(all).toEqual({
      code: 0,
      out: `2 outputs at step 2, batch 4: tfjs-step-000002
  generate: z [4, 8] -> generate [4, 16, 16, 3]
  reconstruct: x [4, 16, 16, 3] -> reconstruct [4, 16, 16, 3]
${await filesLine(workspace, 'tfjs-step-000002')}
`,
      err: '',
    });
    expect(await readdir(join(workspace.folder, 'tfjs-step-000002'))).toEqual([
      'group1-shard1of1.bin',
      'model.json',
    ]);
    const both = await loaded(workspace, 'tfjs-step-000002');
    expect([both.model.inputNodes, both.model.outputNodes]).toEqual([
      ['z', 'x'],
      ['generate', 'reconstruct'],
    ]);
    both.dispose();

    const half = await workspace.run(
      ...['export', 'run', '--format', 'tfjs', '--output', 'generate', '--weights', 'float16', '-o', 'half'],
    );
    expect(half.out).toBe(`1 output at step 2, batch 4: half
  generate: z [4, 8] -> generate [4, 16, 16, 3]
${await filesLine(workspace, 'half')}
`);
    const bytesOf = async (folder: string): Promise<number> =>
      (await workspace.read(`${folder}/group1-shard1of1.bin`)).length;
    await workspace.run('export', 'run', '--format', 'tfjs', '--output', 'generate', '-o', 'full');
    expect((await bytesOf('half')) / (await bytesOf('full'))).toBeLessThan(0.55);
    const one = await loaded(workspace, 'half');
    expect([one.model.inputNodes, one.model.outputNodes]).toEqual([['z'], ['generate']]);
    const { inputs, expected } = await sampled(workspace, 4);
    const off = furthest((await one.execute(inputs, ['generate'])).get('generate')!, expected.values);
    expect(off).toBeGreaterThan(1e-6);
    expect(off).toBeLessThan(1e-2);
    one.dispose();
  });

  it('takes the place of the model before it, and of nothing else in the folder', async () => {
    const workspace = await trained();
    await workspace.write('page/index.html', 'mine');
    await workspace.write('page/group1-shard2of2.bin', 'of a larger model');
    await workspace.run('export', 'run', '--format', 'tfjs', '-o', 'page');
    expect((await readdir(join(workspace.folder, 'page'))).sort()).toEqual([
      'group1-shard1of1.bin',
      'index.html',
      'model.json',
    ]);
    expect(await workspace.text('page/index.html')).toBe('mine');
  });
});

describe.runIf(hasTensorflow())('a SavedModel in TensorFlow for Python', () => {
  let tensorflow: PythonTensorflow;
  beforeAll(() => {
    tensorflow = new PythonTensorflow();
  });
  afterAll(() => tensorflow.dispose());

  it.each(SPECS)('gives what `sample` draws: %s', async (_name, spec) => {
    const workspace = await trained(spec);
    await workspace.run('export', 'run', '--batch', '7', '-o', 'model');
    const { inputs, expected } = await sampled(workspace, 7);
    const outputs = await tensorflow.call(join(workspace.folder, 'model'), 'generate', inputs);
    const images = outputs.get('generate')!;
    expect(images.shape).toEqual(expected.shape);
    expect(furthest(images.data, expected.values)).toBeLessThanOrEqual(1e-5);
  });
});
