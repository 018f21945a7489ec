/**
 * The safetensors format: the header's length as 64-bit little-endian, the header as JSON (padded with spaces to a
 * multiple of 8 bytes), the tensors row-major and little-endian without gaps. Readable by PyTorch's and NumPy's
 * safetensors packages. Source: https://github.com/huggingface/safetensors#format
 */
import type { Shape } from '../../compiler/graph/graph.js';

export type Tensor =
  | { readonly dtype: 'F32'; readonly shape: Shape; readonly data: Float32Array }
  | { readonly dtype: 'I32'; readonly shape: Shape; readonly data: Int32Array }
  /** As bits: see compiler/float16.ts. */
  | { readonly dtype: 'F16'; readonly shape: Shape; readonly data: Uint16Array };

export interface Safetensors {
  readonly metadata: ReadonlyMap<string, string>;
  readonly tensors: ReadonlyMap<string, Tensor>;
}

/** The bytes are not a safetensors file of F32, I32 and F16 tensors; the message says why. */
export class SafetensorsError extends Error {
  override readonly name = 'SafetensorsError';
}

/** As the format's own reader. */
const LONGEST_HEADER = 100_000_000;
const METADATA = '__metadata__';

const ELEMENT_BYTES: Readonly<Record<Tensor['dtype'], number>> = { F32: 4, I32: 4, F16: 2 };

interface HeaderEntry {
  readonly dtype: Tensor['dtype'];
  readonly shape: Shape;
  readonly data_offsets: readonly [start: number, end: number];
}

/** The file of `tensors`, in their order. */
export function encodeSafetensors({ metadata, tensors }: Safetensors): Uint8Array {
  const header: Record<string, unknown> = { [METADATA]: Object.fromEntries(metadata) };
  let end = 0;
  for (const [name, { dtype, shape, data }] of tensors) {
    const start = end;
    end += data.byteLength;
    header[name] = { dtype, shape, data_offsets: [start, end] } satisfies HeaderEntry;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const headerLength = Math.ceil(json.length / 8) * 8;
  const file = new Uint8Array(8 + headerLength + end);
  const view = new DataView(file.buffer);
  view.setBigUint64(0, BigInt(headerLength), true);
  file.fill(0x20, 8, 8 + headerLength);
  file.set(json, 8);
  let offset = 8 + headerLength;
  for (const { dtype, data } of tensors.values()) {
    for (let i = 0; i < data.length; i++, offset += ELEMENT_BYTES[dtype]) {
      if (dtype === 'F32') view.setFloat32(offset, data[i]!, true);
      else if (dtype === 'I32') view.setInt32(offset, data[i]!, true);
      else view.setUint16(offset, data[i]!, true);
    }
  }
  return file;
}

/** Reads a whole file. Throws SafetensorsError. */
export function decodeSafetensors(file: Uint8Array): Safetensors {
  if (file.length < 8) throw new SafetensorsError('it ends before its header');
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const headerLength = Number(view.getBigUint64(0, true));
  if (headerLength > LONGEST_HEADER) throw new SafetensorsError('it does not begin as a safetensors file');
  if (8 + headerLength > file.length) throw new SafetensorsError('it ends before its header');
  const header = parseHeader(file.subarray(8, 8 + headerLength));
  const dataStart = 8 + headerLength;

  const metadata = new Map<string, string>();
  const tensors = new Map<string, Tensor>();
  const entries: (readonly [string, HeaderEntry])[] = [];
  for (const [name, value] of header) {
    if (name === METADATA) {
      for (const [key, text] of entriesOf(value, METADATA)) {
        if (typeof text !== 'string') throw new SafetensorsError(`its metadata \`${key}\` is not a text`);
        metadata.set(key, text);
      }
    } else {
      entries.push([name, tensorEntry(name, value)]);
    }
  }
  // In the order of the file; JSON may hold them in another one.
  entries.sort(
    ([, a], [, b]) => a.data_offsets[0] - b.data_offsets[0] || a.data_offsets[1] - b.data_offsets[1],
  );
  let end = 0;
  for (const [name, { dtype, shape, data_offsets: offsets }] of entries) {
    const count = shape.reduce((product, size) => product * size, 1);
    if (offsets[0] !== end)
      throw new SafetensorsError(`its tensor \`${name}\` does not follow the one before it`);
    end = offsets[1];
    const bytes = count * ELEMENT_BYTES[dtype];
    if (end - offsets[0] !== bytes) {
      throw new SafetensorsError(`its tensor \`${name}\` has ${end - offsets[0]} bytes instead of ${bytes}`);
    }
    if (dataStart + end > file.length) throw new SafetensorsError(`it ends inside the tensor \`${name}\``);
    tensors.set(name, readTensor(view, dataStart + offsets[0], dtype, shape, count));
  }
  if (dataStart + end !== file.length) {
    throw new SafetensorsError(
      `it has ${file.length - dataStart} bytes of tensors, its header describes ${end}`,
    );
  }
  return { metadata, tensors };
}

function parseHeader(bytes: Uint8Array): readonly (readonly [string, unknown])[] {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new SafetensorsError('its header is not JSON');
  }
  return entriesOf(header, 'header');
}

function entriesOf(value: unknown, what: string): readonly (readonly [string, unknown])[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new SafetensorsError(`its ${what} is not a mapping`);
  }
  return Object.entries(value);
}

const isSize = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function tensorEntry(name: string, value: unknown): HeaderEntry {
  const entry = new Map(entriesOf(value, `entry \`${name}\``));
  const dtype = entry.get('dtype');
  const shape = entry.get('shape');
  const offsets = entry.get('data_offsets');
  if (dtype !== 'F32' && dtype !== 'I32' && dtype !== 'F16') {
    throw new SafetensorsError(`its tensor \`${name}\` is of type ${String(dtype)}, not F32, I32 or F16`);
  }
  const valid =
    Array.isArray(shape) &&
    shape.every(isSize) &&
    Array.isArray(offsets) &&
    offsets.length === 2 &&
    offsets.every(isSize) &&
    offsets[0]! <= offsets[1]!;
  if (!valid) throw new SafetensorsError(`its tensor \`${name}\` has no valid shape and offsets`);
  return { dtype, shape, data_offsets: offsets as unknown as HeaderEntry['data_offsets'] };
}

function readTensor(
  view: DataView,
  start: number,
  dtype: Tensor['dtype'],
  shape: Shape,
  count: number,
): Tensor {
  switch (dtype) {
    case 'F32': {
      const data = new Float32Array(count);
      for (let i = 0; i < count; i++) data[i] = view.getFloat32(start + 4 * i, true);
      return { dtype, shape, data };
    }
    case 'I32': {
      const data = new Int32Array(count);
      for (let i = 0; i < count; i++) data[i] = view.getInt32(start + 4 * i, true);
      return { dtype, shape, data };
    }
    case 'F16': {
      const data = new Uint16Array(count);
      for (let i = 0; i < count; i++) data[i] = view.getUint16(start + 2 * i, true);
      return { dtype, shape, data };
    }
    default:
      return dtype satisfies never;
  }
}
