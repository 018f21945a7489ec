/**
 * What `export --format pytorch` writes, trained by PyTorch with its own gradients, on its own draws, in its own order of the
 * data: traces, every gradient at steps 1 and 20 and what every tensor has changed by against the reference and wasm.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { referenceEngine } from '../../runtimes/reference/engine.js';
import { WasmEngine } from '../../runtimes/wasm/engine.js';
import { SYSTEMS } from '../library/systems.js';
import { WRITTEN_SYSTEMS } from '../library/written-systems.js';
import { judgeAgainst } from '../parity/judge.js';
import { compiled } from './exported.js';
import { FLOAT32, FLOAT64 } from './limits.js';
import { hasTorch, PythonTorch, START } from './python-torch.js';
import { ownRun } from './reference-run.js';

/** The heavy run takes all. */
const TAKEN = new Set(['began k0: 0.3, rate: 1e-3', 'wgan_gp', 'infogan']);

/** An offset has the gradient 0 at the first step, float32 its rounding, and RMSProp makes a step of it. */
const IN_FLOAT64_ONLY = 'a critic within bounds before its step, clipped gradients';

/** From step 30, behind the 25 steps of WGAN in which the critic is trained 100 times. */
const RUN = { steps: 20, from: 30 };

describe.runIf(hasTorch())('exported programs in PyTorch', () => {
  let torch: PythonTorch;
  beforeAll(async () => {
    torch = await PythonTorch.start();
  }, START);
  afterAll(() => torch.dispose());

  const all = [...SYSTEMS, ...WRITTEN_SYSTEMS];
  const systems = all.filter(({ name }) => process.env['HEAVY'] || TAKEN.has(name));

  test('the systems named here are systems of the library', () => {
    expect(systems.length).toBeGreaterThanOrEqual(TAKEN.size);
  });

  test.each(systems)('$name: 20 steps are those of the reference and of wasm', async ({ name, text }) => {
    const spec = await compiled(text);
    const reference = await ownRun(referenceEngine, spec, RUN);
    const precise = await torch.train(spec, { ...RUN, float64: true });
    expect(judgeAgainst(precise, reference, FLOAT64), 'in float64').toEqual([]);
    if (name === IN_FLOAT64_ONLY) return;
    const single = await torch.train(spec, RUN);
    expect(judgeAgainst(single, reference, FLOAT32), 'in float32').toEqual([]);
    expect(judgeAgainst(single, await ownRun(new WasmEngine(), spec, RUN), FLOAT32), 'wasm').toEqual([]);
  });
});
