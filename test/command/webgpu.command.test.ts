/** `--backend webgpu` as users meet it under Node, on a machine whose only driver runs shaders on the CPU. */
import { describe, expect, it } from 'vitest';
import { readCheckpoint } from '../../runtimes/training/checkpoint.js';
import { webgpuDevice } from '../webgpu/devices.js';
import { metricsRows, TINY_SPEC, Workspace } from './began-compile.js';

const webgpu = await webgpuDevice();
const ON_CPU = ['--backend', 'webgpu', '--allow-cpu'] as const;

describe.runIf(webgpu?.software === true)('WebGPU without a GPU', () => {
  const name = () => `webgpu (${webgpu!.adapter})`;

  it('is refused, and leaves no folder: nothing runs on the CPU unasked', async () => {
    const workspace = await Workspace.create({ 'tiny.yaml': TINY_SPEC });
    const { code, out, err } = await workspace.run('run', 'tiny.yaml', '--backend', 'webgpu');
    expect(err).toContain('error[webgpu/no-adapter] WebGPU finds no GPU on this machine');
    expect(err).toContain(
      'add `--allow-cpu`. `--backend wasm` needs nothing installed and runs the same specs.',
    );
    expect([code, out]).toEqual([2, '']);
    await expect(workspace.read('runs')).rejects.toThrow('ENOENT');
  });

  it('runs there when asked to, says so in every output, and goes on with wasm', async () => {
    const workspace = await Workspace.create({ 'tiny.yaml': TINY_SPEC });
    const { code, out } = await workspace.run('run', 'tiny.yaml', ...ON_CPU, '--steps', '2');
    expect(out).toContain(`Tiny faces  ${name()}, 2 steps`);
    expect(code).toBe(0);
    expect(JSON.parse(await workspace.text('runs/tiny/run.json'))).toMatchObject({
      backend: 'webgpu',
      allowCpu: true,
      runtime: name(),
    });
    const checkpoint = await workspace.read('runs/tiny/checkpoints/step-000002.safetensors');
    expect(readCheckpoint(checkpoint, 'last').engine).toBe(name());
    const resumed = await workspace.run('run', '--resume', 'runs/tiny', '--backend', 'wasm', '--steps', '4');
    expect(resumed.code).toBe(0);
    const straight = await workspace.run('run', 'tiny.yaml', '--steps', '4', '--out', 'straight');
    expect(straight.code).toBe(0);
    const rows = async (folder: string) => (await metricsRows(workspace, folder)).map((row) => row.metrics);
    const [expected, actual] = [await rows('straight'), await rows('runs/tiny')];
    expect(actual).toHaveLength(4);
    actual.forEach((metrics, i) => {
      for (const [metric, value] of Object.entries(metrics))
        expect(value, `${metric} in row ${i}`).toBeCloseTo(expected[i]![metric]!, 4);
    });
  });
});
