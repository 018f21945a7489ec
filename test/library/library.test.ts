/**
 * Every objective of the library, and some that are written out, trained for 20 steps on every engine: traces, every
 * gradient at steps 1 and 20, and what every tensor has changed by.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import { compile } from '../../compiler/compile.js';
import type { Program } from '../../compiler/program.js';
import type { Engine } from '../../runtimes/engine.js';
import { folderLibrary } from '../../runtimes/node/library-source.js';
import { createTfjsWasmEngine } from '../../runtimes/node/tfjs-wasm.js';
import { referenceEngine } from '../../runtimes/reference/engine.js';
import { WasmEngine } from '../../runtimes/wasm/engine.js';
import { judgeAgainst } from '../parity/judge.js';
import { recordRun, type RunRecord } from '../parity/run.js';
import { FLOAT32 } from './limits.js';
import { madeUpFeeds } from './made-up-feeds.js';
import { SYSTEMS } from './systems.js';
import { WRITTEN_SYSTEMS } from './written-systems.js';

let engines: readonly Engine[];
beforeAll(async () => {
  engines = [new WasmEngine(), await createTfjsWasmEngine()];
});

function programOf(text: string, warnings: readonly string[], exposeGradients: boolean): Program {
  const { program, diagnostics } = compile({ name: 'system.yaml', text }, folderLibrary(), {
    exposeGradients,
  });
  expect([...new Set(diagnostics.map(({ code }) => code))]).toEqual(warnings);
  return program!;
}

const LIBRARY = SYSTEMS.map((system) => ({ ...system, warnings: [] }));

describe.each([...LIBRARY, ...WRITTEN_SYSTEMS])('$name', ({ text, warnings = [] }) => {
  test('compiles without a complaint, and is the same on every engine', async () => {
    const program = programOf(text, warnings, true);
    // From step 30, behind the 25 steps of WGAN in which the critic is trained 100 times.
    const options = { steps: 20, from: 30, feeds: madeUpFeeds(program) };
    const reference = await recordRun(referenceEngine, program, options);
    expect(moved(reference), 'something is learned').toBe(true);
    for (const engine of engines) {
      const run = await recordRun(engine, program, options);
      expect(judgeAgainst(run, reference, FLOAT32), engine.name).toEqual([]);
    }
    // As users run it: gradients that nobody looks at are made where the optimiser reads them.
    const unseen = programOf(text, warnings, false);
    const run = await recordRun(engines[0]!, unseen, { ...options, feeds: madeUpFeeds(unseen) });
    const gradients = { '1': new Map(), '20': new Map() };
    expect(judgeAgainst(run, { ...reference, gradients }, FLOAT32), 'unseen gradients').toEqual([]);
  });
});

/** Whether every network has a parameter that moved. */
function moved({ change }: RunRecord): boolean {
  const networks = new Map<string, boolean>();
  for (const [name, values] of change) {
    const network = name.split('/')[0]!;
    networks.set(network, networks.get(network) === true || values.some((value) => Math.abs(value) > 1e-5));
  }
  return [...networks.values()].every(Boolean);
}
