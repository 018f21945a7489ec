/** The calling convention of kernels: pointers, scratch, first tile, tile after the last. All bytes, all i32. */
import { f32x4, i32 } from './assembler/expression.js';
import type { I32, V128 } from './assembler/expression.js';
import type { FunctionBuilder, FunctionSignature, Local } from './assembler/function-builder.js';

export function kernelSignature(parameters: number): FunctionSignature {
  return { parameters: Array.from({ length: parameters + 3 }, () => 'i32' as const), results: [] };
}

/** What the machine that runs the code can do. */
export interface Features {
  /** Relaxed SIMD: a product and a sum in one instruction, and rounded once where the processor has it so. */
  readonly relaxed?: boolean | undefined;
}

export class KernelFunction {
  readonly f: FunctionBuilder;
  readonly relaxed: boolean;
  readonly scratch: Local<'i32'>;
  readonly tileBegin: Local<'i32'>;
  readonly tileEnd: Local<'i32'>;

  constructor(f: FunctionBuilder, parameters: number, { relaxed = false }: Features = {}) {
    this.f = f;
    this.relaxed = relaxed;
    this.scratch = f.pointer(parameters);
    this.tileBegin = f.pointer(parameters + 1);
    this.tileEnd = f.pointer(parameters + 2);
  }

  parameter(index: number): Local<'i32'> {
    return this.f.pointer(index);
  }

  /** `body` for each of the call's tiles. */
  forEachTile(body: (tile: Local<'i32'>) => void): void {
    const tile = this.f.local('i32', this.tileBegin);
    this.f.whileBelow(tile, this.tileEnd, 1, () => body(tile));
  }

  /** sum + a * b. */
  multiplyAdd(a: V128, b: V128, sum: V128): V128 {
    return this.relaxed ? f32x4.relaxedMultiplyAdd(a, b, sum) : f32x4.add(sum, f32x4.multiply(a, b));
  }

  /** sum - a * b. */
  multiplySubtract(a: V128, b: V128, sum: V128): V128 {
    return this.relaxed
      ? f32x4.relaxedNegativeMultiplyAdd(a, b, sum)
      : f32x4.subtract(sum, f32x4.multiply(a, b));
  }

  /** The first of `units` equal shares that tile number `tile` of `tiles` begins with: floor(tile * units / tiles). */
  share(tile: I32, units: number, tiles: number): I32 {
    if (units === tiles) return tile;
    return i32.divideUnsigned(i32.multiply(tile, i32.constant(units)), i32.constant(tiles));
  }
}
