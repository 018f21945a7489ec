import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../compiler/graph/builder.js';
import type { Program } from '../../compiler/program.js';
import { createTfjsWasmEngine } from '../node/tfjs-wasm.js';
import { TfjsEngine } from './engine.js';

let engine: TfjsEngine;
beforeAll(async () => {
  engine = await createTfjsWasmEngine();
});

/** y = conv(x, w); w <- w * shrink + count(k); k <- k + 1, all reads of state seeing the old content. */
function program(): Program {
  const b = new GraphBuilder();
  const x = b.emit('input', [], { source: 'feed', name: 'x', shape: [1, 3, 3, 2] });
  const w = b.emit('input', [], { source: 'state', name: 'w', shape: [2, 2, 2, 1] });
  const k = b.emit('input', [], { source: 'state', name: 'k', shape: [] });
  const shrink = b.emit('input', [], { source: 'scalar', name: 'shrink', shape: [] });
  const y = b.emit('conv', [x, w], {
    strides: [1, 1],
    padding: [
      [0, 0],
      [0, 0],
    ],
  });
  const stretch = { shape: [2, 2, 2, 1], axes: [] };
  const scaled = b.emit('mul', [w, b.emit('broadcast', [shrink], stretch)], {});
  const moved = b.emit('add', [scaled, b.emit('broadcast', [k], stretch)], {});
  const next = b.emit('add', [k, b.emit('constant', [], { value: 1 })], {});
  const graph = b.build('step', [
    { kind: 'value', name: 'y', node: y },
    { kind: 'value', name: 'k', node: k },
    { kind: 'state', name: 'w', node: moved },
    { kind: 'state', name: 'k', node: next },
  ]);
  return {
    phases: [
      {
        name: 'step',
        graph,
        repeat: { kind: 'number', value: 1 },
        batch: 1,
        feeds: [{ name: 'x', shape: [1, 3, 3, 2], source: { kind: 'data', stream: 'x' } }],
        scalars: [{ name: 'shrink', value: { kind: 'number', value: 0.5 } }],
      },
    ],
    outputs: [],
    state: [
      { name: 'w', shape: [2, 2, 2, 1], role: 'parameter', init: { kind: 'constant', value: 1 } },
      { name: 'k', shape: [], role: 'controller', init: { kind: 'constant', value: 0 } },
    ],
    streams: new Map(),
    metrics: [],
    hyper: new Map(),
    batch: 1,
    steps: 1,
    seed: 1,
  };
}

const ones = new Float32Array(18).fill(1);
const inputs = { feeds: new Map([['x', ones]]), scalars: new Map([['shrink', 0.5]]) };

describe('TfjsEngine', () => {
  it('runs a phase, commits its state and sees new weights at once in the next convolution', async () => {
    const executable = await engine.load(program());
    await executable.writeState('w', new Array(8).fill(1));
    await executable.run('step', inputs);
    expect([...(await executable.read('step', 'y'))]).toEqual([8, 8, 8, 8]);
    await executable.run('step', inputs);
    expect([...(await executable.read('step', 'y'))]).toEqual([4, 4, 4, 4]);
    expect([...(await executable.read('step', 'k'))]).toEqual([1]);
    expect([...(await executable.readState('w'))]).toEqual(new Array(8).fill(1.25));
    await executable.writeState('w', new Array(8).fill(5));
    await executable.run('step', inputs);
    expect([...(await executable.read('step', 'y'))]).toEqual([40, 40, 40, 40]);
    executable.dispose();
  });

  it('holds the same number of tensors and buffers after every step, and none after dispose', async () => {
    const before = tf.memory();
    const executable = await engine.load(program());
    await executable.run('step', inputs);
    const { numTensors, numDataBuffers } = tf.memory();
    const backend = tf.backend().numDataIds();
    for (let step = 0; step < 5; step++) await executable.run('step', inputs);
    expect(tf.memory().numTensors).toBe(numTensors);
    expect(tf.memory().numDataBuffers).toBe(numDataBuffers);
    expect(tf.backend().numDataIds()).toBe(backend);
    executable.dispose();
    expect(tf.memory().numTensors).toBe(before.numTensors);
    expect(tf.memory().numDataBuffers).toBe(before.numDataBuffers);
  });

  it('takes and gives tensors, and keeps the caller’s', async () => {
    const executable = await engine.load(program());
    await executable.writeState('w', new Array(8).fill(2));
    const x = tf.ones([1, 3, 3, 2]);
    const values = executable.runTensors('step', new Map([['x', x]]), inputs.scalars);
    expect(values.get('y')!.shape).toEqual([1, 2, 2, 1]);
    expect([...values.get('y')!.dataSync()]).toEqual([16, 16, 16, 16]);
    expect(x.isDisposed).toBe(false);
    expect([...executable.stateTensor('k').dataSync()]).toEqual([1]);
    executable.dispose();
  });

  it('leaves the state and no tensors behind when a run is refused', async () => {
    const executable = await engine.load(program());
    await executable.writeState('k', [3]);
    const { numTensors } = tf.memory();
    await expect(executable.run('step', { feeds: inputs.feeds, scalars: new Map() })).rejects.toThrow(
      'internal: the scalar "shrink" was not given',
    );
    await expect(executable.run('step', { feeds: new Map(), scalars: inputs.scalars })).rejects.toThrow(
      'internal: "step" needs the feed "x"',
    );
    expect(tf.memory().numTensors).toBe(numTensors);
    expect([...(await executable.readState('k'))]).toEqual([3]);
    executable.dispose();
  });

  it('refuses a backend that tfjs does not have', async () => {
    await expect(new TfjsEngine('webgpu').load(program())).rejects.toThrow(
      'run/backend-not-built: TensorFlow.js has no backend `webgpu`',
    );
  });

  it('leaves no listeners on the process that would swallow the place of an error', () => {
    const rethrowing = process.listeners('uncaughtException').filter((f) => /throw/.test(f.toString()));
    expect(rethrowing).toEqual([]);
  });
});
