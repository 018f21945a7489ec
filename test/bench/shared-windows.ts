/**
 * What it would save to keep the transformed windows of a convolution for its filter gradient instead of transforming them
 * again: transforms into one block that stays in the cache against transforms into a buffer of all blocks, and products that read
 * them from there.
 *   npx rolldown test/bench/shared-windows.ts --platform node --format esm --file test/bench/shared-windows.tmp.mjs && node test/bench/shared-windows.tmp.mjs
 */
import { ModuleBuilder } from '../../compiler/wasm/assembler/module-builder.js';
import { i32 } from '../../compiler/wasm/assembler/expression.js';
import { KernelFunction, kernelSignature } from '../../compiler/wasm/kernel-function.js';
import { transformPatches } from '../../compiler/wasm/winograd-patches.js';
import { planeProducts } from '../../compiler/wasm/winograd-products.js';
import { WinogradTransforms } from '../../compiler/wasm/winograd-transforms.js';
import { PATCH, PLANES, planeElements, WINDOW } from '../../compiler/plan/winograd.js';
import { enableRelaxedSimd } from '../../runtimes/node/relaxed-simd.js';
import { webAssembly } from '../../runtimes/wasm/web-assembly.js';
import { median } from './rounds.js';

const ROUNDS = 25;
enableRelaxedSimd();

for (const [batch, side, channels] of [
  [16, 32, 32],
  [16, 64, 24],
  [16, 16, 64],
] as const) {
  const across = side / PATCH;
  const blockRows = Math.max(1, 32 / across);
  const blocks = (batch * across) / blockRows;
  const plane = planeElements(blockRows * across, channels);
  const block = PLANES * plane * 4;
  const picture = batch * side * side * channels * 4;
  const [zeros, cotangents, sums] = [picture, picture + 65_536, picture + 65_536 + block];
  const kept = sums + PLANES * planeElements(channels, channels) * 4 + 64;
  const bytes = kept + blocks * block + 4096;
  const pages = Math.ceil(bytes / 65_536);
  const module = new ModuleBuilder({ pages });

  const define = (name: string, all: boolean, what: 'transform' | 'multiply'): void => {
    const made = module.define(kernelSignature(0), (f) => {
      const k = new KernelFunction(f, 0, { relaxed: true });
      const transforms = new WinogradTransforms(k);
      k.forEachTile((tile) => {
        const place = f.local(
          'i32',
          i32.add(i32.constant(kept), i32.multiply(tile, i32.constant(all ? block : 0))),
        );
        if (what === 'transform') {
          const row = f.local('i32', i32.multiply(tile, i32.constant(blockRows)));
          const target = f.local('i32', place);
          f.repeat(blockRows, () => {
            transformPatches(
              k,
              transforms,
              transforms.source,
              {
                pointer: i32.constant(0),
                axes: [batch, side, side, channels].map((size, axis) => [
                  { size, stride: [side * side * channels, side * channels, channels, 1][axis]! },
                ]),
                size: [side, side],
                pad: [1, 1],
                channels,
                pitch: channels,
                window: WINDOW,
                batch,
                patches: [across, across],
                zeros: f.local('i32', i32.constant(zeros)),
              },
              row,
              target,
              plane * 4,
            );
            f.advance(row, 1);
            f.advance(target, across * channels * 4);
          });
        } else {
          planeProducts(k, {
            rows: channels,
            inner: blockRows * across,
            columns: channels,
            left: place,
            right: f.local('i32', i32.constant(cotangents)),
            results: f.local('i32', i32.constant(sums)),
            planes: { left: plane * 4, right: plane * 4, results: planeElements(channels, channels) * 4 },
            leftRow: 4,
            leftStep: channels * 4,
            rightStep: channels * 4,
            adds: true,
          });
        }
      });
    });
    module.export(name, made);
  };
  for (const what of ['transform', 'multiply'] as const) {
    define(`${what} one block`, false, what);
    define(`${what} all blocks`, true, what);
  }
  const memory = new webAssembly.Memory({ initial: pages, maximum: pages });
  const { exports } = await webAssembly.instantiate(await webAssembly.compile(module.finish()), {
    host: { memory, base: new webAssembly.Global({ value: 'i32', mutable: false }, 0) },
  });
  const names = ['transform one block', 'transform all blocks', 'multiply one block', 'multiply all blocks'];
  const times = new Map<string, number[]>(names.map((name) => [name, []]));
  for (let round = -3; round < ROUNDS; round++) {
    for (const name of names) {
      const from = performance.now();
      (exports[name] as (scratch: number, begin: number, end: number) => void)(0, 0, blocks);
      if (round >= 0) times.get(name)!.push(performance.now() - from);
    }
  }
  const of = (name: string): number => median(times.get(name)!);
  const [once, keeping, near, far] = names.map(of) as [number, number, number, number];
  console.log(
    `${batch}x${side}x${side}x${channels}: transforming again ${once.toFixed(2)} ms; keeping ${(keeping - once).toFixed(2)} ms to write and ${(far - near).toFixed(2)} ms to read ${((blocks * block) / 2 ** 20).toFixed(1)} MiB: ${((keeping - once + far - near) / once).toFixed(2)} of it`,
  );
}
