/** `--threads` and the pick of the module as users meet them. */
import { describe, expect, it } from 'vitest';
import { readCheckpoint } from '../../runtimes/training/checkpoint.js';
import { TINY_SPEC, Workspace } from './began-compile.js';

/** Large enough to be worth two threads. */
const WIDER = TINY_SPEC.replace('n: 4', 'n: 12').replace('batch: 4', 'batch: 16');
const STEPS = ['--steps', '2'] as const;

const lastCheckpoint = async (workspace: Workspace, folder: string) =>
  readCheckpoint(await workspace.read(`${folder}/checkpoints/step-000002.safetensors`), folder);

async function finished(workspace: Workspace, ...argv: readonly string[]): Promise<string> {
  const { code, out, err } = await workspace.run(...argv);
  expect(err).toBe('');
  expect(code).toBe(0);
  return out;
}

describe('--threads', () => {
  it('trains to the same bits, says how many compute, keeps that for a resume, and ends by itself', async () => {
    const workspace = await Workspace.create({ 'wider.yaml': WIDER });
    await finished(workspace, 'run', 'wider.yaml', ...STEPS, '--threads', '1', '--out', 'one');
    const said = await finished(workspace, 'run', 'wider.yaml', ...STEPS, '--threads', '2', '--out', 'two');
    expect(said).toMatch(/^Tiny faces {2}wasm( relaxed-simd)?, 2 threads, 2 steps, seed 1/m);
    const [one, two] = [await lastCheckpoint(workspace, 'one'), await lastCheckpoint(workspace, 'two')];
    expect(two.engine).toBe(one.engine);
    for (const [name, { data }] of one.tensors) expect(two.tensors.get(name)!.data, name).toEqual(data);
    const resumed = await finished(workspace, 'run', '--resume', 'two', '--steps', '3');
    expect(resumed).toMatch(/^Tiny faces {2}wasm( relaxed-simd)?, 2 threads, steps 2 to 3/m);
    expect(JSON.parse(await workspace.text('two/run.json'))).toMatchObject({
      threads: 2,
      runtime: expect.stringMatching(/^wasm( relaxed-simd)?, 2 threads$/) as string,
    });
  });

  it('is one where a step is too small to share', async () => {
    const workspace = await Workspace.create({ 'tiny.yaml': TINY_SPEC.replace('batch: 4', 'batch: 1') });
    const said = await finished(workspace, 'run', 'tiny.yaml', '--steps', '1', '--set', 'hyper.n=1');
    expect(said).toMatch(/^Tiny faces {2}wasm( relaxed-simd)?, 1 steps?, seed 1/m);
  });

  it('is refused where it means nothing', async () => {
    const workspace = await Workspace.create({ 'tiny.yaml': TINY_SPEC });
    const refusal = async (...argv: readonly string[]): Promise<string> => {
      const { code, err } = await workspace.run('run', 'tiny.yaml', ...argv);
      expect(code).toBe(2);
      return err;
    };
    expect(await refusal('--threads', '2', '--backend', 'reference')).toBe(
      'error[run/option] `--threads` says nothing to the backend `reference`\n' +
        'why: It says how many threads run the modules of the backend `wasm`.\n' +
        'help: Leave it out, or add `--backend wasm`.\n\n',
    );
    expect(await refusal('--threads', '2', '--engine', 'tfjs')).toContain(
      'error[run/option] `--threads` says nothing to `--engine tfjs`\n',
    );
    expect(await refusal('--threads', '0')).toContain(
      "error: option '--threads <n>' argument '0' is invalid. It must be a whole number from 1 to 64.",
    );
  });
});

describe('the module', () => {
  it('is in the checkpoint; a run goes on with another one, and says so', async () => {
    const workspace = await Workspace.create({ 'tiny.yaml': TINY_SPEC });
    await finished(workspace, 'run', 'tiny.yaml', ...STEPS, '--precise', '--out', 'exact');
    expect((await lastCheckpoint(workspace, 'exact')).engine).toBe('wasm precise');
    await finished(workspace, 'run', 'tiny.yaml', ...STEPS, '--out', 'fast');
    const { engine } = await lastCheckpoint(workspace, 'fast');
    expect(engine).toMatch(/^wasm( relaxed-simd)?$/);
    const { code, err } = await workspace.run('run', '--resume', 'fast', '--precise', '--steps', '3');
    expect(code).toBe(0);
    expect(err).toBe(
      `information[run/checkpoint-mismatch] \`fast/checkpoints/step-000002.safetensors\` was written by the engine ${engine} and goes on with wasm precise\n` +
        'why: The run continues from the same state, but not bit for bit as it would have gone on there.\n\n',
    );
  });
});
