import { setFlagsFromString } from 'node:v8';
import { describe, expect, it } from 'vitest';
import { webAssembly } from '../../../runtimes/wasm/web-assembly.js';
import { ByteWriter } from './byte-writer.js';
import { atomic, f32x4, f64, i32, i32x4, TIMED_OUT, v128 } from './expression.js';
import type { FunctionBuilder, FunctionSignature } from './function-builder.js';
import { ModuleBuilder } from './module-builder.js';

const hex = (bytes: Uint8Array): string =>
  [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');

function assemble(
  signature: FunctionSignature,
  write: (f: FunctionBuilder) => void,
): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder({ pages: 1 });
  module.export('run', module.define(signature, write));
  return module.finish();
}

/** Runs a function over a memory of floats; gives the memory. */
async function run(
  parameters: readonly number[],
  write: (f: FunctionBuilder) => void,
  memory: readonly number[] = [],
): Promise<Float32Array> {
  const bytes = assemble({ parameters: parameters.map(() => 'i32' as const), results: [] }, write);
  const host = new webAssembly.Memory({ initial: 1 });
  const floats = new Float32Array(host.buffer);
  floats.set(memory);
  const { exports } = await webAssembly.instantiate(await webAssembly.compile(bytes), {
    host: { memory: host, base: new webAssembly.Global({ value: 'i32', mutable: false }, 0) },
  });
  (exports.run as (...args: number[]) => void)(...parameters);
  return floats;
}

describe('ByteWriter', () => {
  it.each([
    [0, '00'],
    [127, '7f'],
    [128, '80 01'],
    [624485, 'e5 8e 26'],
    [0xffffffff, 'ff ff ff ff 0f'],
  ])('writes %i as unsigned LEB128', (value, expected) => {
    const writer = new ByteWriter();
    writer.unsigned(value);
    expect(hex(writer.finish())).toBe(expected);
  });

  it.each([
    [0, '00'],
    [63, '3f'],
    [64, 'c0 00'],
    [-1, '7f'],
    [-64, '40'],
    [-65, 'bf 7f'],
    [-123456, 'c0 bb 78'],
    [-2147483648, '80 80 80 80 78'],
  ])('writes %i as signed LEB128', (value, expected) => {
    const writer = new ByteWriter();
    writer.signed(value);
    expect(hex(writer.finish())).toBe(expected);
  });

  it('writes names in UTF-8, counted in bytes', () => {
    const writer = new ByteWriter();
    writer.name('Lλ→😀');
    expect(hex(writer.finish())).toBe('0a 4c ce bb e2 86 92 f0 9f 98 80');
  });
});

describe('modules', () => {
  it('assemble a doubling kernel to these bytes', () => {
    const bytes = assemble({ parameters: ['i32'], results: [] }, (f) => {
      const x = f.local('v128', v128.load(f.pointer(0)));
      f.storeVector(f.pointer(0), f32x4.add(x, x), 16);
    });
    expect(webAssembly.validate(bytes)).toBe(true);
    expect(hex(bytes)).toMatchInlineSnapshot(
      `"00 61 73 6d 01 00 00 00 01 05 01 60 01 7f 00 02 1d 02 04 68 6f 73 74 06 6d 65 6d 6f 72 79 02 00 01 04 68 6f 73 74 04 62 61 73 65 03 7f 00 03 02 01 00 07 07 01 03 72 75 6e 00 00 0a 1b 01 19 01 01 7b 20 00 fd 00 02 00 21 01 20 00 20 01 20 01 fd e4 01 fd 0b 02 10 0b"`,
    );
  });

  it('refuse nothing that all expressions together make', () => {
    const bytes = assemble({ parameters: ['i32', 'f64'], results: [] }, (f) => {
      const a = f.local('v128', v128.load(f.pointer(0)));
      const lane = v128.load32Lane(f.pointer(0), v128.load64Zero(f.pointer(0), 8), 2, 4);
      f.set(a, v128.select(lane, f32x4.nearest(a), i32x4.lanes([-1, 0, -1, 0])));
      f.set(a, v128.shuffle32(a, f32x4.pseudoMaximum(a, f32x4.constant(-0.5)), [0, 4, 1, 5]));
      f.set(a, i32x4.shiftLeft(i32x4.truncateSaturated(a), i32.constant(23)));
      f.storeLane(f.pointer(0), a, 3, 1000);
      f.storeLowHalf(f.pointer(0), a, 70_000);
      f.storeDouble(f.pointer(0), f64.add(f64.constant(1 / 3), f64.promote(f32x4.extractLane(a, 2))));
      f.storeFloat(f.pointer(0), f64.demote(f64.constant(Math.PI)));
      f.if(
        i32.load(f.pointer(0)),
        () => f.advance(f.pointer(0), -16),
        () => f.advance(f.pointer(0), 16),
      );
    });
    expect(webAssembly.validate(bytes)).toBe(true);
  });

  it('hold products and sums of relaxed SIMD, which add and subtract', async () => {
    // Node 20 has relaxed SIMD behind this flag; later ones know no such flag and need none.
    setFlagsFromString('--experimental-wasm-relaxed-simd');
    const memory = await run(
      [0],
      (f) => {
        const [a, b, c] = [0, 16, 32].map((offset) => v128.load(f.pointer(0), offset));
        f.storeVector(f.pointer(0), f32x4.relaxedMultiplyAdd(a!, b!, c!), 48);
        f.storeVector(f.pointer(0), f32x4.relaxedNegativeMultiplyAdd(a!, b!, c!), 64);
      },
      [1, 2, 3, 4, 5, 6, 7, 8, 100, 200, 300, 400],
    );
    expect([...memory.subarray(12, 20)]).toEqual([105, 212, 321, 432, 95, 188, 279, 368]);
  });

  it('import a shared memory with its maximum', () => {
    const module = new ModuleBuilder({ pages: 2, maximumPages: 5, shared: true });
    expect(webAssembly.validate(module.finish())).toBe(true);
  });
});

describe('control flow', () => {
  it('repeats a body, nested and counted exactly', async () => {
    const memory = await run([0], (f) => {
      const one = f32x4.constant(1);
      f.repeat(3, () =>
        f.repeat(5, () => f.storeLane(f.pointer(0), f32x4.add(v128.load(f.pointer(0)), one), 0)),
      );
      f.repeat(0, () => f.storeLane(f.pointer(0), f32x4.constant(-1), 0));
    });
    expect(memory[0]).toBe(15);
  });

  it.each([
    [0, 0, 0],
    [0, 1, 1],
    [2, 9, 4],
    [9, 2, 0],
  ])('runs from %i below %i by 2 in %i rounds', async (from, to, rounds) => {
    const memory = await run([from, to], (f) => {
      const zero = f.local('i32');
      f.whileBelow(f.pointer(0), f.pointer(1), 2, () =>
        f.storeLane(zero, f32x4.add(v128.load(zero), f32x4.constant(1)), 0),
      );
    });
    expect(memory[0]).toBe(rounds);
  });

  it('folds constants of addresses', () => {
    expect(i32.add(i32.constant(3), i32.multiply(i32.constant(4), i32.constant(5))).constant).toBe(23);
    expect(i32.multiply(i32.constant(0), { type: 'i32', emit: () => {} }).constant).toBe(0);
  });
});

describe('atomics', () => {
  /** `(threads' memory) -> i32` over a shared memory of one page. */
  const call = async (write: (f: FunctionBuilder) => void, memory: readonly number[]): Promise<unknown> => {
    const module = new ModuleBuilder({ pages: 1, maximumPages: 1, shared: true });
    module.export('run', module.define({ parameters: [], results: ['i32'] }, write));
    const host = new webAssembly.Memory({ initial: 1, maximum: 1, shared: true });
    new Int32Array(host.buffer).set(memory);
    const { exports } = await webAssembly.instantiate(await webAssembly.compile(module.finish()), {
      host: { memory: host, base: new webAssembly.Global({ value: 'i32', mutable: false }, 0) },
    });
    return [(exports.run as () => number)(), [...new Int32Array(host.buffer).slice(0, memory.length)]];
  };
  const at = i32.constant(0);

  it('adds and gives what was there before', async () => {
    const given = await call((f) => f.return(atomic.add(at, i32.constant(-3), 4)), [1, 10]);
    expect(given).toEqual([10, [1, 7]]);
  });

  it('loads and stores', async () => {
    const write = (f: FunctionBuilder): void => {
      f.storeAtomic(at, i32.add(atomic.load(at, 4), i32.constant(1)), 8);
      f.return(atomic.load(at, 8));
    };
    expect(await call(write, [0, 41, 0])).toEqual([42, [0, 41, 42]]);
  });

  it('waits until its time is over, not at all where the number is another one, and wakes nobody', async () => {
    const write = (f: FunctionBuilder): void => {
      f.storeAtomic(at, atomic.wait(at, i32.constant(7), 20), 4);
      f.storeAtomic(at, atomic.wait(at, i32.constant(8), undefined), 8);
      f.return(atomic.notifyAll(at));
    };
    expect(await call(write, [7, 0, 0])).toEqual([0, [7, TIMED_OUT, 1]]);
  });
});
