import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCheckpoint } from '../../runtimes/training/checkpoint.js';
import { decodeSafetensors } from '../../runtimes/training/safetensors.js';
import { hasOnnxRuntime, PythonOnnx } from '../onnx/python-onnx.js';
import { BACKEND, TINY_SPEC, Workspace } from './began-compile.js';

async function trained(spec = TINY_SPEC): Promise<Workspace> {
  const workspace = await Workspace.create({ 'tiny.yaml': spec });
  await workspace.run('run', 'tiny.yaml', ...BACKEND, '--steps', '2', '--out', 'run');
  return workspace;
}

it('writes an ONNX file for each output, which takes any number of examples unless told how many', async () => {
  const workspace = await trained();
  const any = await workspace.run('export', 'run', '--format', 'onnx');
  expect(any.err).toBe('');
  expect(any.out.split('\n').slice(0, 3)).toEqual([
    '2 outputs at step 2, any batch: onnx-step-000002',
    '  generate: z [batch, 8] -> generate [batch, 16, 16, 3]',
    '  reconstruct: x [batch, 16, 16, 3] -> reconstruct [batch, 16, 16, 3]',
  ]);
  const file = await workspace.read('onnx-step-000002/generate.onnx');
  for (const part of ['G/conv1/weight', 'Noise: uniform from -1 to 1.', 'title: Tiny faces']) {
    expect(file.includes(part), part).toBe(true);
  }
  expect(file.includes('D/'), 'weights that it does not read').toBe(false);

  const two = await workspace.run(
    ...['export', 'tiny.yaml', '--format', 'onnx', '--batch', '2', '--output', 'generate', '-o', 'two'],
  );
  expect(two.out.split('\n').slice(0, 2)).toEqual([
    '1 output as a run starts, batch 2: two',
    '  generate: z [2, 8] -> generate [2, 16, 16, 3]',
  ]);
});

it('says what works across examples, and writes it for a number of them', async () => {
  const workspace = await Workspace.create({
    'tiny.yaml': TINY_SPEC.replace('outputs:', 'outputs:\n  spread: G(z) - mean(G(z))'),
  });
  expect(await workspace.run('export', 'tiny.yaml', '--format', 'onnx')).toMatchObject({
    code: 2,
    out: '',
    err: expect.stringContaining(
      'error[run/option] The output `spread` cannot be written for any number of examples: `mean` works across them',
    ) as string,
  });
  const fixed = await workspace.run('export', 'tiny.yaml', '--format', 'onnx', '--batch', '3', '-o', 'fixed');
  expect(fixed.out).toContain('  spread: z [3, 8] -> spread [3, 16, 16, 3]\n');
});

it('refuses an output that bears the name of what it reads', async () => {
  const workspace = await Workspace.create({
    'tiny.yaml': TINY_SPEC.replace('outputs:', 'outputs:\n  z: G(z)'),
  });
  expect(await workspace.run('export', 'tiny.yaml', '--format', 'onnx', '--output', 'z')).toEqual({
    code: 2,
    out: '',
    err:
      'error[run/option] The output `z` reads an input of its own name, which one ONNX graph cannot have\n' +
      'help: Give the output another name in the spec.\n\n',
  });
});

it('writes the weights of all networks, or those that outputs read, with what their axes are', async () => {
  const workspace = await trained();
  const all = await workspace.run('export', 'run', '--format', 'safetensors', '-o', 'all');
  const { metadata, tensors } = decodeSafetensors(await workspace.read('all/weights.safetensors'));
  expect(all.out.split('\n')[0]).toBe(`${tensors.size} tensors at step 2: all`);
  expect([...tensors.keys()].every((name) => /^[GD]\//.test(name))).toBe(true);
  expect(metadata.get('step')).toBe('2');
  expect(metadata.get('spec')).toBe(TINY_SPEC.replace('steps: 6', 'steps: 2'));
  const axes = JSON.parse(metadata.get('axes')!) as Record<string, string>;
  expect(Object.keys(axes)).toEqual([...tensors.keys()]);
  expect(axes['G/conv1/weight']).toBe('height, width, inputs, outputs');
  for (const [name, text] of Object.entries(axes)) {
    expect(text.split(', ').length, name).toBe(tensors.get(name)!.shape.length);
  }
  const name = 'run/checkpoints/step-000002.safetensors';
  const checkpoint = readCheckpoint(await readFile(join(workspace.folder, name)), name);
  for (const [key, tensor] of tensors) expect(tensor).toEqual(checkpoint.tensors.get(key));

  await workspace.run(
    ...[
      'export',
      'run',
      '--format',
      'safetensors',
      '--output',
      'generate',
      '--weights',
      'float16',
      '-o',
      'half',
    ],
  );
  const half = decodeSafetensors(await workspace.read('half/weights.safetensors')).tensors;
  expect([...half.keys()]).toEqual([...tensors.keys()].filter((key) => key.startsWith('G/')));
  expect(new Set([...half.values()].map(({ dtype }) => dtype))).toEqual(new Set(['F16']));

  expect(await workspace.run('export', 'run', '--format', 'safetensors', '--batch', '2')).toEqual({
    code: 2,
    out: '',
    err:
      'error[run/option] `--format safetensors` writes weights, which are the same for every batch\n' +
      'help: Leave `--batch` out.\n\n',
  });
});

describe.runIf(hasOnnxRuntime())('a file in ONNX Runtime', () => {
  let python: PythonOnnx;
  beforeAll(() => {
    python = new PythonOnnx();
  });
  afterAll(() => python.dispose());

  it('gives for each of many examples what it gives for that one alone', async () => {
    const workspace = await trained();
    await workspace.run('export', 'run', '--format', 'onnx', '--output', 'generate', '-o', 'model');
    const model = await python.load(await workspace.read('model/generate.onnx'));
    const z = Float32Array.from({ length: 24 }, (_, i) => Math.sin(i));
    const all = await python.run(model, new Map([['z', { shape: [3, 8], data: z }]]));
    const last = await python.run(model, new Map([['z', { shape: [1, 8], data: z.slice(16) }]]));
    const pictures = all.get('generate')!;
    expect(pictures.shape).toEqual([3, 16, 16, 3]);
    const expected = last.get('generate')!.data;
    pictures.data
      .slice(2 * expected.length)
      .forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 5));
    await python.close(model);
  });
});
