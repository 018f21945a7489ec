/** `--backend cuda` as users meet it: on a machine without a GPU, and with `--allow-cpu` and back. */
import { describe, expect, it } from 'vitest';
import { readCheckpoint } from '../../runtimes/training/checkpoint.js';
import { nativeTensorflow } from '../cuda/native-tensorflow.js';
import { metricsRows, TINY_SPEC, Workspace } from './began-compile.js';

const tensorflow = nativeTensorflow();
const CUDA = ['--backend', 'cuda'] as const;
const ON_CPU = [...CUDA, '--allow-cpu'] as const;

describe('--allow-cpu', () => {
  it('is refused beside a backend that has no use for it', async () => {
    const workspace = await Workspace.create({ 'tiny.yaml': TINY_SPEC });
    const { code, err } = await workspace.run('run', 'tiny.yaml', '--allow-cpu');
    expect(err).toBe(`error[run/option] \`--allow-cpu\` says nothing to the backend \`wasm\`
why: It lets the backends for GPUs run on the CPU where there is none.
help: Leave it out, or add \`--backend cuda\` or \`--backend webgpu\`.

`);
    expect(code).toBe(2);
  });
});

describe.runIf(tensorflow?.kind === 'cpu-only')('TensorFlow without a GPU', () => {
  const name = () => `cuda on the CPU (TensorFlow ${tensorflow!.binding.TF_Version})`;

  it('is refused, and leaves no folder: nothing runs on the CPU unasked', async () => {
    const workspace = await Workspace.create({ 'tiny.yaml': TINY_SPEC });
    for (const engine of [[], ['--engine', 'tfjs']]) {
      const { code, out, err } = await workspace.run('run', 'tiny.yaml', ...CUDA, ...engine);
      expect(err).toContain(
        `error[cuda/no-gpu] TensorFlow ${tensorflow!.binding.TF_Version} finds no GPU on this machine\n`,
      );
      expect(err).toContain('add `--allow-cpu`');
      expect([code, out]).toEqual([2, '']);
    }
    const inspected = await workspace.run('inspect', 'tiny.yaml', ...CUDA);
    expect(inspected.code).toBe(2);
    await expect(workspace.read('runs')).rejects.toThrow('ENOENT');
  });

  it('runs there when asked to, and every output says so', async () => {
    const workspace = await Workspace.create({ 'tiny.yaml': TINY_SPEC });
    const { code, out } = await workspace.run('run', 'tiny.yaml', ...ON_CPU);
    expect(out).toContain(`Tiny faces  ${name()}, 6 steps`);
    expect(code).toBe(0);
    expect(JSON.parse(await workspace.text('runs/tiny/run.json'))).toMatchObject({
      backend: 'cuda',
      allowCpu: true,
      runtime: name(),
    });
    expect(await workspace.text('runs/tiny/report.html')).toContain(name());
    const checkpoint = await workspace.read('runs/tiny/checkpoints/step-000006.safetensors');
    expect(readCheckpoint(checkpoint, 'last').engine).toBe(name());
    const sampled = await workspace.run('sample', 'runs/tiny', ...ON_CPU);
    expect(sampled.out).toContain(name());
    const inspected = await workspace.run('inspect', 'tiny.yaml', ...ON_CPU);
    expect(inspected.out).toContain(`Measured here  ${name()}`);
  });

  it("trains to wasm's numbers, and goes from TensorFlow to wasm and back in the middle of a run", async () => {
    const workspace = await Workspace.create({ 'tiny.yaml': TINY_SPEC });
    const finished = async (...argv: readonly string[]) => {
      const { code, err } = await workspace.run(...argv);
      expect([code, err.replaceAll(/^(information|why).*\n?/gm, '').trim()], argv.join(' ')).toEqual([0, '']);
    };
    await finished('run', 'tiny.yaml', '--out', 'wasm');
    await finished('run', 'tiny.yaml', ...ON_CPU, '--out', 'hops', '--steps', '2');
    await finished('run', '--resume', 'hops', '--backend', 'wasm', '--steps', '4');
    await finished('run', '--resume', 'hops', ...ON_CPU, '--steps', '6');
    const metrics = async (folder: string) =>
      (await metricsRows(workspace, folder)).map((row) => row.metrics);
    const [expected, actual] = [await metrics('wasm'), await metrics('hops')];
    expect(actual).toHaveLength(6);
    actual.forEach((values, i) => {
      expect(Object.keys(values)).toEqual(Object.keys(expected[i]!));
      for (const [metric, value] of Object.entries(values)) {
        expect(value, `${metric} in row ${i}`).toBeCloseTo(expected[i]![metric]!, 4);
      }
    });
  });

  it('goes on where it stopped, bit for bit, with what it was started with', async () => {
    const workspace = await Workspace.create({ 'tiny.yaml': TINY_SPEC });
    await workspace.run('run', 'tiny.yaml', ...ON_CPU, '--out', 'whole');
    await workspace.run('run', 'tiny.yaml', ...ON_CPU, '--out', 'halves', '--steps', '3');
    const { code, err } = await workspace.run('run', '--resume', 'halves', '--steps', '6');
    expect([code, err]).toEqual([0, '']);
    const last = async (folder: string) =>
      readCheckpoint(await workspace.read(`${folder}/checkpoints/step-000006.safetensors`), folder).tensors;
    const [whole, halves] = [await last('whole'), await last('halves')];
    expect([...halves.keys()]).toEqual([...whole.keys()]);
    for (const [name, { data }] of whole) expect(halves.get(name)!.data, name).toEqual(data);
  });
});
