/** Objectives put together from the parts of several papers, in a dozen lines each: the examples do what they say. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { compile } from '../../compiler/compile.js';
import { folderLibrary } from '../../runtimes/node/library-source.js';
import { drawPoints } from '../../runtimes/node/points-source.js';
import { TrainingSession } from '../../runtimes/training/session.js';
import { WasmEngine } from '../../runtimes/wasm/engine.js';
import type { PointSet } from '../../spec/spec.js';

/** Trains an example on its points; the metrics of every step. */
async function trained(name: string, set: PointSet, steps: number) {
  const text = readFileSync(new URL(`../../examples/${name}.yaml`, import.meta.url), 'utf8');
  const { program, diagnostics } = compile({ name, text }, folderLibrary());
  expect(diagnostics).toEqual([]);
  const session = await TrainingSession.create({
    program: program!,
    executable: await new WasmEngine().load(program!),
    examples: new Map([['x', drawPoints({ set, count: 2000, seed: 1 })]]),
  });
  const metrics: ReadonlyMap<string, number>[] = [];
  for (let step = 0; step < steps; step++) metrics.push((await session.step()).metrics!);
  const of = (metric: string): number[] => metrics.map((row) => row.get(metric)!);
  return { of, executions: session.progress.executions };
}

test('WGAN-GP with ACGAN heads: the critic tells the classes, and samples begin to follow theirs', async () => {
  const { of, executions } = await trained('points-wgan-gp-acgan', 'gaussians_8', 120);
  expect(executions).toMatchObject({ critic: 600, generator: 120 });
  expect(of('class_real').at(-1)).toBeLessThan(0.2);
  // By chance an eighth would be right.
  expect(of('obedience').at(-1)).toBeGreaterThan(0.25);
});

test('hinge with R1: the lazy penalty runs in every fourth step, and holds the slope at the data', async () => {
  const { of, executions } = await trained('points-hinge-r1', 'gaussians_8', 200);
  expect(executions).toMatchObject({ penalty: 50, critic: 200, generator: 200 });
  // The critic learns: at score 0 everywhere the two hinges are 2.
  expect(of('L_D').at(-1)).toBeLessThan(2);
  expect(of('R1').at(-1)).toBeLessThan(10);
});

test("BEGAN's controller on a denoising energy: k leaves 0 and stays in [0, 1]; data become easy to clean", async () => {
  const { of } = await trained('points-denoising-balance', 'swiss_roll', 200);
  const k = of('k');
  expect(Math.max(...k)).toBeGreaterThan(0);
  expect(k.every((value) => value >= 0 && value <= 1)).toBe(true);
  expect(of('Lx').at(-1)).toBeLessThan(of('Lx')[0]! / 2);
});
