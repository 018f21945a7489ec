/**
 * A module that does nothing but multiply and add in registers: what no kernel can exceed. Twelve chains x = x * a + b keep two
 * units busy through the latency of both instructions, and with a and b still fit the 16 registers of x64.
 */
import { f32x4, v128, type V128 } from './assembler/expression.js';
import { ModuleBuilder } from './assembler/module-builder.js';
import type { Features } from './kernel-function.js';

const CHAINS = 12;
const UNROLL = 4;
const ROUNDS = 100_000;

/** FLOP of a call. */
export const PROBE_FLOP = ROUNDS * UNROLL * CHAINS * 4 * 2;

/** Exports `probe`, which reads 32 bytes from the module's base on: a and b, four times each; the result overwrites a. */
export function emitPeakProbe({ relaxed = false }: Features): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder({ pages: 1 });
  const probe = module.define({ parameters: [], results: [] }, (f) => {
    const a = f.local('v128', v128.load(module.base));
    const b = f.local('v128', v128.load(module.base, 16));
    const chains = Array.from({ length: CHAINS }, (_, i) => f.local('v128', f32x4.constant(i / CHAINS)));
    const next = (x: V128): V128 =>
      relaxed ? f32x4.relaxedMultiplyAdd(x, a, b) : f32x4.add(f32x4.multiply(x, a), b);
    f.repeat(ROUNDS, () => {
      for (let i = 0; i < UNROLL; i++) for (const chain of chains) f.set(chain, next(chain));
    });
    // What nobody reads would not be computed.
    f.storeVector(
      module.base,
      chains.reduce<V128>((sum, chain) => f32x4.add(sum, chain), f32x4.constant(0)),
    );
  });
  module.export('probe', probe);
  return module.finish();
}
