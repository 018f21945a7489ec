/** `doctor` and `setup` as they are typed; what they find and do is tested in test/setup. */
import { spawnSync } from 'node:child_process';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { nativeTensorflow } from '../cuda/native-tensorflow.js';
import { PATIENTS } from '../../runtimes/cli/doctor/checkup.js';
import { TINY_SPEC, Workspace } from './began-compile.js';

afterEach(() => vi.unstubAllEnvs());

describe('doctor', () => {
  it('is content where the backend that was named is ready', async () => {
    const { code, out, err } = await (await Workspace.create()).run('doctor', 'wasm');
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(
      /^wasm: ready {2}--backend wasm, the default\n {2}Node +\d+\.\d+\.\d+, \w+ \w+\n {2}SIMD +yes\n {2}relaxed SIMD +(yes|no)\n {2}threads +yes\n {2}most threads +\d+\n\n$/,
    );
  });

  it('looks at every backend, and is content where the default one is ready', async () => {
    const { code, out } = await (await Workspace.create()).run('doctor', '--json');
    expect(code).toBe(0);
    const checkups = JSON.parse(out) as Record<string, { ready: boolean; diagnostics: { code: string }[] }>;
    expect(Object.keys(checkups)).toEqual(PATIENTS);
    expect(checkups['wasm']).toMatchObject({ ready: true, facts: { SIMD: 'yes' }, diagnostics: [] });
    const { ready, diagnostics } = checkups['cuda']!;
    expect(diagnostics).toHaveLength(ready ? 0 : 1);
  });

  it('refuses a backend that nobody knows', async () => {
    const { code, err } = await (await Workspace.create()).run('doctor', 'opencl');
    expect(code).toBe(2);
    expect(err).toContain("value 'opencl' is invalid for argument 'backend'. Allowed choices are");
  });
});

describe('setup cuda', () => {
  it.each([
    [
      ['--mirror', 'mirror.example'],
      `error[run/option] \`--mirror mirror.example\` is no address of a server
help: Write one that begins with \`https://\` or \`http://\`.

`,
    ],
    [
      ['--tensorflow', 'pip', '--mirror', 'https://mirror.example'],
      `error[run/option] \`--mirror\` says nothing to \`--tensorflow pip\`
why: It is where the stock TensorFlow is downloaded. pip takes its index from \`PIP_INDEX_URL\`.
help: Leave it out, or write \`--tensorflow stock\`.

`,
    ],
    [
      ['--tensorflow', 'nothing.whl'],
      `error[cuda/tensorflow-files] There is no wheel or folder \`nothing.whl\`
help: Name a wheel (\`pip download --no-deps tensorflow\` brings one), a folder where TensorFlow is installed, \`pip\` or \`stock\`: \`began-compile setup cuda --tensorflow pip\`.

`,
    ],
  ])('refuses what it cannot use before it does anything: %s', async (options, refusal) => {
    const { code, out, err } = await (await Workspace.create()).run('setup', 'cuda', ...options);
    expect([code, out, err]).toEqual([2, '', refusal]);
  });
});

/** Makes TensorFlow list its CPU as a GPU; the graph then runs on the CPU under that name. */
const PRETENDER = `const char* TF_DeviceListType(const void* list, int index, void* status) { return "GPU"; }\n`;

const tensorflow = nativeTensorflow();
const compiles = spawnSync('gcc', ['--version']).status === 0;
if (tensorflow !== undefined && !compiles) process.stderr.write('SKIPPED: no gcc to pretend a GPU with.\n');

describe.runIf(tensorflow?.kind === 'cpu-only' && compiles)('on a GPU that is pretended', () => {
  it('cuda is ready, and runs without being allowed the CPU', async () => {
    const workspace = await Workspace.create({ 'gpu.c': PRETENDER, 'tiny.yaml': TINY_SPEC });
    const library = `${workspace.folder}/gpu.so`;
    const compiled = spawnSync('gcc', ['-shared', '-fPIC', '-o', library, `${workspace.folder}/gpu.c`]);
    expect(compiled.status).toBe(0);
    vi.stubEnv('LD_PRELOAD', library);
    const looked = await workspace.run('doctor', 'cuda');
    expect(looked.out).toContain('cuda: ready');
    expect(looked.code).toBe(0);
    const { code, out, err } = await workspace.run('run', 'tiny.yaml', '--backend', 'cuda', '--steps', '2');
    expect(err).toBe('');
    expect(out).toContain(`Tiny faces  cuda (TensorFlow ${tensorflow!.binding.TF_Version}), 2 steps`);
    expect(code).toBe(0);
  });
});
