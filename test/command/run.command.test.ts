import { readdir } from 'node:fs/promises';
import { relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BACKEND, metricsRows, TINY_SPEC, Workspace, type MetricsRow } from './began-compile.js';

async function filesBelow(workspace: Workspace, folder: string): Promise<readonly string[]> {
  const root = `${workspace.folder}/${folder}`;
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, `${entry.parentPath}/${entry.name}`))
    .sort();
}

/** What does not depend on the clock. */
const timeless = (rows: readonly MetricsRow[]) =>
  rows.map(({ step, metrics, diversity }) => ({ step, metrics, diversity }));

const pngSize = (png: Buffer): readonly number[] => [png.readUInt32BE(16), png.readUInt32BE(20)];

describe('began-compile run', () => {
  it('trains a spec in the default folder and leaves every file it promises', async () => {
    const workspace = await Workspace.create({ 'specs/tiny.yaml': TINY_SPEC });
    const { code, out, err } = await workspace.run(
      'run',
      'specs/tiny.yaml',
      ...BACKEND,
      '--set',
      'hyper.gamma=0.9',
    );
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('writing to runs/tiny\n');
    expect(out).toMatch(
      /^step 6\/6 {2}.*L\(x\) 0\.\d+ {2}L\(G\(z\)\) 0\.\d+ {2}k 0.* {2}M .* {2}balance .*\/0\.90 {2}diversity /m,
    );

    expect(await filesBelow(workspace, 'runs/tiny')).toEqual([
      'checkpoints/latest',
      'checkpoints/step-000002.safetensors',
      'checkpoints/step-000004.safetensors',
      'checkpoints/step-000006.safetensors',
      'metrics.jsonl',
      'reconstructions/step-000003.png',
      'reconstructions/step-000006.png',
      'report.html',
      'run.json',
      'samples/step-000003.png',
      'samples/step-000006.png',
      'spec.yaml',
    ]);
    expect(await workspace.text('runs/tiny/checkpoints/latest')).toBe('step-000006.safetensors\n');
    expect(await workspace.text('runs/tiny/spec.yaml')).toBe(TINY_SPEC.replace('gamma: 0.7', 'gamma: 0.9'));

    // 8 x 8 pictures of 16 x 16, enlarged four times, with gaps of 2.
    expect(pngSize(await workspace.read('runs/tiny/samples/step-000006.png'))).toEqual([526, 526]);
    expect(pngSize(await workspace.read('runs/tiny/reconstructions/step-000006.png'))).toEqual([526, 526]);

    const rows = await metricsRows(workspace, 'runs/tiny');
    expect(rows.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(Object.keys(rows[0]!.metrics)).toEqual(['Lx', 'Lg', 'k', 'convergence', 'balance']);
    expect(rows.filter(({ diversity }) => diversity !== undefined).map(({ step }) => step)).toEqual([3, 6]);

    const record = JSON.parse(await workspace.text('runs/tiny/run.json')) as Readonly<
      Record<string, unknown>
    >;
    expect(record).toMatchObject({
      spec: 'specs/tiny.yaml',
      specFolder: '../../specs',
      overrides: [{ path: 'hyper.gamma', value: '0.9' }],
      backend: 'wasm',
      seed: 1,
      steps: 6,
      step: 6,
      status: 'finished',
    });
    const report = await workspace.text('runs/tiny/report.html');
    expect(report).toContain('<h1>Tiny faces</h1>');
    expect(report.match(/data:image\/png;base64,/g)).toHaveLength(4);
  });

  it('refuses to write over a run, and names the next free folder', async () => {
    const workspace = await Workspace.create({
      'tiny.yaml': TINY_SPEC,
      'runs/tiny/checkpoints/latest': 'step-000002.safetensors\n',
      'runs/tiny-2/notes.txt': '',
    });
    expect(await workspace.run('run', 'tiny.yaml', ...BACKEND)).toEqual({
      code: 2,
      out: '',
      err: `error[run/folder-exists] The folder \`runs/tiny\` is not empty
why: A run never writes over another.
help: Continue it with \`--resume runs/tiny\`, or start in another folder, for example \`--out runs/tiny-3\`.

`,
    });
    expect(await filesBelow(workspace, 'runs/tiny')).toEqual(['checkpoints/latest']);
  });

  it('4 steps and 4 resumed ones leave the checkpoint of 8 steps, byte by byte', async () => {
    const workspace = await Workspace.create({ 'tiny.yaml': TINY_SPEC });
    const run = (...argv: readonly string[]) => workspace.run('run', ...argv, '--json');
    const outcomes = [
      await run('tiny.yaml', ...BACKEND, '--steps', '8', '--out', 'whole'),
      await run('tiny.yaml', ...BACKEND, '--steps', '4', '--out', 'halves'),
      await run('--resume', 'halves', '--steps', '8'),
    ];
    expect(outcomes.map(({ code, err }) => ({ code, err }))).toEqual(
      outcomes.map(() => ({ code: 0, err: '' })),
    );
    const file = 'checkpoints/step-000008.safetensors';
    expect((await workspace.read(`halves/${file}`)).equals(await workspace.read(`whole/${file}`))).toBe(true);
    expect(await workspace.text('halves/spec.yaml')).toBe(await workspace.text('whole/spec.yaml'));
    expect(timeless(await metricsRows(workspace, 'halves'))).toEqual(
      // The end of a run is sampled as well, so the half has one measurement of diversity more.
      timeless(await metricsRows(workspace, 'whole')).map((row) =>
        row.step === 4 ? { ...row, diversity: expect.any(Number) as number } : row,
      ),
    );
    expect((await filesBelow(workspace, 'halves')).filter((name) => name.endsWith('.safetensors'))).toEqual([
      'checkpoints/step-000004.safetensors',
      'checkpoints/step-000006.safetensors',
      'checkpoints/step-000008.safetensors',
    ]);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'on %s saves the step, says how to go on, and goes on bit for bit',
    async (signal) => {
      const spec = TINY_SPEC.replace(
        /steps: 6(.*)samples: 3, checkpoint: 2/,
        'steps: 60$1samples: 50, checkpoint: 50',
      );
      const workspace = await Workspace.create({ 'tiny.yaml': spec });
      const running = workspace.start('run', 'tiny.yaml', ...BACKEND, '--out', 'my runs/stopped', '--json');
      await running.printed('"event":"row","step":3,');
      running.signal(signal);
      const stopped = await running.finished;
      expect({ code: stopped.code, err: stopped.err }).toEqual({ code: 130, err: '' });
      const last = JSON.parse(stopped.out.trimEnd().split('\n').at(-1)!) as {
        event: string;
        step: number;
        resume: string;
      };
      expect(last).toEqual({
        event: 'interrupted',
        step: expect.any(Number) as number,
        resume: "npx began-compile run --resume 'my runs/stopped'",
      });
      expect(last.step).toBeGreaterThanOrEqual(3);
      expect(last.step).toBeLessThan(60);

      const resumed = await workspace.run('run', '--resume', 'my runs/stopped');
      expect(resumed.code).toBe(0);
      await workspace.run('run', 'tiny.yaml', ...BACKEND, '--out', 'whole');
      const file = 'checkpoints/step-000060.safetensors';
      expect(
        (await workspace.read(`my runs/stopped/${file}`)).equals(await workspace.read(`whole/${file}`)),
      ).toBe(true);
      const record = JSON.parse(await workspace.text('my runs/stopped/run.json')) as {
        sessions: readonly { fromStep: number; toStep: number }[];
      };
      expect(record.sessions.map(({ fromStep, toStep }) => [fromStep, toStep])).toEqual([
        [0, last.step],
        [last.step, 60],
      ]);
    },
  );

  it('on SIGINT while data is made ready stops at once and leaves no run folder', async () => {
    const spec = TINY_SPEC.replace('facesjs: 40', 'facesjs: 100000');
    const workspace = await Workspace.create({ 'tiny.yaml': spec });
    const running = workspace.start('run', 'tiny.yaml', ...BACKEND);
    await running.printed('drawing faces for x: ');
    running.signal('SIGINT');
    const { code, out, err } = await running.finished;
    expect({ code, err }).toEqual({ code: 130, err: '' });
    expect(out).toMatch(/\nstopped before the first step; nothing was trained\n$/);
    expect(await readdir(workspace.folder)).toEqual(['tiny.yaml']);
  });

  it('ends where a loss is no longer finite, says which tensor, and keeps what was trained', async () => {
    const spec = TINY_SPEC.replace('rate: 1e-3', '"rate": "where(step < 3, 1e-3, 1e38)"');
    const workspace = await Workspace.create({ 'tiny.yaml': spec });
    const { code, out, err } = await workspace.run('run', 'tiny.yaml', ...BACKEND);
    expect(code, out + err).toBe(2);
    expect(out).toMatch(/\nfailed after step 4; what was trained is in runs\/tiny\n$/);
    expect(err).toMatch(/^error\[run\/non-finite\] .* at step 5$/m);
    const record = JSON.parse(await workspace.text('runs/tiny/run.json')) as {
      readonly status: string;
      readonly messages: readonly { readonly code: string }[];
    };
    expect(record.status).toBe('failed');
    expect(record.messages.map((message) => message.code)).toEqual(['run/non-finite']);
    expect(await workspace.text('runs/tiny/report.html')).toContain('failed at step');
    expect(await workspace.text('runs/tiny/checkpoints/latest')).toBe('step-000004.safetensors\n');
  });

  it('--json prints nothing but JSON objects, one per line', async () => {
    const workspace = await Workspace.create({ 'tiny.yaml': TINY_SPEC });
    const { out } = await workspace.run('run', 'tiny.yaml', ...BACKEND, '--json');
    const events = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { readonly event: string; readonly step?: number });
    expect(events.map(({ event, step }) => `${event} ${step ?? ''}`)).toEqual([
      'start 0',
      'row 1',
      'row 2',
      'checkpoint 2',
      'samples 3',
      'reconstructions 3',
      'row 3',
      'row 4',
      'checkpoint 4',
      'row 5',
      'samples 6',
      'reconstructions 6',
      'row 6',
      'checkpoint 6',
      'report 6',
      'finished 6',
    ]);
  });

  it('runs on the reference and on tfjs as well, and comes to the same losses', async () => {
    const workspace = await Workspace.create({ 'tiny.yaml': TINY_SPEC });
    const losses = async (folder: string, ...argv: readonly string[]): Promise<readonly number[]> => {
      const { code, err } = await workspace.run('run', 'tiny.yaml', '--out', folder, '--steps', '3', ...argv);
      expect({ code, err }).toEqual({ code: 0, err: '' });
      return (await metricsRows(workspace, folder)).map(({ metrics }) => metrics['Lx']!);
    };
    const expected = await losses('reference', '--backend', 'reference');
    for (const actual of [await losses('wasm', ...BACKEND), await losses('tfjs', '--engine', 'tfjs')]) {
      actual.forEach((loss, i) => expect(loss).toBeCloseTo(expected[i]!, 4));
    }
  });

  it.each([
    [
      ['--backend', 'reference', '--engine', 'tfjs'],
      `error[run/option] \`--engine tfjs\` cannot run on the backend \`reference\`
help: Write \`--backend wasm --engine tfjs\` or \`--backend cuda --engine tfjs\`: it runs the program op by op on the kernels of TensorFlow.js.

`,
    ],
    [
      ['--backend', 'wasn'],
      `error: option '--backend <name>' argument 'wasn' is invalid. Allowed choices are wasm, webgpu, cuda, reference.
See began-compile run --help
`,
    ],
    [
      ['--steps', '0'],
      `error: option '--steps <n>' argument '0' is invalid. It must be a whole number of 1 or more.
See began-compile run --help
`,
    ],
    [
      ['--set', 'gamma'],
      `error: option '--set <key=value>' argument 'gamma' is invalid. It must be a key of the spec, = and a value, for example hyper.gamma=0.7.
See began-compile run --help
`,
    ],
    [
      ['--resume', 'nothing'],
      `error[run/nothing-to-resume] The folder \`nothing\` holds no run: \`run.json\` is not there
help: Give the folder that \`began-compile run\` wrote to, for example \`runs/faces-32\`.

`,
    ],
    [
      ['--resume', 'nothing', '--seed', '3'],
      `error[run/option] \`--seed\` cannot be changed in a run that goes on
help: Leave it out, or start a new run: \`began-compile run SPEC --seed ...\`.

`,
    ],
  ])('refuses %s and leaves nothing behind', async (argv, message) => {
    const workspace = await Workspace.create({ 'tiny.yaml': TINY_SPEC });
    expect(await workspace.run('run', 'tiny.yaml', ...argv)).toEqual({ code: 2, out: '', err: message });
    expect(await readdir(workspace.folder)).toEqual(['tiny.yaml']);
  });

  it('looks for data beside the spec, wherever it is started from', async () => {
    const spec = TINY_SPEC.replace('facesjs: 40, size: 16, background: plain', 'images: ./faces, size: 16');
    const workspace = await Workspace.create({ 'specs/tiny.yaml': spec });
    const missing = await workspace.run('run', 'specs/tiny.yaml', ...BACKEND);
    expect(missing.code).toBe(2);
    expect(missing.err).toContain('data/not-found');
    expect(missing.err).toContain('specs/tiny.yaml:5:16');

    const runs = await Workspace.create({ 'tiny.yaml': TINY_SPEC });
    await runs.run('run', 'tiny.yaml', ...BACKEND, '--out', 'drawn');
    await workspace.run(
      'sample',
      `${runs.folder}/drawn`,
      ...BACKEND,
      '--count',
      '12',
      '--separate',
      '--out',
      'specs/faces',
    );
    const { code, err } = await workspace.run('run', 'specs/tiny.yaml', ...BACKEND);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const resumed = await workspace.run('run', '--resume', 'runs/tiny', '--steps', '7');
    expect({ code: resumed.code, err: resumed.err }).toEqual({ code: 0, err: '' });
  });

  it('refuses a run that has finished, and a spec that has changed since', async () => {
    const workspace = await Workspace.create({ 'tiny.yaml': TINY_SPEC });
    await workspace.run('run', 'tiny.yaml', ...BACKEND, '--steps', '2');
    expect(await workspace.run('run', 'tiny.yaml', '--resume', 'runs/tiny')).toEqual({
      code: 2,
      out: '',
      err: `error[run/option] The run in \`runs/tiny\` has finished its 2 steps
help: Train on with a larger total: \`began-compile run --resume runs/tiny --steps 4\`.

`,
    });
    await workspace.write('tiny.yaml', TINY_SPEC.replace('n: 4', 'n: 5'));
    expect(await workspace.run('run', 'tiny.yaml', '--resume', 'runs/tiny')).toEqual({
      code: 2,
      out: '',
      err: `error[run/checkpoint-mismatch] \`tiny.yaml\` is no longer the spec that this run was started with
why: A run goes on with the spec that its checkpoint holds.
help: Leave the spec out to go on, \`began-compile run --resume runs/tiny\`, or start a new run with another \`--out\`.

`,
    });
  });
});
