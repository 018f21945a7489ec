/** Small pieces of WGSL text. */

/** A whole number as u32; what is below 0 wraps round, as sums of u32 do. */
export const u32 = (value: number): string => `${value >>> 0}u`;

/** A float32, exactly. What no literal can say is put together from its bits, with a zero the compiler cannot fold. */
export function f32(value: number): string {
  const rounded = Math.fround(value);
  if (!Number.isFinite(rounded)) return `bitcast<f32>(0x${bitsOf(rounded).toString(16)}u | zero)`;
  const digits = Object.is(rounded, -0) ? '-0.0' : String(rounded);
  return /[.e]/.test(digits) ? `${digits}f` : `${digits}.0f`;
}

function bitsOf(value: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, value);
  return view.getUint32(0);
}

/** The sum of index times stride; strides of 0 and 1 say nothing. */
export function offset(indices: readonly string[], strides: readonly number[]): string {
  const terms = strides.flatMap((stride, i) =>
    stride === 0 ? [] : [stride === 1 ? indices[i]! : `${indices[i]!} * ${u32(stride)}`],
  );
  return terms.length === 0 ? '0u' : terms.join(' + ');
}

/** `let` statements that take a linear index apart, the last size moving fastest. */
export function unravel(linear: string, sizes: readonly number[], names: readonly string[]): string[] {
  const lines: string[] = [];
  let rest = linear;
  for (let i = sizes.length - 1; i >= 0; i--) {
    if (i === 0) lines.push(`let ${names[0]!} = ${rest};`);
    else if (sizes[i] === 1) lines.push(`let ${names[i]!} = 0u;`);
    else {
      lines.push(`let ${names[i]!} = ${rest} % ${u32(sizes[i]!)};`);
      const next = `${names[i]!}_outer`;
      lines.push(`let ${next} = ${rest} / ${u32(sizes[i]!)};`);
      rest = next;
    }
  }
  return lines;
}

/** Nested loops round `body`, the first size outermost. */
export function loops(
  sizes: readonly number[],
  names: readonly string[],
  body: readonly string[],
): readonly string[] {
  return sizes.reduceRight<readonly string[]>(
    (inner, size, i) =>
      size === 1
        ? [`{ let ${names[i]!} = 0u;`, ...inner, '}']
        : [`for (var ${names[i]!} = 0u; ${names[i]!} < ${u32(size)}; ${names[i]!}++) {`, ...inner, '}'],
    body,
  );
}

/** Indents by the braces, for people who read shaders. */
export function indented(lines: readonly string[]): string {
  let depth = 0;
  const out: string[] = [];
  for (const line of lines.flatMap((text) => text.split('\n'))) {
    const text = line.trim();
    const closing = /^[})]+/.exec(text)?.[0].length ?? 0;
    const own = depth - closing;
    depth += [...text].filter((c) => c === '{').length - [...text].filter((c) => c === '}').length;
    out.push(text === '' ? '' : '  '.repeat(Math.max(0, own)) + text);
  }
  return out.join('\n');
}
