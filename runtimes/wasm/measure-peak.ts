/** The rate of multiply-adds that one thread reaches at most on this machine. */
import { emitPeakProbe, PROBE_FLOP } from '../../compiler/wasm/peak-probe.js';
import type { Clock, Peak } from '../profilable.js';
import { webAssembly } from './web-assembly.js';

const CALLS = 20;

/** The best of some calls, about 50 ms in all. Multiplies and adds in one instruction where WebAssembly has it here. */
export async function measurePeak(clock: Clock): Promise<Peak> {
  const fused = emitPeakProbe({ relaxed: true });
  const relaxed = webAssembly.validate(fused);
  const bytes = relaxed ? fused : emitPeakProbe({});
  const memory = new webAssembly.Memory({ initial: 1 });
  const { exports } = await webAssembly.instantiate(await webAssembly.compile(bytes), {
    host: { memory, base: new webAssembly.Global({ value: 'i32', mutable: false }, 0) },
  });
  const probe = exports['probe'] as () => void;
  const factors = new Float32Array(memory.buffer);
  let best = Infinity;
  for (let call = 0; call < CALLS; call++) {
    // A fixed point at 1, so that numbers stay normal.
    factors.fill(0.5, 0, 8);
    const before = clock();
    probe();
    best = Math.min(best, clock() - before);
  }
  return {
    flops: PROBE_FLOP / (best / 1000),
    method: relaxed
      ? 'One thread in WebAssembly, `f32x4.relaxed_madd` on registers.'
      : 'One thread in WebAssembly, `f32x4.mul` and `f32x4.add` on registers; relaxed SIMD is not available here.',
  };
}
