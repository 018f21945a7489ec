/**
 * The transforms of Winograd's F(4x4, 3x3) along one axis, by Cook and Toom's construction at the points 0, +-sqrt(1/2),
 * +-sqrt(2) and infinity. Of pairs +-a, +-b these have the least error (8e-7 of the result on 64 channels, half that of
 * 0, +-1, +-2), and since (a b)^2 = 1 most factors are 1, 2 or 1/2. A pair shares all but a sign.
 */
import { f32x4 } from './assembler/expression.js';
import type { V128 } from './assembler/expression.js';
import type { Local } from './assembler/function-builder.js';
import type { KernelFunction } from './kernel-function.js';

type Vector = Local<'v128'>;

/** What it makes of the numbers along an axis. */
export type Transform = (values: readonly Vector[]) => readonly Vector[];

const A = Math.SQRT1_2;
const B = Math.SQRT2;

export class WinogradTransforms {
  readonly #k: KernelFunction;
  readonly #constants = new Map<number, Vector>();

  /** Made at the beginning of a kernel: constants are set there. */
  constructor(k: KernelFunction) {
    this.#k = k;
    for (const value of [0, A, B, 0.5, 2, 2.5, A / 2, 2 * B, 2 / 3, 1 / 3, 1 / 6, (2 * A) / 3, B / 6])
      this.#constants.set(value, k.f.local('v128', f32x4.constant(value)));
  }

  /** Sources of a window: 6 to 6. */
  readonly source: Transform = ([d0, d1, d2, d3, d4, d5]) => [
    this.#minus(this.#sum(d0!, d4!), 2.5, d2!),
    ...this.#pair(this.#minus(d4!, 2, d2!), A, this.#minus(d3!, 2, d1!)),
    ...this.#pair(this.#minus(d4!, 0.5, d2!), B, this.#minus(d3!, 0.5, d1!)),
    this.#minus(this.#sum(d1!, d5!), 2.5, d3!),
  ];

  /** Products to outputs: 6 to 4. */
  readonly outputs: Transform = ([m0, m1, m2, m3, m4, m5]) => {
    const [even1, odd1] = [this.#sum(m1!, m2!), this.#difference(m1!, m2!)];
    const [even2, odd2] = [this.#sum(m3!, m4!), this.#difference(m3!, m4!)];
    return [
      this.#sum(this.#sum(m0!, even1), even2),
      this.#plus(this.#times(A, odd1), B, odd2),
      this.#plus(this.#times(0.5, even1), 2, even2),
      this.#plus(this.#plus(m5!, A / 2, odd1), 2 * B, odd2),
    ];
  };

  /** Cotangents of outputs, the transpose of `outputs`: 4 to 6. */
  readonly cotangents: Transform = ([y0, y1, y2, y3]) => [
    y0!,
    ...this.#pair(this.#plus(y0!, 0.5, y2!), A, this.#plus(y1!, 0.5, y3!)),
    ...this.#pair(this.#plus(y0!, 2, y2!), B, this.#plus(y1!, 2, y3!)),
    y3!,
  ];

  /** Weights: 3 to 6. */
  readonly weights: Transform = ([g0, g1, g2]) => {
    const [minus, plus] = this.#pair(this.#times(2 / 3, this.#plus(g0!, 0.5, g2!)), (2 * A) / 3, g1!);
    const negative = (value: Vector): Vector => this.#local(f32x4.negate(value));
    return [
      g0!,
      negative(minus!),
      negative(plus!),
      ...this.#pair(this.#times(1 / 6, this.#plus(g0!, 2, g2!)), B / 6, g1!),
      g2!,
    ];
  };

  /** Sums of products to a filter's gradient, the transpose of `weights`: 6 to 3. */
  readonly weightSums: Transform = ([s0, s1, s2, s3, s4, s5]) => {
    const [even1, odd1] = [this.#sum(s1!, s2!), this.#difference(s1!, s2!)];
    const [even2, odd2] = [this.#sum(s3!, s4!), this.#difference(s3!, s4!)];
    return [
      this.#plus(this.#minus(s0!, 2 / 3, even1), 1 / 6, even2),
      this.#minus(this.#times(B / 6, odd2), (2 * A) / 3, odd1),
      this.#plus(this.#minus(s5!, 1 / 3, even1), 1 / 3, even2),
    ];
  };

  /**
   * A transform along columns and then along rows. `at` gives the number at (row, column), undefined where a column is
   * known to be 0 all along. Gives the results by row.
   */
  square(
    size: number,
    at: (row: number, column: number) => V128 | undefined,
    transform: Transform,
  ): readonly (readonly Vector[])[] {
    const zero = this.#constants.get(0)!;
    const columns = Array.from({ length: size }, (_, column) => {
      const values = Array.from({ length: size }, (_, row) => at(row, column));
      if (values.some((value) => value === undefined)) return undefined;
      return transform(values.map((value) => this.#local(value!)));
    });
    const rows = columns.find((column) => column !== undefined)?.length ?? 0;
    return Array.from({ length: rows }, (_, row) =>
      transform(columns.map((column) => column?.[row] ?? zero)),
    );
  }

  /** [x + c y, x - c y]. */
  #pair(x: Vector, c: number, y: Vector): readonly Vector[] {
    if (this.#k.relaxed) return [this.#plus(x, c, y), this.#minus(x, c, y)];
    const product = this.#times(c, y);
    return [this.#sum(x, product), this.#difference(x, product)];
  }

  #plus(x: Vector, c: number, y: Vector): Vector {
    return this.#local(this.#k.multiplyAdd(this.#constant(c), y, x));
  }

  #minus(x: Vector, c: number, y: Vector): Vector {
    return this.#local(this.#k.multiplySubtract(this.#constant(c), y, x));
  }

  #times(c: number, x: Vector): Vector {
    return this.#local(f32x4.multiply(this.#constant(c), x));
  }

  #sum(x: Vector, y: Vector): Vector {
    return this.#local(f32x4.add(x, y));
  }

  #difference(x: Vector, y: Vector): Vector {
    return this.#local(f32x4.subtract(x, y));
  }

  #constant(value: number): Vector {
    return this.#constants.get(value)!;
  }

  #local(value: V128): Vector {
    return this.#k.f.local('v128', value);
  }
}
