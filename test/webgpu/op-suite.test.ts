/** The shared op suite on WebGPU. */
import { describe, expect, it } from 'vitest';
import { WebgpuEngine } from '../../runtimes/webgpu/engine.js';
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
});
