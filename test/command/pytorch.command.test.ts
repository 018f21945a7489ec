/** `export --format pytorch` as users meet it. What the program computes is compared in test/pytorch. */
import { expect, it } from 'vitest';
import { TINY_SPEC, Workspace } from './began-compile.js';

const POINTS = `version: 1
title: Points
data: { x: { points: two_gaussians, count: 64 } }
noise: { z: { normal: [0, 1], shape: [3] } }
networks:
  G: [{ dense: 8 }, elu, { dense: 2 }]
  D: [{ dense: 8 }, elu, { dense: 1 }]
objective: { use: gan }
outputs: { generate: G(z) }
train: { batch: 4, steps: 50 }
`;

it('writes a program with its examples, and the spec that it will say it was trained on', async () => {
  const workspace = await Workspace.create({ 'points.yaml': POINTS });
  const said = await workspace.run('export', 'points.yaml', '--format', 'pytorch', '--set', 'train.steps=70');
  expect(said.err).toBe('');
  expect(said.out).toMatch(
    /^\d+ lines of `model\.py` for PyTorch: pytorch-points\n {2}21 files, [\d.]+ KiB\n {2}to train it: python pytorch-points\/train\.py\n$/,
  );
  const model = await workspace.text('pytorch-points/model.py');
  expect(model).toMatch(/^"""Points, written by began-compile /);
  const spec = await workspace.text('pytorch-points/spec.yaml');
  expect(spec).toBe(POINTS.replace('steps: 50', 'steps: 70'));
  const [, start, end] = /steps_at=\((\d+), (\d+)\)/.exec(model)!.map(Number);
  expect(spec.slice(start, end)).toBe('70');
  const points = await workspace.read('pytorch-points/data/x.npy');
  expect(points.subarray(0, 128).toString('latin1')).toMatch(
    /^\x93NUMPY\x01\x00v\x00\{'descr': '<f4', 'fortran_order': False, 'shape': \(64, 2\), \} +\n$/,
  );
  expect(points.length).toBe(128 + 64 * 2 * 4);
});

it('leaves pictures out where it is asked to, and refuses to leave out what no folder could stand for', async () => {
  const workspace = await Workspace.create({
    'points.yaml': POINTS,
    'faces.yaml': TINY_SPEC.replace(
      / x: \{[^}]*\}/,
      ' x: { images: ./not-here, size: 16, channels: 3, range: [-1, 1] }',
    ),
  });
  const without = await workspace.run(
    'export',
    'faces.yaml',
    '--format',
    'pytorch',
    '--no-data',
    '-o',
    'faces',
  );
  expect(without.err).toBe('');
  expect(without.out).toContain('19 files');
  const refused = await workspace.run('export', 'points.yaml', '--format', 'pytorch', '--no-data');
  expect(refused.code).toBe(2);
  expect(refused.err).toBe(
    'error[run/option] The data `x` is no folder of pictures, so a program without examples could not be trained\n' +
      'help: Leave `--no-data` out.\n\n',
  );
});

it('refuses options of models for programs, and of programs for models', async () => {
  const workspace = await Workspace.create({ 'points.yaml': POINTS });
  const batch = await workspace.run('export', 'points.yaml', '--format', 'pytorch', '--batch', '4');
  expect(batch.err).toBe(
    'error[run/option] `--batch` is for models, and `--format pytorch` writes a program that trains one\n' +
      'help: Write `--set train.batch=N`.\n\n',
  );
  const set = await workspace.run('export', 'points.yaml', '--set', 'train.batch=8');
  expect(set.err).toBe(
    'error[run/option] `--set` is for programs that train, and this format holds a model\n' +
      'help: Write `--format pytorch`, or leave the option out.\n\n',
  );
});
