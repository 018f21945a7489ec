import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compile } from '../../compiler/compile.js';
import { drawKey, fillCategorical, fillUniform } from '../../compiler/random/stream.js';
import { folderLibrary } from '../../runtimes/node/library-source.js';
import { readCheckpoint, restoreCheckpoint } from '../../runtimes/training/checkpoint.js';
import { TrainingSession } from '../../runtimes/training/session.js';
import { WasmEngine } from '../../runtimes/wasm/engine.js';
import type { TensorValue } from '../../runtimes/cuda/saved-model-executable.js';
import { hasTensorflow, PythonTensorflow } from '../tensorflow/python-tensorflow.js';
import { BACKEND, TINY_SPEC, Workspace } from './began-compile.js';

const CHECKPOINT = 'run/checkpoints/step-000002.safetensors';

async function trained(spec = TINY_SPEC): Promise<Workspace> {
  const workspace = await Workspace.create({ 'tiny.yaml': spec });
  await workspace.run('run', 'tiny.yaml', ...BACKEND, '--steps', '2', '--out', 'run');
  return workspace;
}

it('exports from the checkpoint alone, and says what the model takes and gives', async () => {
  const workspace = await trained();
  const alone = await Workspace.create();
  const checkpoint = join(workspace.folder, CHECKPOINT);
  expect(await alone.run('export', checkpoint)).toEqual({
    code: 0,
    out: `2 outputs at step 2, batch 4: savedmodel-step-000002
  generate: z [4, 8] -> generate [4, 16, 16, 3]
  reconstruct: x [4, 16, 16, 3] -> reconstruct [4, 16, 16, 3]
`,
    err: '',
  });
  const one = await alone.run('export', join(workspace.folder, 'run'), '--batch', '1', '-o', 'one/model');
  expect(one.out).toBe(`2 outputs at step 2, batch 1: one/model
  generate: z [1, 8] -> generate [1, 16, 16, 3]
  reconstruct: x [1, 16, 16, 3] -> reconstruct [1, 16, 16, 3]
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
  const { code, err } = await run.run('export', 'run', '-o', 'file');
  expect(code).toBe(2);
  expect(err).toMatch(/^error\[run\/file\] `file\/saved_model\.pb` cannot be written: \w+: /);
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

describe.runIf(hasTensorflow())('an exported model in TensorFlow for Python', () => {
  let tensorflow: PythonTensorflow;
  beforeAll(() => {
    tensorflow = new PythonTensorflow();
  });
  afterAll(() => tensorflow.dispose());

  it.each([
    ['a decoder of pictures', TINY_SPEC],
    ['a conditional generator of points, with batch norm', CONDITIONAL_SPEC],
  ])('gives what `sample` draws: %s', async (_name, spec) => {
    const workspace = await trained(spec);
    const batch = 7;
    await workspace.run('export', 'run', '--batch', String(batch), '-o', 'model');

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

    const outputs = await tensorflow.call(join(workspace.folder, 'model'), 'generate', inputs);
    const images = outputs.get('generate')!;
    expect(images.shape).toEqual(expected.shape);
    const furthest = images.data.reduce(
      (most, value, i) => Math.max(most, Math.abs(value - expected.values[i]!)),
      0,
    );
    expect(furthest).toBeLessThanOrEqual(1e-5);
    expect(new Set(expected.values).size, 'numbers that could differ').toBeGreaterThan(batch);
  });
});
