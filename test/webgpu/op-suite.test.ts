/** The shared op suite on WebGPU. */
import { describe, expect, it } from 'vitest';
import type { Graph } from '../../compiler/graph/graph.js';
import { PROFILES } from '../../compiler/webgpu/profile.js';
import { WebgpuEngine } from '../../runtimes/webgpu/engine.js';
import { JOINED_CASES } from '../ops/joined-cases.js';
import { disagreements, opGroups } from '../ops/suite.js';
import { webgpuDevice } from './devices.js';

const heavy = process.env['HEAVY'] !== undefined;

const webgpu = await webgpuDevice();

describe.runIf(webgpu !== undefined)('the op suite on WebGPU', () => {
  it.each(opGroups(heavy ? 300 : 15))('computes $what', { timeout: 600_000 }, async ({ group }) => {
    const engine = new WebgpuEngine(webgpu!.device, { ...webgpu!, optimise: (graph) => graph });
    // Second derivatives in the heavy run alone: shaders take a driver on the CPU long to compile.
    expect(await disagreements(engine, group, { secondOrder: heavy })).toEqual([]);
  });

  it('reads joined channels from their parts in tiles, too', { timeout: 600_000 }, async () => {
    // Each takes a driver on the CPU a quarter of a minute and more.
    const cases = heavy ? JOINED_CASES : JOINED_CASES.slice(1, 3);
    const options = { ...webgpu!, profile: PROFILES.gpu, optimise: (graph: Graph) => graph };
    const engine = new WebgpuEngine(webgpu!.device, options);
    expect(await disagreements(engine, cases, { secondOrder: false })).toEqual([]);
  });
});
