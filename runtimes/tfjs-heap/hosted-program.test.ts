import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import { initialState } from '../../compiler/random/initialise.js';
import { programOf, stage } from '../../test/oracles/stage.js';
import type { Executable } from '../engine.js';
import { createTfjsWasmEngine } from '../node/tfjs-wasm.js';
import { TrainingSession } from '../training/session.js';
import { WasmEngine } from '../wasm/engine.js';
import { HostedProgram } from './hosted-program.js';

const BATCH = 4;
const program = programOf(
  stage({
    use: 'wgan_gp',
    G: '[{ dense: 8 }, elu, { dense: 2 }]',
    D: '[{ dense: 8 }, elu, { dense: 1 }]',
    batch: BATCH,
  }),
);
const noise = Float32Array.from({ length: BATCH * 2 }, (_, i) => Math.sin(i));

beforeAll(async () => {
  await createTfjsWasmEngine();
});

async function written<E extends Executable>(executable: E): Promise<E> {
  for (const state of program.state) await executable.writeState(state.name, initialState(state, 3));
  return executable;
}

async function hosted(): Promise<HostedProgram> {
  const host = await HostedProgram.load(program);
  await written(host.executable);
  return host;
}

async function expected(z = noise): Promise<Float32Array> {
  const executable = await written(await new WasmEngine().load(program));
  await executable.run('generate', { feeds: new Map([['z', z]]), scalars: new Map() });
  return executable.read('generate', 'generate');
}

const generate = (host: HostedProgram, z: tf.Tensor, inPlace = false): tf.Tensor =>
  host.run('generate', { feeds: { z } }, { inPlace })['generate']!;

test('tensors go in and come out with the numbers of the engine by itself', async () => {
  const host = await hosted();
  const z = tf.tensor(noise, [BATCH, 2]);
  const samples = generate(host, z);
  expect(samples.shape).toEqual([BATCH, 2]);
  expect(await samples.data()).toEqual(await expected());
  tf.dispose([z, samples]);
  host.dispose();
});

test('what another operation of tfjs makes can be fed, and what the program makes can be worked on', async () => {
  const host = await hosted();
  const half = tf.tensor(
    noise.map((number) => number / 2),
    [BATCH, 2],
  );
  const doubled = tf.tidy(() => tf.mul(generate(host, tf.add(half, half)), 2));
  expect(await doubled.data()).toEqual((await expected()).map((number) => 2 * number));
  tf.dispose([half, doubled]);
  host.dispose();
});

test('a copy stays when the graph runs again; a value in place becomes the new one', async () => {
  const host = await hosted();
  const [first, second] = [tf.tensor(noise, [BATCH, 2]), tf.tensor(noise.map(Math.cos), [BATCH, 2])];
  const copy = generate(host, first);
  const there = generate(host, first, true);
  generate(host, second).dispose();
  expect(await copy.data()).toEqual(await expected());
  expect(await there.data()).toEqual(await expected(noise.map(Math.cos)));
  tf.dispose([first, second, copy, there]);
  host.dispose();
});

test('disposing of values in place frees nothing in the middle of the program', async () => {
  const host = await hosted();
  const z = tf.tensor(noise, [BATCH, 2]);
  for (let i = 0; i < 50; i++) {
    const there = generate(host, z, true);
    tf.dispose([there.clone(), there]);
    // What tfjs takes now would lie where the value was, had that been freed.
    tf.dispose(tf.fill([BATCH, 2], 7));
  }
  const samples = generate(host, z);
  expect(await samples.data()).toEqual(await expected());
  tf.dispose([z, samples]);
  host.dispose();
});

test('tensors and heap do not grow over runs, and a program gives its memory back', async () => {
  const z = tf.tensor(noise, [BATCH, 2]);
  const heap = (): number => (tf.backend() as unknown as { wasm: { HEAPU8: Uint8Array } }).wasm.HEAPU8.length;
  const one = async (): Promise<void> => {
    const host = await hosted();
    for (let i = 0; i < 200; i++) tf.dispose([generate(host, z), generate(host, z, true)]);
    host.dispose();
  };
  await one();
  const [tensors, bytes] = [tf.memory().numTensors, heap()];
  for (let i = 0; i < 20; i++) await one();
  expect(tf.memory().numTensors).toBe(tensors);
  expect(heap()).toBe(bytes);
  z.dispose();
});

test('two programs and tfjs share the heap, and training goes on between operations', async () => {
  const [a, b] = [await hosted(), await hosted()];
  const examples = new Map([
    ['x', { count: 8, shape: [2], values: Float32Array.from({ length: 16 }, (_, i) => i / 16) }],
  ]);
  const session = await TrainingSession.create({ program, executable: a.executable, examples });
  const alone = await TrainingSession.create({
    program,
    executable: await new WasmEngine().load(program),
    examples,
  });
  const z = tf.tensor(noise, [BATCH, 2]);
  for (let step = 0; step < 5; step++) {
    tf.dispose(generate(b, z));
    tf.dispose(tf.matMul(tf.ones([64, 64]), tf.ones([64, 64])));
    expect((await session.step()).metrics).toEqual((await alone.step()).metrics);
  }
  const samples = generate(b, z);
  expect(await samples.data()).toEqual(await expected());
  tf.dispose([z, samples]);
  a.dispose();
  b.dispose();
});

test('what cannot be fed is refused', async () => {
  const host = await hosted();
  expect(() => host.run('generate')).toThrow('generate reads the feed z, which was not given');
  const wrong = tf.zeros([BATCH, 3]);
  expect(() => generate(host, wrong)).toThrow(
    'the feed z of generate is float32 of [4, 2], and was given float32 of [4, 3]',
  );
  const whole = tf.zeros([BATCH, 2], 'int32');
  expect(() => generate(host, whole)).toThrow('and was given int32 of [4, 2]');
  expect(() => host.run('nothing')).toThrow('the program has no phase or output nothing');
  tf.dispose([wrong, whole]);
  host.dispose();
});
