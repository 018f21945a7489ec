/** `began-compile profile` on every backend that this machine has. */
import { describe, expect, it } from 'vitest';
import { nativeTensorflow } from '../cuda/native-tensorflow.js';
import { webgpuDevice } from '../webgpu/devices.js';
import { TINY_SPEC, Workspace } from './began-compile.js';

const webgpu = await webgpuDevice();
const tensorflow = nativeTensorflow();

interface Numbers {
  readonly ms: number;
  readonly share: number;
  readonly multiplyAdds: number;
  readonly flop: number;
  readonly bytes: number | null;
  readonly gflops: number | null;
  readonly ofPeak: number | null;
  readonly gbps: number | null;
}

interface ProfileJson {
  readonly format: number;
  readonly engine: string;
  readonly unit: string;
  readonly method: string;
  readonly steps: number;
  readonly step: Readonly<
    Record<'wholeMs' | 'phasesMs' | 'hostMs' | 'piecesMs' | 'inPiecesMs' | 'multiplyAdds', number>
  > & { readonly ofPeak: number | null };
  readonly peak: { readonly gflops: number; readonly method: string } | null;
  readonly absent: { readonly peak: string | null; readonly bytes: string | null };
  readonly phases: readonly (Numbers & { readonly phase: string; readonly wholeMs: number })[];
  readonly kinds: readonly (Numbers & { readonly kind: string; readonly pieces: number })[];
  readonly pieces: readonly (Numbers & {
    readonly phase: string;
    readonly at: number;
    readonly kind: string;
    readonly name: string;
    readonly shape: readonly number[] | null;
    readonly calls: number;
    readonly usPerCall: number;
    readonly usLeast: number;
  })[];
}

const tiny = () => Workspace.create({ 'tiny.yaml': TINY_SPEC });

async function profile(...options: readonly string[]): Promise<ProfileJson> {
  const workspace = await tiny();
  const { code, out, err } = await workspace.run('profile', 'tiny.yaml', '--json', ...options);
  expect(code, err).toBe(0);
  return JSON.parse(out) as ProfileJson;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, number) => all + number, 0);

/** Holds for profiles of every engine: sums are sums, rates are amounts over times. */
function expectConsistent({ step, phases, kinds, pieces, peak, absent }: ProfileJson): void {
  expect(sum(pieces.map(({ ms }) => ms))).toBeCloseTo(step.piecesMs, 6);
  expect(sum(phases.map(({ ms }) => ms))).toBeCloseTo(step.piecesMs, 6);
  expect(sum(kinds.map(({ ms }) => ms))).toBeCloseTo(step.piecesMs, 6);
  expect(sum(pieces.map(({ share }) => share))).toBeCloseTo(1, 6);
  expect(sum(pieces.map(({ multiplyAdds }) => multiplyAdds))).toBe(step.multiplyAdds);
  expect(step.wholeMs).toBeCloseTo(step.phasesMs + step.hostMs, 6);
  // What lies between pieces is no piece.
  expect(step.piecesMs).toBeLessThanOrEqual(step.inPiecesMs);
  expect([...pieces].sort((a, b) => b.ms - a.ms)).toEqual(pieces);
  for (const { ms, calls, usPerCall, usLeast, flop, gflops, bytes, gbps } of pieces) {
    expect(ms).toBeCloseTo((calls * usPerCall) / 1000, 6);
    expect(usLeast).toBeLessThanOrEqual(usPerCall + 1e-9);
    if (gflops !== null) expect(gflops).toBeCloseTo(flop / ms / 1e6, 3);
    if (absent.bytes !== null) expect([bytes, gbps]).toEqual([null, null]);
    else if (gbps !== null) expect(gbps).toBeCloseTo(bytes! / ms / 1e6, 3);
  }
  // Absent with a reason, or there.
  expect((peak === null) === (absent.peak !== null)).toBe(true);
}

describe('on wasm', () => {
  it('every launch has its time, its work and its name in the spec', async () => {
    const found = await profile('--steps', '20');
    expectConsistent(found);
    expect(found).toMatchObject({
      format: 1,
      unit: 'launch',
      steps: 20,
      absent: { peak: null, bytes: null },
    });
    expect(found.phases.map(({ phase }) => phase)).toEqual(['discriminator+generator', 'controller']);
    const filter = found.pieces.find(({ name }) => name.includes('D/encoder/conv1'));
    expect(filter).toMatchObject({ phase: 'discriminator+generator', calls: 1 });
    expect(filter!.multiplyAdds).toBeGreaterThan(0);
    expect(found.kinds.map(({ kind }) => kind)).toContain('pointwise');
    expect(found.peak!.gflops).toBeGreaterThan(0.1);
  });

  it('launches add up to about the phase that they are', async () => {
    const { phases } = await profile('--steps', '40');
    const [{ ms, wholeMs }] = phases as [ProfileJson['phases'][number]];
    // A machine that is shared may be twice as slow for one kind of step.
    expect(ms / wholeMs).toBeGreaterThan(0.5);
    expect(ms / wholeMs).toBeLessThan(2.5);
  });

  it('prints tables: launches by time, phases, kinds, the step and the peak', async () => {
    const workspace = await tiny();
    const { code, out, err } = await workspace.run('profile', 'tiny.yaml', '--steps', '2', '--top', '3');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const lines = out.split('\n');
    expect(lines[0]).toMatch(
      /^Profile {2}wasm.*, batch 4; 2 steps timed on random data, each whole and in launches$/,
    );
    expect(lines[3]!.trim().split(/ {2,}/)).toEqual(
      [
        'ms/step',
        'share',
        'calls',
        'us/call',
        'GFLOP/s',
        'of peak',
        'GB/s',
        'kind',
        'result',
        'launch',
      ].concat('computes'),
    );
    expect(lines.slice(4, 7).every((line) => / discriminator\+generator#\d+ /.test(line))).toBe(true);
    expect(lines[7]).toMatch(/^ +[\d.]+ +[\d.]+% +\d+ more$/);
    expect(out).toMatch(
      /^Phases {2}their launches; these with what lies between them; the phase run whole$/m,
    );
    expect(out).toMatch(/^ {2}controller +1 +\d+ /m);
    expect(out).toMatch(/^Kinds {2}of launches$/m);
    expect(out).toMatch(/^Step {3}[\d.]+ ms: [\d.]+ ms in phases, -?[\d.e-]+ ms of the host between them$/m);
    expect(out).toMatch(
      /^Peak {3}[\d.]+ GFLOP\/s, measured in this run; the step does [\d.]+ GFLOP\/s of contractions: [\d.]+% of it$/m,
    );
  });

  it('writes a trace whose launches lie in their phases, and these in their steps', async () => {
    const workspace = await tiny();
    const { code, out } = await workspace.run(
      ...['profile', 'tiny.yaml', '--steps', '7', '--trace', 'out/tiny.trace.json'],
    );
    expect(code).toBe(0);
    expect(out).toContain('\nThe trace is in out/tiny.trace.json: open it at https://ui.perfetto.dev\n');
    const { traceEvents } = JSON.parse(await workspace.text('out/tiny.trace.json')) as {
      traceEvents: {
        name: string;
        ph: string;
        ts: number;
        dur: number;
        tid: number;
        args: Record<string, unknown>;
      }[];
    };
    expect(traceEvents.filter(({ ph }) => ph === 'M').map(({ args }) => args['name'])).toEqual(
      expect.arrayContaining(['steps', 'phases', 'pieces']),
    );
    const track = (tid: number) => traceEvents.filter((event) => event.ph === 'X' && event.tid === tid);
    const [steps, phases, pieces] = [track(0), track(1), track(2)];
    expect(steps).toHaveLength(5);
    expect(phases).toHaveLength(10);
    const lieIn = (inner: typeof steps, outer: typeof steps): boolean =>
      inner.every(({ ts, dur }) =>
        outer.some((event) => event.ts <= ts + 0.01 && ts + dur <= event.ts + event.dur + 0.01),
      );
    expect(lieIn(phases, steps)).toBe(true);
    expect(lieIn(pieces, phases)).toBe(true);
    expect(pieces[0]!.args).toMatchObject({ launch: 'discriminator+generator#0' });
  });
});

it('times every operation of the reference, and says why there is no peak', async () => {
  const found = await profile('--backend', 'reference', '--steps', '1');
  expectConsistent(found);
  expect(found).toMatchObject({ engine: 'reference', unit: 'operation', peak: null });
  expect(found.absent).toEqual({
    peak: 'The reference has no kernels that could be held against a peak.',
    bytes: null,
  });
});

it('times every operation of TensorFlow.js', async () => {
  const found = await profile('--engine', 'tfjs', '--steps', '2');
  expectConsistent(found);
  expect(found).toMatchObject({ engine: 'tfjs-wasm', unit: 'operation' });
  expect(found.kinds.map(({ kind }) => kind)).toContain('conv_input_gradient');
});

it.runIf(webgpu?.software === true)('times every dispatch of WebGPU, and says by what clock', async () => {
  const found = await profile('--backend', 'webgpu', '--allow-cpu', '--steps', '1');
  expectConsistent(found);
  expect(found.unit).toBe('dispatch');
  expect(found.method).toMatch(
    webgpu!.device.features.has('timestamp-query')
      ? /^Every dispatch is a compute pass of its own between two timestamps of the device/
      : /^This device has no timestamp queries: every dispatch is submitted by itself and waited for/,
  );
});

describe.runIf(tensorflow?.kind === 'cpu-only')('on cuda', () => {
  const ON_CPU = ['--backend', 'cuda', '--allow-cpu', '--steps', '2'] as const;

  it('has one time for each phase, and no bytes', async () => {
    const found = await profile(...ON_CPU);
    expectConsistent(found);
    expect(found.pieces.map(({ name }) => name).sort()).toEqual([
      'all of controller',
      'all of discriminator+generator',
    ]);
    expect(found.absent.bytes).toBe(
      'TensorFlow decides by itself which results inside a graph are ever stored.',
    );
  });

  it('op by op has a time for each operation', async () => {
    const found = await profile(...ON_CPU, '--engine', 'tfjs');
    expectConsistent(found);
    expect(found).toMatchObject({ engine: 'tfjs-tensorflow', unit: 'operation' });
  });
});

describe('refuses', () => {
  const refusal = async (...argv: readonly string[]) => {
    const workspace = await tiny();
    return workspace.run('profile', ...argv);
  };

  it('a spec that is not there', async () => {
    expect(await refusal('none.yaml')).toEqual({
      code: 2,
      out: '',
      err: 'error[run/file] The spec `none.yaml` cannot be read: there is no such file\n\n',
    });
  });

  it('no steps', async () => {
    expect(await refusal('tiny.yaml', '--steps', '0')).toEqual({
      code: 2,
      out: '',
      err:
        "error: option '--steps <n>' argument '0' is invalid. It must be a whole number of 1 or more.\n" +
        'See began-compile profile --help\n',
    });
  });

  it('several threads', async () => {
    expect(await refusal('tiny.yaml', '--threads', '2')).toEqual({
      code: 2,
      out: '',
      err: `error[run/option] \`--threads 2\` cannot be profiled: launches are timed one by one, on one thread
help: Leave \`--threads\` out. \`began-compile inspect\` times a step on all threads.

`,
    });
  });

  it('an engine that the backend has not', async () => {
    expect(await refusal('tiny.yaml', '--backend', 'reference', '--engine', 'tfjs')).toEqual({
      code: 2,
      out: '',
      err: `error[run/option] \`--engine tfjs\` cannot run on the backend \`reference\`
help: Write \`--backend wasm --engine tfjs\` or \`--backend cuda --engine tfjs\`: it runs the program op by op on the kernels of TensorFlow.js.

`,
    });
  });

  it('a trace that cannot be written, before anything is printed', async () => {
    const { code, out, err } = await refusal('tiny.yaml', '--steps', '1', '--trace', 'tiny.yaml/t.json');
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(/^error\[run\/file\] The trace `tiny\.yaml\/t\.json` cannot be written: E[A-Z]+: /);
  });
});
