/**
 * Straight-line bodies over nested dimensions. Every access has one moving pointer; a dimension's end both rewinds
 * the inner dimension and steps the outer one in a single addition. The innermost dimension runs four lanes at a time.
 */
import { POINTWISE_COST } from '../plan/fuse.js';
import type { Access, Body, Instruction } from '../plan/kernel.js';
import { f32x4, i32, v128 } from './assembler/expression.js';
import type { I32, V128 } from './assembler/expression.js';
import type { FunctionBuilder, Local } from './assembler/function-builder.js';
import { POINTWISE_LOWERING } from './math/pointwise-lowering.js';
import type { Operand } from './math/pointwise-lowering.js';
import { loadLanes, storeLanes } from './vector-access.js';

/** Moving pointers, one for each different access. */
export class Pointers {
  readonly #f: FunctionBuilder;
  readonly #start: (parameter: number) => I32;
  readonly #byKey = new Map<string, { readonly access: Access; readonly pointer: Local<'i32'> }>();

  constructor(f: FunctionBuilder, start: (parameter: number) => I32) {
    this.#f = f;
    this.#start = start;
  }

  /** Makes the pointer of an access; call for all of them before any loop begins. */
  add(access: Access): void {
    const key = keyOf(access);
    if (!this.#byKey.has(key))
      this.#byKey.set(key, { access, pointer: this.#f.local('i32', this.#start(access.parameter)) });
  }

  of(access: Access): Local<'i32'> {
    return this.#byKey.get(keyOf(access))!.pointer;
  }

  /** A second set that starts where this one stands. */
  copy(): Pointers {
    const copy = new Pointers(this.#f, this.#start);
    for (const [key, { access, pointer }] of this.#byKey)
      copy.#byKey.set(key, { access, pointer: this.#f.local('i32', pointer) });
    return copy;
  }

  /** Moves every pointer by what `elements` says of its strides. */
  advance(elements: (strides: readonly number[]) => number): void {
    for (const { access, pointer } of this.#byKey.values())
      this.#f.advance(pointer, elements(access.strides) * 4);
  }

  /** Moves every pointer by `count` (known at run time) steps of `elements(strides)`. */
  advanceBy(count: I32, elements: (strides: readonly number[]) => number): void {
    for (const { access, pointer } of this.#byKey.values()) {
      const step = elements(access.strides) * 4;
      if (step !== 0) this.#f.set(pointer, i32.add(pointer, i32.multiply(count, i32.constant(step))));
    }
  }
}

function keyOf(access: Access): string {
  return `${access.parameter} ${access.strides.join()}`;
}

/** Loops over `dimensions` (outermost first), `sizes` long each; the pointers stand right in every round of `inner`. */
export function loopOver(
  f: FunctionBuilder,
  pointers: readonly Pointers[],
  dimensions: readonly number[],
  sizes: readonly number[],
  inner: () => void,
): void {
  const [outer, next] = dimensions;
  if (outer === undefined) {
    inner();
    return;
  }
  f.repeat(sizes[outer]!, () => {
    loopOver(f, pointers, dimensions.slice(1), sizes, inner);
    for (const set of pointers)
      set.advance((strides) => strides[outer]! - (next === undefined ? 0 : sizes[next]! * strides[next]!));
  });
}

/** Runs instructions on vectors; `load` is asked once per load. Gives every instruction's value. */
export function evaluate(
  f: FunctionBuilder,
  instructions: readonly Instruction[],
  load: (access: Access) => V128,
  result?: V128,
): Operand[] {
  const values: Operand[] = [];
  for (const instruction of instructions) {
    switch (instruction.op) {
      case 'load':
        values.push({ value: f.local('v128', load(instruction.access)) });
        break;
      case 'constant':
        values.push({
          value: f.local('v128', f32x4.constant(instruction.value)),
          constant: instruction.value,
        });
        break;
      case 'result':
        if (result === undefined) throw new Error('internal: no result here');
        values.push({ value: f.local('v128', result) });
        break;
      default: {
        const operands = instruction.arguments.map((index) => values[index]!);
        values.push({ value: f.local('v128', POINTWISE_LOWERING[instruction.op](f, operands)) });
      }
    }
  }
  return values;
}

export function bodyAccesses(body: Body): Access[] {
  return [...loadAccesses(body.instructions), ...body.stores.map((store) => store.access)];
}

export function loadAccesses(instructions: readonly Instruction[]): Access[] {
  return instructions.flatMap((instruction) => (instruction.op === 'load' ? [instruction.access] : []));
}

/** How many vectors are worth unrolling: small bodies are mostly loop otherwise. */
export function unrolling(instructions: readonly Instruction[]): number {
  let cost = 0;
  for (const { op } of instructions)
    cost += op === 'load' ? 1 : op === 'constant' || op === 'result' ? 0 : POINTWISE_COST[op];
  return cost <= 6 ? 4 : cost <= 14 ? 2 : 1;
}

/** Loads that do not move along the innermost dimension, made once before its loop. */
export function hoisted(
  f: FunctionBuilder,
  instructions: readonly Instruction[],
  pointers: Pointers,
): ReadonlyMap<string, Local<'v128'>> {
  const values = new Map<string, Local<'v128'>>();
  for (const access of loadAccesses(instructions)) {
    const key = keyOf(access);
    if (access.strides.at(-1) === 0 && !values.has(key))
      values.set(key, f.local('v128', v128.load32Splat(pointers.of(access))));
  }
  return values;
}

/** Where an access finds its lanes: hoisted, or `elements` places along the innermost dimension from its pointer. */
export function laneLoader(
  pointers: Pointers,
  fixed: ReadonlyMap<string, Local<'v128'>>,
  elements: number,
  lanes: number,
): (access: Access) => V128 {
  return (access) => {
    const known = fixed.get(keyOf(access));
    if (known !== undefined) return known;
    const stride = access.strides.at(-1)!;
    return loadLanes(pointers.of(access), elements * stride * 4, stride, lanes);
  };
}

/** The body at up to four neighbouring places, `elements` from where the pointers stand. */
export function bodyAt(
  f: FunctionBuilder,
  body: Body,
  pointers: Pointers,
  fixed: ReadonlyMap<string, Local<'v128'>>,
  elements: number,
  lanes: number,
  result?: V128,
): void {
  const values = evaluate(f, body.instructions, laneLoader(pointers, fixed, elements, lanes), result);
  for (const { value, access } of body.stores) {
    const stride = access.strides.at(-1)!;
    storeLanes(f, pointers.of(access), elements * stride * 4, stride, lanes, values[value]!.value);
  }
}

/** The body along `count` places of the innermost dimension. The pointers are left as they were. */
export function innerRun(f: FunctionBuilder, body: Body, pointers: Pointers, count: number): void {
  const fixed = hoisted(f, body.instructions, pointers);
  const unroll = unrolling(body.instructions);
  const rounds = Math.floor(count / (4 * unroll));
  let moving = pointers;
  let done = 0;
  if (rounds > 1) {
    moving = pointers.copy();
    f.repeat(rounds, () => {
      for (let vector = 0; vector < unroll; vector++) bodyAt(f, body, moving, fixed, vector * 4, 4);
      moving.advance((strides) => strides.at(-1)! * 4 * unroll);
    });
    done = rounds * 4 * unroll;
  }
  const left = count - done;
  for (let at = 0; at < left; at += 4) bodyAt(f, body, moving, fixed, at, Math.min(4, left - at));
}

/** The body over all of `sizes`, from where the parameters' starts are. */
export function nest(
  f: FunctionBuilder,
  sizes: readonly number[],
  body: Body,
  start: (parameter: number) => I32,
): void {
  const pointers = new Pointers(f, start);
  for (const access of bodyAccesses(body)) pointers.add(access);
  const outer = sizes.slice(0, -1).map((_, dimension) => dimension);
  loopOver(f, [pointers], outer, sizes, () => innerRun(f, body, pointers, sizes.at(-1)!));
}
