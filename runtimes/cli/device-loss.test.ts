/** Runs whose device goes away, on an engine that can be told to. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { TINY_SPEC } from '../../test/command/began-compile.js';
import { DiagnosticError, type Diagnostic } from '../../spec/diagnostics/diagnostic.js';
import type { Engine, Executable } from '../engine.js';
import { readCheckpoint } from '../training/checkpoint.js';
import { WasmEngine } from '../wasm/engine.js';
import type { CommandContext } from './context.js';
import type { RunReporter } from './run-reporter.js';
import { planRun } from './start-run.js';
import { trainRun } from './train-run.js';

/** Runs of a phase after which the device is lost, one for each engine that is made with a program; none where empty. */
let losses: number[] = [];
let made = 0;
/** Engines that are refused before there is one again. */
let refusals = 0;

vi.mock('./backends.js', async (original) => ({
  ...(await original<object>()),
  makeEngine: () => Promise.resolve(engine()),
}));

type Loss = 'webgpu/device-lost' | 'wasm/thread-lost';
let lossCode: Loss = 'webgpu/device-lost';

const diagnostic = (code: Loss | 'webgpu/no-adapter', message: string): Diagnostic => ({
  code,
  severity: 'error',
  message,
});

function engine(): Engine {
  made++;
  if (made > 1 && refusals-- > 0)
    throw new DiagnosticError(diagnostic('webgpu/no-adapter', 'WebGPU finds no GPU on this machine'));
  return {
    name: 'wasm',
    async load(program) {
      const executable: Executable = await new WasmEngine().load(program);
      let left = losses.shift() ?? Infinity;
      return {
        memory: undefined,
        run: (name, inputs) => {
          if (left-- <= 0)
            throw new DiagnosticError(diagnostic(lossCode, 'The GPU has gone away: destroyed'));
          return executable.run(name, inputs);
        },
        read: (name, value) => executable.read(name, value),
        readState: (name) => executable.readState(name),
        writeState: (name, values) => executable.writeState(name, values),
        dispose: () => executable.dispose(),
      };
    },
  };
}

let folder: string;
let said: string[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'began-compile-loss-'));
  await writeFile(join(folder, 'tiny.yaml'), TINY_SPEC);
  [losses, made, refusals, said] = [[], 0, 0, []];
  lossCode = 'webgpu/device-lost';
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function run(out: string): Promise<string> {
  const quiet = new Proxy({} as RunReporter, {
    get: (_, name) => (given: unknown) => {
      if (name === 'diagnostic')
        said.push(`${(given as Diagnostic).severity} ${(given as Diagnostic).message}`);
    },
  });
  const context = {
    workingFolder: folder,
    invocation: 'began-compile',
    clock: () => performance.now() / 1000,
    now: () => new Date(),
    interruption: () => new AbortController().signal,
  } as unknown as CommandContext;
  return trainRun(await planRun('tiny.yaml', { out, set: [] }, context), context, quiet);
}

const tensorsOf = async (out: string) =>
  readCheckpoint(await readFile(join(folder, out, 'checkpoints/step-000006.safetensors')), out).tensors;
const recordOf = async (out: string) =>
  JSON.parse(await readFile(join(folder, out, 'run.json'), 'utf8')) as {
    status: string;
    step: number;
    messages: { severity: string; message: string }[];
    sessions: unknown[];
  };

describe('a run whose device goes away', () => {
  it('goes on from its last checkpoint, bit for bit, and says so', async () => {
    expect(await run('whole')).toBe('finished');
    // TINY_SPEC writes a checkpoint every 2 steps; a step is two runs, and pictures are more.
    losses = [14];
    expect(await run('lost')).toBe('finished');
    expect(said).toContain('warning The GPU has gone away: destroyed');
    const { status, step, messages, sessions } = await recordOf('lost');
    expect({ status, step, sessions: sessions.length }).toEqual({ status: 'finished', step: 6, sessions: 2 });
    expect(messages.map(({ severity, message }) => `${severity} ${message}`)).toContain(
      'warning The GPU has gone away: destroyed',
    );
    const [whole, lost] = [await tensorsOf('whole'), await tensorsOf('lost')];
    for (const [name, { data }] of whole) expect(lost.get(name)!.data, name).toEqual(data);
  });

  it('goes on the same way where a thread of the program dies', async () => {
    [losses, lossCode] = [[14], 'wasm/thread-lost'];
    expect(await run('threads')).toBe('finished');
    expect((await recordOf('threads')).sessions).toHaveLength(2);
  });

  it('waits for a device that takes a while to come back', async () => {
    [losses, refusals] = [[14], 1];
    expect(await run('slow')).toBe('finished');
    expect(refusals, 'it was looked for again').toBeLessThan(0);
  });

  it('is ended where there is no checkpoint to go on from, or none that is newer', async () => {
    losses = [1];
    await expect(run('early')).rejects.toThrow('webgpu/device-lost: The GPU has gone away: destroyed');
    expect((await recordOf('early')).status).toBe('interrupted');
    losses = [14, 1];
    await expect(run('again')).rejects.toThrow('webgpu/device-lost: The GPU has gone away: destroyed');
  });
});
