/** State, values and failures of programs on a device. */
import { afterAll, describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../compiler/graph/builder.js';
import { add, constant, equal, input, sub, sum } from '../../compiler/graph/construct.js';
import type { Graph } from '../../compiler/graph/graph.js';
import { openWebgpu } from '../../runtimes/node/webgpu-device.js';
import { checked } from '../../runtimes/webgpu/failures.js';
import { WebgpuEngine } from '../../runtimes/webgpu/engine.js';
import { DiagnosticError } from '../../spec/diagnostics/diagnostic.js';
import { programOf } from '../ops/program-of.js';
import { checkingDevice, webgpuDevice } from './devices.js';

const webgpu = await webgpuDevice();
const NOTHING = { feeds: new Map<string, Float32Array>(), scalars: new Map<string, number>() };
const LARGE = 1000;

/** w = w + x; the sum as a small value and as a large one. */
function accumulate(): Graph {
  const b = new GraphBuilder();
  const small = add(b, input(b, 'feed', 'x', [3]), input(b, 'state', 'w', [3]));
  const large = add(b, input(b, 'feed', 'X', [LARGE]), input(b, 'state', 'W', [LARGE]));
  return b.build('accumulate', [
    { kind: 'state', name: 'w', node: small },
    { kind: 'value', name: 'small', node: small },
    { kind: 'state', name: 'W', node: large },
    { kind: 'value', name: 'large', node: large },
  ]);
}

const inputs = (x: number) => ({
  ...NOTHING,
  feeds: new Map([
    ['x', new Float32Array(3).fill(x)],
    ['X', new Float32Array(LARGE).fill(10 * x)],
  ]),
});

async function diagnosticOf(work: Promise<unknown>) {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof DiagnosticError)) throw new Error(`no diagnostic: ${String(error)}`);
  return error.diagnostics[0]!;
}

describe.runIf(webgpu !== undefined)('a program on a device', () => {
  const engine = () => new WebgpuEngine(webgpu!.device, webgpu!);
  afterAll(() => webgpu!.device.destroy());

  it('says what it runs on', () => {
    expect(engine().name).toBe(`webgpu (${webgpu!.adapter})`);
    if (webgpu!.software) expect(engine().name).toMatch(/, on the CPU\)$/);
  });

  it('has state of zero until it is written, moves it with every run, and gives values of every size', async () => {
    const executable = await engine().load(programOf(accumulate()));
    expect([...(await executable.readState('w'))]).toEqual([0, 0, 0]);
    await executable.writeState('w', [1, 2, 3]);
    for (let i = 1; i <= 3; i++) {
      await executable.run('accumulate', inputs(1));
      expect([...(await executable.read('accumulate', 'small'))]).toEqual([1 + i, 2 + i, 3 + i]);
      expect((await executable.read('accumulate', 'large'))[LARGE - 1]).toBe(10 * i);
    }
    expect([...(await executable.readState('w'))]).toEqual([4, 5, 6]);
    executable.dispose();
  });

  it('finds NaN and infinities by x - x, which drivers would make 0 of everywhere', async () => {
    const b = new GraphBuilder();
    const x = input(b, 'feed', 'x', [5]);
    const difference = sub(b, x, x);
    const graph = b.build('finite', [
      { kind: 'value', name: 'each', node: difference },
      { kind: 'value', name: 'all', node: equal(b, sum(b, difference), constant(b, 0)) },
    ]);
    const executable = await engine().load(programOf(graph));
    for (const value of [NaN, -NaN, Infinity, -Infinity, 3e38, -1e-45, 0]) {
      await executable.run('finite', {
        ...NOTHING,
        feeds: new Map([['x', Float32Array.of(1, -2, 0, value, 5)]]),
      });
      const found = Number.isFinite(value) ? 0 : NaN;
      expect([...(await executable.read('finite', 'each'))]).toEqual([0, 0, 0, found, 0]);
      expect([...(await executable.read('finite', 'all'))]).toEqual([found === 0 ? 1 : 0]);
    }
    executable.dispose();
  });

  it('gives copies, and several at once', async () => {
    const executable = await engine().load(programOf(accumulate()));
    await executable.run('accumulate', inputs(2));
    const [one, two, large] = await Promise.all([
      executable.read('accumulate', 'small'),
      executable.read('accumulate', 'small'),
      executable.read('accumulate', 'large'),
    ]);
    one.fill(9);
    expect([...two]).toEqual([2, 2, 2]);
    expect(large[0]).toBe(20);
    executable.dispose();
  });

  it('refuses what it does not have, by name', async () => {
    const executable = await engine().load(programOf(accumulate()));
    await expect(executable.run('accumulate', NOTHING)).rejects.toThrow('accumulate needs the feed x');
    await expect(executable.run('multiply', NOTHING)).rejects.toThrow('no phase or output multiply');
    const short = { ...NOTHING, feeds: new Map([['x', new Float32Array(1)]]) };
    await expect(executable.run('accumulate', short)).rejects.toThrow(
      'the feed x of accumulate has 3 elements, not 1',
    );
    await expect(executable.read('accumulate', 'y')).rejects.toThrow('accumulate has no value y');
    await expect(executable.readState('v')).rejects.toThrow('no state v');
    await expect(executable.writeState('w', [1])).rejects.toThrow('the state w has 3 elements, not 1');
    executable.dispose();
  });

  it('says so when the device has gone away, instead of waiting for it for ever', async () => {
    const { device, ...options } = await openWebgpu({ allowCpu: true }, process.cwd());
    const executable = await new WebgpuEngine(device, options).load(programOf(accumulate()));
    await executable.run('accumulate', inputs(1));
    device.destroy();
    await device.lost;
    const { code, message, help } = await diagnosticOf(executable.run('accumulate', inputs(1)));
    expect(code).toBe('webgpu/device-lost');
    expect(message).toMatch(/^The GPU has gone away: /);
    expect(help).toBe('Go on from the last checkpoint with `began-compile run --resume FOLDER`.');
  });
});

describe('a device that cannot', () => {
  it('hold a program refuses it with both sizes', async () => {
    const b = new GraphBuilder();
    const huge = input(b, 'feed', 'x', [2 ** 20, 1024]);
    const graph = b.build('huge', [{ kind: 'value', name: 'y', node: add(b, huge, huge) }]);
    const device = await checkingDevice();
    const { code, message, help } = await diagnosticOf(
      new WebgpuEngine(device, { adapter: 'none' }).load(programOf(graph)),
    );
    expect({ code, message, help }).toEqual({
      code: 'webgpu/too-large',
      message: 'The program needs 8,193 MiB in one buffer, and this GPU allows 128 MiB',
      help: 'Say `micro_batch` under `train`, or take a smaller `batch`, smaller pictures or fewer filters, or another backend.',
    });
  });

  it('compile a shader says what its compiler says, with the place', async () => {
    const device = await checkingDevice();
    const code = '@compute @workgroup_size(1) fn main() { let x: f32 = 1u; }';
    const { message } = await diagnosticOf(
      checked(device, 'its shaders', () => void device.createShaderModule({ code })),
    );
    expect(message).toBe(
      'The GPU refuses the program, its shaders: Error while parsing WGSL: :1:45 error: ' +
        "cannot initialize 'let' of type 'f32' with value of type 'u32'",
    );
  });
});
