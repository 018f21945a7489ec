/**
 * Every pointwise op in WGSL. The language leaves NaN and infinity to the machine, lets `tanh` overflow and gives `log`
 * near 1 an absolute error only, so what training relies on is written out: comparisons that know NaN, and functions
 * that are as exact near 0 as anywhere.
 */
import type { PointwiseOp } from '../plan/kernel.js';
import { f32 } from './wgsl.js';

/** A value of the shader: its expression, and the number where it is one everywhere. */
export interface Operand {
  readonly text: string;
  readonly constant?: number | undefined;
}

type Lowering = (operands: readonly Operand[]) => string;

const unary =
  (write: (x: string) => string): Lowering =>
  ([x]) =>
    write(x!.text);
const binary =
  (write: (x: string, z: string) => string): Lowering =>
  ([x, z]) =>
    write(x!.text, z!.text);
/** A comparison as the graph has it: 1 or 0. */
const mask = (write: (x: string, z: string) => string): Lowering =>
  binary((x, z) => `select(0.0f, 1.0f, ${write(x, z)})`);

export const POINTWISE: Readonly<Record<PointwiseOp, Lowering>> = {
  neg: unary((x) => `-${x}`),
  abs: unary((x) => `abs(${x})`),
  sign: unary((x) => `select(sign(${x}), ${x}, is_nan(${x}))`),
  exp: unary((x) => `exp(${x})`),
  log: unary((x) => `logarithm(${x})`),
  sqrt: unary((x) => `sqrt(${x})`),
  tanh: unary((x) => `hyperbolic_tangent(${x})`),
  sigmoid: unary((x) => `sigmoid(${x})`),
  softplus: unary((x) => `softplus(${x})`),
  elu: unary((x) => `elu(${x})`),
  floor: unary((x) => `floor(${x})`),
  add: binary((x, z) => `${x} + ${z}`),
  // Drivers that take every number for finite make 0 of x - x, which is how a step is found not to be.
  sub: binary((x, z) => (x === z ? `zero_if_finite(${x})` : `${x} - ${z}`)),
  mul: binary((x, z) => `${x} * ${z}`),
  div: binary((x, z) => `${x} / ${z}`),
  pow: ([x, z]) => powerOfConstant(x!.text, z!.constant) ?? `power(${x!.text}, ${z!.text})`,
  maximum: binary((x, z) => `maximum(${x}, ${z})`),
  minimum: binary((x, z) => `minimum(${x}, ${z})`),
  greater: mask((x, z) => `${x} > ${z} && !is_nan(${x}) && !is_nan(${z})`),
  greater_equal: mask((x, z) => `${x} >= ${z} && !is_nan(${x}) && !is_nan(${z})`),
  equal: mask((x, z) => `${x} == ${z} && !is_nan(${x})`),
  select: ([condition, x, z]) => `select(${z!.text}, ${x!.text}, ${condition!.text} != 0.0f)`,
};

/** Without logarithms where school knows a way. */
function powerOfConstant(x: string, exponent: number | undefined): string | undefined {
  switch (exponent) {
    case 1:
      return x;
    case 2:
      return `${x} * ${x}`;
    case 3:
      return `${x} * ${x} * ${x}`;
    case -1:
      return `1.0f / ${x}`;
    case -2:
      return `1.0f / (${x} * ${x})`;
    case 0.5:
      return `sqrt(${x})`;
    case -0.5:
      return `1.0f / sqrt(${x})`;
    default:
      return undefined;
  }
}

/** Functions by name, each with those that it calls. */
const FUNCTIONS: Readonly<Record<string, { readonly calls: readonly string[]; readonly text: string }>> = {
  zero_if_finite: {
    calls: [],
    text: `fn zero_if_finite(x: f32) -> f32 {
  let bits = bitcast<u32>(x);
  return select(0.0f, bitcast<f32>(bits | 0x00400000u), (bits & 0x7f800000u) == 0x7f800000u);
}`,
  },
  is_nan: {
    calls: [],
    text: `fn is_nan(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u; }`,
  },
  maximum: {
    calls: ['is_nan'],
    text: `fn maximum(x: f32, z: f32) -> f32 { return select(max(x, z), x + z, is_nan(x) || is_nan(z)); }`,
  },
  minimum: {
    calls: ['is_nan'],
    text: `fn minimum(x: f32, z: f32) -> f32 { return select(min(x, z), x + z, is_nan(x) || is_nan(z)); }`,
  },
  // log(1 + e) for e in [0, 1], by the series of the inverse hyperbolic tangent.
  log_of_one_plus: {
    calls: [],
    text: `fn log_of_one_plus(e: f32) -> f32 {
  let s = e / (2.0f + e);
  let q = s * s;
  return 2.0f * s * (1.0f + q * (${f32(1 / 3)} + q * (${f32(1 / 5)} + q * (${f32(1 / 7)} + q * (${f32(1 / 9)} +
    q * (${f32(1 / 11)} + q * (${f32(1 / 13)} + q * ${f32(1 / 15)})))))));
}`,
  },
  // x = m 2^e with m in [1/sqrt(2), sqrt(2)).
  logarithm: {
    calls: ['is_nan'],
    text: `fn logarithm(x: f32) -> f32 {
  let tiny = x < 1.17549435e-38f;
  let bits = bitcast<u32>(select(x, x * 16777216.0f, tiny));
  let shifted = bits - 0x3f3504f3u;
  let e = f32(i32(shifted) >> 23u) - select(0.0f, 24.0f, tiny);
  let m = bitcast<f32>((shifted & 0x007fffffu) + 0x3f3504f3u);
  let s = (m - 1.0f) / (m + 1.0f);
  let q = s * s;
  let series = 2.0f * s * (1.0f + q * (${f32(1 / 3)} + q * (${f32(1 / 5)} + q * (${f32(1 / 7)} + q * ${f32(1 / 9)}))));
  let y = e * 0.693145752f + (e * 1.42860677e-6f + series);
  if (is_nan(x) || x < 0.0f) { return ${f32(NaN)}; }
  if (x == 0.0f) { return ${f32(-Infinity)}; }
  return select(y, x, bits >= 0x7f800000u);
}`,
  },
  hyperbolic_tangent: {
    calls: [],
    text: `fn hyperbolic_tangent(x: f32) -> f32 {
  let a = abs(x);
  let e = exp(-2.0f * a);
  let q = a * a;
  let near = a * (1.0f + q * (${f32(-1 / 3)} + q * (${f32(2 / 15)} + q * (${f32(-17 / 315)} + q * ${f32(62 / 2835)}))));
  let y = select((1.0f - e) / (1.0f + e), near, a < 0.25f);
  return select(y, -y, x < 0.0f);
}`,
  },
  sigmoid: {
    calls: [],
    text: `fn sigmoid(x: f32) -> f32 {
  let e = exp(-abs(x));
  return select(e, 1.0f, x >= 0.0f) / (1.0f + e);
}`,
  },
  softplus: {
    calls: ['log_of_one_plus', 'maximum'],
    text: `fn softplus(x: f32) -> f32 { return maximum(x, 0.0f) + log_of_one_plus(exp(-abs(x))); }`,
  },
  // exp(x) - 1 at and below 0.
  elu: {
    calls: [],
    text: `fn elu(x: f32) -> f32 {
  let near = x * (1.0f + x * (${f32(1 / 2)} + x * (${f32(1 / 6)} + x * (${f32(1 / 24)} + x * (${f32(1 / 120)} +
    x * (${f32(1 / 720)} + x * ${f32(1 / 5040)}))))));
  return select(select(exp(x) - 1.0f, near, x > -0.25f), x, x > 0.0f);
}`,
  },
  power: {
    calls: ['is_nan', 'logarithm'],
    text: `fn power(x: f32, z: f32) -> f32 {
  if (z == 0.0f) { return 1.0f; }
  if (is_nan(x) || is_nan(z)) { return x + z; }
  let whole = floor(z) == z;
  let odd = whole && abs(z) < 16777216.0f && (i32(z) & 1) != 0;
  if (x == 0.0f) {
    let size = select(0.0f, ${f32(Infinity)}, z < 0.0f);
    return select(size, bitcast<f32>(bitcast<u32>(size) | (bitcast<u32>(x) & 0x80000000u)), odd);
  }
  let size = exp(z * logarithm(abs(x)));
  if (x > 0.0f) { return size; }
  if (!whole) { return ${f32(NaN)}; }
  return select(size, -size, odd);
}`,
  },
};

/** The functions that a shader's text calls, each after those that it calls itself. */
export function functionsFor(text: string): readonly string[] {
  const needed = new Set<string>();
  const need = (name: string): void => {
    if (needed.has(name)) return;
    for (const called of FUNCTIONS[name]!.calls) need(called);
    needed.add(name);
  };
  for (const name of Object.keys(FUNCTIONS)) if (text.includes(`${name}(`)) need(name);
  return [...needed].map((name) => FUNCTIONS[name]!.text);
}
