/** 5 steps, a checkpoint, and 5 more are 10 steps, bit for bit: every metric, and every tensor that a run keeps. */
import { expect, test } from 'vitest';
import { compile } from '../../compiler/compile.js';
import type { Program } from '../../compiler/program.js';
import { folderLibrary } from '../../runtimes/node/library-source.js';
import { openData } from '../../runtimes/node/open-data.js';
import { readCheckpoint, restoreCheckpoint, saveCheckpoint } from '../../runtimes/training/checkpoint.js';
import type { PackedExamples } from '../../runtimes/training/example-source.js';
import { TrainingSession } from '../../runtimes/training/session.js';
import { WasmEngine } from '../../runtimes/wasm/engine.js';
import { SYSTEMS } from './systems.js';
import { WRITTEN_SYSTEMS } from './written-systems.js';

async function examplesOf({ streams }: Program): Promise<ReadonlyMap<string, PackedExamples>> {
  const examples = new Map<string, PackedExamples>();
  for (const [name, { data, shape }] of streams) {
    if (data.kind === 'labels') continue;
    const source = openData({ data, shape, baseDirectory: '.' });
    examples.set(name, (await source.load()).examples);
  }
  return examples;
}

async function steps(session: TrainingSession, count: number) {
  const metrics: (readonly (readonly [string, number])[])[] = [];
  for (let i = 0; i < count; i++) metrics.push([...(await session.step()).metrics!]);
  return metrics;
}

test.each([...SYSTEMS, ...WRITTEN_SYSTEMS])('$name', async ({ text }) => {
  const { program } = compile({ name: 'system.yaml', text }, folderLibrary());
  const examples = await examplesOf(program!);
  const engine = new WasmEngine();
  const open = async (seed?: number) =>
    TrainingSession.create({
      program: program!,
      executable: await engine.load(program!),
      examples,
      ...(seed === undefined ? {} : { seed }),
    });
  const save = (session: TrainingSession) =>
    saveCheckpoint(session, { spec: { name: 'system.yaml', text }, engine: engine.name, versions: {} });

  const whole = await open();
  await steps(whole, 5);
  const half = await save(whole);
  const expected = await steps(whole, 5);
  // Drawn from another seed and moved on: whatever is not in the file is wrong in here.
  const resumed = await open(99);
  await steps(resumed, 2);
  await restoreCheckpoint(resumed, readCheckpoint(half, 'half'), engine.name);
  expect(await steps(resumed, 5)).toEqual(expected);

  const [end, other] = [
    readCheckpoint(await save(whole), 'whole'),
    readCheckpoint(await save(resumed), 'resumed'),
  ];
  expect(other.progress).toEqual(end.progress);
  expect([...other.tensors.keys()]).toEqual(
    program!.state.flatMap(({ name, role }) => (role === 'sum' ? [] : [name])),
  );
  for (const [name, { data }] of end.tensors) {
    expect(Buffer.from(other.tensors.get(name)!.data.buffer), name).toEqual(Buffer.from(data.buffer));
  }
});
