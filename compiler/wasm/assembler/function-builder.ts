/** One function: locals and statements. Control flow nests by closures, so an `end` cannot be forgotten. */
import { ByteWriter } from './byte-writer.js';
import { i32 } from './expression.js';
import type { Expression, F32, F64, I32, V128, ValueType } from './expression.js';

export const TYPE_CODES: Readonly<Record<ValueType, number>> = {
  i32: 0x7f,
  f32: 0x7d,
  f64: 0x7c,
  v128: 0x7b,
};

/** A local variable or parameter; reading it is the expression itself. */
export interface Local<T extends ValueType> extends Expression<T> {
  readonly index: number;
}

export interface FunctionSignature {
  readonly parameters: readonly ValueType[];
  readonly results: readonly ValueType[];
}

/** Something that can be called: an index in the module's function space. */
export interface FunctionReference {
  readonly index: number;
  readonly signature: FunctionSignature;
}

/** A branch target; valid inside the block that made it. */
export interface Label {
  readonly depth: number;
}

export class FunctionBuilder {
  readonly signature: FunctionSignature;
  readonly parameters: readonly Local<ValueType>[];
  readonly #locals: ValueType[] = [];
  readonly #code = new ByteWriter();
  #depth = 0;

  constructor(signature: FunctionSignature) {
    this.signature = signature;
    this.parameters = signature.parameters.map((type, index) => localOf(type, index));
  }

  /** A parameter that must be an i32 (pointers and tile numbers are). */
  pointer(index: number): Local<'i32'> {
    const parameter = this.parameters[index];
    if (parameter?.type !== 'i32') throw new RangeError(`internal: parameter ${index} is no i32`);
    return parameter as Local<'i32'>;
  }

  local<T extends ValueType>(type: T, initial?: Expression<T>): Local<T> {
    const local = localOf(type, this.signature.parameters.length + this.#locals.length);
    this.#locals.push(type);
    if (initial !== undefined) this.set(local, initial);
    return local;
  }

  set<T extends ValueType>(local: Local<T>, value: Expression<T>): void {
    value.emit(this.#code);
    this.#code.byte(0x21);
    this.#code.unsigned(local.index);
  }

  /** local += amount. */
  advance(local: Local<'i32'>, amount: number): void {
    if (amount !== 0) this.set(local, i32.add(local, i32.constant(amount)));
  }

  storeVector(address: I32, value: V128, offset = 0): void {
    this.#store(address, value, [0xfd, 11], offset, 2);
  }

  /** Stores one f32 lane. */
  storeLane(address: I32, value: V128, lane: number, offset = 0): void {
    this.#store(address, value, [0xfd, 90], offset, 2);
    this.#code.byte(lane);
  }

  /** Stores two f32 lanes, 0 and 1. */
  storeLowHalf(address: I32, value: V128, offset = 0): void {
    this.#store(address, value, [0xfd, 91], offset, 2);
    this.#code.byte(0);
  }

  storeFloat(address: I32, value: F32, offset = 0): void {
    this.#store(address, value, [0x38], offset, 2);
  }

  storeDouble(address: I32, value: F64, offset = 0): void {
    this.#store(address, value, [0x39], offset, 3);
  }

  /** Of an i32 that other threads read; `address + offset` must be a multiple of four. */
  storeAtomic(address: I32, value: I32, offset = 0): void {
    this.#store(address, value, [0xfe, 0x17], offset, 2);
  }

  /** Sets so many bytes to zero. */
  clear(address: I32, bytes: I32): void {
    address.emit(this.#code);
    i32.constant(0).emit(this.#code);
    bytes.emit(this.#code);
    this.#code.bytes([0xfc, 11, 0]);
  }

  call(target: FunctionReference, args: readonly Expression<ValueType>[]): void {
    if (args.length !== target.signature.parameters.length)
      throw new RangeError(`internal: call with ${args.length} arguments`);
    for (const argument of args) argument.emit(this.#code);
    this.#code.byte(0x10);
    this.#code.unsigned(target.index);
  }

  /** What a function with one result gives. */
  result<T extends ValueType>(
    target: FunctionReference,
    type: T,
    args: readonly Expression<ValueType>[],
  ): Expression<T> {
    const { parameters, results } = target.signature;
    if (args.length !== parameters.length || results.join() !== type)
      throw new RangeError(`internal: call of (${parameters.join()}) that gives ${results.join()}`);
    return {
      type,
      emit: (code) => {
        for (const argument of args) argument.emit(code);
        code.byte(0x10);
        code.unsigned(target.index);
      },
    };
  }

  /** Evaluates for the effect alone. */
  drop(value: Expression<ValueType>): void {
    value.emit(this.#code);
    this.#code.byte(0x1a);
  }

  /** Ends the function here. Of a function with a result the last statement too. */
  return(value?: Expression<ValueType>): void {
    value?.emit(this.#code);
    this.#code.byte(0x0f);
  }

  /** A loop that runs once unless `again` is branched to. */
  loop(body: (again: Label) => void): void {
    this.#nest(0x03, body);
  }

  /** A block whose label is its end. */
  block(body: (end: Label) => void): void {
    this.#nest(0x02, body);
  }

  branch(label: Label): void {
    this.#code.byte(0x0c);
    this.#code.unsigned(this.#depth - label.depth);
  }

  branchIf(label: Label, condition: I32): void {
    condition.emit(this.#code);
    this.#code.byte(0x0d);
    this.#code.unsigned(this.#depth - label.depth);
  }

  if(condition: I32, then: () => void, otherwise?: () => void): void {
    condition.emit(this.#code);
    this.#code.bytes([0x04, 0x40]);
    this.#depth++;
    then();
    if (otherwise !== undefined) {
      this.#code.byte(0x05);
      otherwise();
    }
    this.#depth--;
    this.#code.byte(0x0b);
  }

  /** `body` exactly `count` times; no counter is needed by the body. Straight code for one. */
  repeat(count: number, body: () => void): void {
    if (count <= 0) return;
    if (count === 1) {
      body();
      return;
    }
    const left = this.local('i32', i32.constant(count));
    this.loop((again) => {
      body();
      this.set(left, i32.add(left, i32.constant(-1)));
      this.branchIf(again, left);
    });
  }

  /** `index` from its present value while below `end`, by `step`; may run zero times. Unsigned. */
  whileBelow(index: Local<'i32'>, end: I32, step: number, body: () => void): void {
    this.block((done) => {
      this.branchIf(done, i32.greaterOrEqualUnsigned(index, end));
      this.loop((again) => {
        body();
        this.advance(index, step);
        this.branchIf(again, i32.lessUnsigned(index, end));
      });
    });
  }

  /** The function's body as the code section wants it, without the size in front. */
  finish(): Uint8Array {
    const body = new ByteWriter();
    const runs: { type: ValueType; count: number }[] = [];
    for (const type of this.#locals) {
      const last = runs.at(-1);
      if (last?.type === type) last.count++;
      else runs.push({ type, count: 1 });
    }
    body.unsigned(runs.length);
    for (const run of runs) {
      body.unsigned(run.count);
      body.byte(TYPE_CODES[run.type]);
    }
    body.bytes(this.#code.finish());
    body.byte(0x0b);
    return body.finish();
  }

  #nest(opcode: number, body: (label: Label) => void): void {
    this.#code.bytes([opcode, 0x40]);
    this.#depth++;
    body({ depth: this.#depth });
    this.#depth--;
    this.#code.byte(0x0b);
  }

  #store(
    address: I32,
    value: Expression<ValueType>,
    opcode: readonly number[],
    offset: number,
    alignment: number,
  ): void {
    address.emit(this.#code);
    value.emit(this.#code);
    this.#code.bytes(opcode);
    this.#code.unsigned(alignment);
    this.#code.unsigned(offset);
  }
}

function localOf<T extends ValueType>(type: T, index: number): Local<T> {
  return {
    type,
    index,
    emit: (code) => {
      code.byte(0x20);
      code.unsigned(index);
    },
  };
}
