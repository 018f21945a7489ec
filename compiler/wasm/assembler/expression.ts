/**
 * Typed WebAssembly expressions. An expression knows the type it leaves on the stack, so that adding a vector to an
 * address does not compile. Emitting is a plain walk: operands first, then the opcode. An expression emitted twice is
 * computed twice; what is used more than once goes into a local.
 */
import type { ByteWriter } from './byte-writer.js';

export type ValueType = 'i32' | 'f32' | 'f64' | 'v128';

export interface Expression<T extends ValueType> {
  readonly type: T;
  readonly emit: (code: ByteWriter) => void;
  /** Set where the value is known while assembling (i32 only): folded into addresses and products. */
  readonly constant?: number;
}

export type I32 = Expression<'i32'>;
export type F32 = Expression<'f32'>;
export type F64 = Expression<'f64'>;
export type V128 = Expression<'v128'>;

const SIMD_PREFIX = 0xfd;

function unary<A extends ValueType, R extends ValueType>(type: R, opcode: number, simd = false) {
  return (a: Expression<A>): Expression<R> => ({
    type,
    emit: (code) => {
      a.emit(code);
      opcodeTo(code, opcode, simd);
    },
  });
}

function binary<A extends ValueType, B extends ValueType, R extends ValueType>(
  type: R,
  opcode: number,
  simd = false,
) {
  return (a: Expression<A>, b: Expression<B>): Expression<R> => ({
    type,
    emit: (code) => {
      a.emit(code);
      b.emit(code);
      opcodeTo(code, opcode, simd);
    },
  });
}

function opcodeTo(code: ByteWriter, opcode: number, simd: boolean): void {
  if (simd) {
    code.byte(SIMD_PREFIX);
    code.unsigned(opcode);
  } else code.byte(opcode);
}

/** A load of `opcode` from `address + offset`; `alignment` is the exponent of two that may be assumed. */
function load<R extends ValueType>(type: R, opcode: number, alignment: number, simd = false) {
  return (address: I32, offset = 0): Expression<R> => ({
    type,
    emit: (code) => {
      address.emit(code);
      opcodeTo(code, opcode, simd);
      code.unsigned(alignment);
      code.unsigned(offset);
    },
  });
}

function i32Constant(value: number): I32 {
  return {
    type: 'i32',
    constant: value | 0,
    emit: (code) => {
      code.byte(0x41);
      code.signed(value);
    },
  };
}

const plainAdd = binary<'i32', 'i32', 'i32'>('i32', 0x6a);
const plainMultiply = binary<'i32', 'i32', 'i32'>('i32', 0x6c);

export const i32 = {
  constant: i32Constant,
  add(a: I32, b: I32): I32 {
    if (a.constant !== undefined && b.constant !== undefined) return i32Constant(a.constant + b.constant);
    if (a.constant === 0) return b;
    if (b.constant === 0) return a;
    return plainAdd(a, b);
  },
  multiply(a: I32, b: I32): I32 {
    if (a.constant !== undefined && b.constant !== undefined)
      return i32Constant(Math.imul(a.constant, b.constant));
    if (a.constant === 0 || b.constant === 0) return i32Constant(0);
    if (a.constant === 1) return b;
    if (b.constant === 1) return a;
    return plainMultiply(a, b);
  },
  subtract: binary<'i32', 'i32', 'i32'>('i32', 0x6b),
  divideUnsigned: binary<'i32', 'i32', 'i32'>('i32', 0x6e),
  remainderUnsigned: binary<'i32', 'i32', 'i32'>('i32', 0x70),
  equal: binary<'i32', 'i32', 'i32'>('i32', 0x46),
  notEqual: binary<'i32', 'i32', 'i32'>('i32', 0x47),
  lessSigned: binary<'i32', 'i32', 'i32'>('i32', 0x48),
  lessUnsigned: binary<'i32', 'i32', 'i32'>('i32', 0x49),
  greaterOrEqualSigned: binary<'i32', 'i32', 'i32'>('i32', 0x4e),
  greaterOrEqualUnsigned: binary<'i32', 'i32', 'i32'>('i32', 0x4f),
  and: binary<'i32', 'i32', 'i32'>('i32', 0x71),
  or: binary<'i32', 'i32', 'i32'>('i32', 0x72),
  /** Towards 0; NaN becomes 0, and what is out of range the nearest number. */
  truncateSaturated: (a: F32): I32 => ({
    type: 'i32',
    emit: (code) => {
      a.emit(code);
      code.byte(0xfc);
      code.unsigned(0);
    },
  }),
  load: load('i32', 0x28, 2),
} as const;

export const f32 = {
  constant: (value: number): F32 => ({
    type: 'f32',
    emit: (code) => {
      code.byte(0x43);
      code.float32(value);
    },
  }),
  load: load('f32', 0x2a, 2),
  add: binary<'f32', 'f32', 'f32'>('f32', 0x92),
  multiply: binary<'f32', 'f32', 'f32'>('f32', 0x94),
  maximum: binary<'f32', 'f32', 'f32'>('f32', 0x97),
  equal: binary<'f32', 'f32', 'i32'>('i32', 0x5b),
  notEqual: binary<'f32', 'f32', 'i32'>('i32', 0x5c),
  less: binary<'f32', 'f32', 'i32'>('i32', 0x5d),
  convertI32: unary<'i32', 'f32'>('f32', 0xb2),
} as const;

export const f64 = {
  constant: (value: number): F64 => ({
    type: 'f64',
    emit: (code) => {
      code.byte(0x44);
      code.float64(value);
    },
  }),
  load: load('f64', 0x2b, 3),
  add: binary<'f64', 'f64', 'f64'>('f64', 0xa0),
  multiply: binary<'f64', 'f64', 'f64'>('f64', 0xa2),
  promote: unary<'f32', 'f64'>('f64', 0xbb),
  demote: unary<'f64', 'f32'>('f32', 0xb6),
} as const;

const simd1 = (opcode: number) => unary<'v128', 'v128'>('v128', opcode, true);
const simd3 =
  (opcode: number) =>
  (a: V128, b: V128, c: V128): V128 => ({
    type: 'v128',
    emit: (code) => {
      a.emit(code);
      b.emit(code);
      c.emit(code);
      opcodeTo(code, opcode, true);
    },
  });
const simd2 = (opcode: number) => binary<'v128', 'v128', 'v128'>('v128', opcode, true);

/** `operand (v128), amount (i32)`. */
const simdShift = (opcode: number) => binary<'v128', 'i32', 'v128'>('v128', opcode, true);

function laneLoad(opcode: number, alignment: number) {
  return (address: I32, vector: V128, lane: number, offset = 0): V128 => ({
    type: 'v128',
    emit: (code) => {
      address.emit(code);
      vector.emit(code);
      opcodeTo(code, opcode, true);
      code.unsigned(alignment);
      code.unsigned(offset);
      code.byte(lane);
    },
  });
}

function bytesConstant(write: (view: DataView) => void): V128 {
  const raw = new Uint8Array(16);
  write(new DataView(raw.buffer));
  return {
    type: 'v128',
    emit: (code) => {
      opcodeTo(code, 12, true);
      code.bytes(raw);
    },
  };
}

export const v128 = {
  load: load('v128', 0, 2, true),
  load32Splat: load('v128', 9, 2, true),
  load32Zero: load('v128', 92, 2, true),
  load64Zero: load('v128', 93, 2, true),
  load32Lane: laneLoad(86, 2),
  not: simd1(77),
  and: simd2(78),
  andNot: simd2(79),
  or: simd2(80),
  xor: simd2(81),
  /** Bits of `a` where `mask` is 1, else of `b`: `(a, b, mask)`. */
  select: simd3(82),
  /** Lanes 0-3 are of `a`, 4-7 of `b`. */
  shuffle32: (a: V128, b: V128, lanes: readonly [number, number, number, number]): V128 => ({
    type: 'v128',
    emit: (code) => {
      a.emit(code);
      b.emit(code);
      opcodeTo(code, 13, true);
      for (const lane of lanes) for (let byte = 0; byte < 4; byte++) code.byte(lane * 4 + byte);
    },
  }),
} as const;

export const f32x4 = {
  constant: (value: number): V128 =>
    bytesConstant((view) => {
      for (let lane = 0; lane < 4; lane++) view.setFloat32(lane * 4, value, true);
    }),
  splat: unary<'f32', 'v128'>('v128', 19, true),
  extractLane: (a: V128, lane: number): F32 => ({
    type: 'f32',
    emit: (code) => {
      a.emit(code);
      opcodeTo(code, 31, true);
      code.byte(lane);
    },
  }),
  equal: simd2(65),
  notEqual: simd2(66),
  less: simd2(67),
  greater: simd2(68),
  lessOrEqual: simd2(69),
  greaterOrEqual: simd2(70),
  ceil: simd1(103),
  floor: simd1(104),
  nearest: simd1(106),
  absolute: simd1(224),
  negate: simd1(225),
  squareRoot: simd1(227),
  add: simd2(228),
  subtract: simd2(229),
  multiply: simd2(230),
  divide: simd2(231),
  /** NaN if either is NaN. */
  minimum: simd2(232),
  maximum: simd2(233),
  /** `b < a ? b : a`: a NaN in `a` stays. */
  pseudoMinimum: simd2(234),
  /** `a < b ? b : a`: a NaN in `a` stays. */
  pseudoMaximum: simd2(235),
  convertI32x4: simd1(250),
  /** Relaxed SIMD: a * b + c, rounded once or twice as the machine likes. */
  relaxedMultiplyAdd: simd3(0x105),
  /** Relaxed SIMD: c - a * b. */
  relaxedNegativeMultiplyAdd: simd3(0x106),
} as const;

export const i32x4 = {
  constant: (value: number): V128 =>
    bytesConstant((view) => {
      for (let lane = 0; lane < 4; lane++) view.setInt32(lane * 4, value, true);
    }),
  lanes: (values: readonly [number, number, number, number]): V128 =>
    bytesConstant((view) => values.forEach((value, lane) => view.setInt32(lane * 4, value, true))),
  add: simd2(174),
  subtract: simd2(177),
  shiftLeft: simdShift(171),
  shiftRightSigned: simdShift(172),
  shiftRightUnsigned: simdShift(173),
  /** NaN becomes 0. */
  truncateSaturated: simd1(248),
} as const;

const ATOMIC_PREFIX = 0xfe;

/** An atomic access of four bytes, which must lie at a multiple of four. */
function atomicTo(code: ByteWriter, opcode: number, offset: number): void {
  code.byte(ATOMIC_PREFIX);
  code.unsigned(opcode);
  code.unsigned(2);
  code.unsigned(offset);
}

/** Of 32-bit numbers in shared memory; sequentially consistent. */
export const atomic = {
  load: (address: I32, offset = 0): I32 => ({
    type: 'i32',
    emit: (code) => {
      address.emit(code);
      atomicTo(code, 0x10, offset);
    },
  }),
  /** Adds, and gives what was there before. */
  add: (address: I32, amount: I32, offset = 0): I32 => ({
    type: 'i32',
    emit: (code) => {
      address.emit(code);
      amount.emit(code);
      atomicTo(code, 0x1e, offset);
    },
  }),
  /** Wakes all that sleep at a place, and gives how many they were. */
  notifyAll: (address: I32, offset = 0): I32 => ({
    type: 'i32',
    emit: (code) => {
      address.emit(code);
      i32Constant(-1).emit(code);
      atomicTo(code, 0x00, offset);
    },
  }),
  /**
   * Sleeps while the number at a place is the expected one: 0 when notified, 1 where it is another one, 2 after `milliseconds`
   * (without: no limit). Traps where the thread may not sleep, as the main thread of a page.
   */
  wait: (address: I32, expected: I32, milliseconds: number | undefined, offset = 0): I32 => ({
    type: 'i32',
    emit: (code) => {
      address.emit(code);
      expected.emit(code);
      code.byte(0x42); // i64.const, in nanoseconds
      code.signed(milliseconds === undefined ? -1 : milliseconds * 1_000_000);
      atomicTo(code, 0x01, offset);
    },
  }),
} as const;

/** What a wait gives when its time is over. */
export const TIMED_OUT = 2;
