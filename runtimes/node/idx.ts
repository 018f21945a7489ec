/**
 * The IDX format of MNIST: two zero bytes, the element type, the number of axes, each axis as 32 bits big-endian, then
 * the elements in row-major order. Source: Y. LeCun, C. Cortes and C. Burges, "The MNIST database".
 */
import { gunzipSync } from 'node:zlib';

/** The bytes are not IDX; the message says why, without the file's name. */
export class IdxError extends Error {
  override readonly name = 'IdxError';
}

export interface IdxArray {
  readonly shape: readonly number[];
  readonly values: Uint8Array;
}

const UNSIGNED_BYTE = 0x08;

/** An array of unsigned bytes of `axes` axes; gzipped bytes are unpacked first. Throws IdxError. */
export function readIdx(bytes: Uint8Array, axes: number): IdxArray {
  const content = bytes[0] === 0x1f && bytes[1] === 0x8b ? unpack(bytes) : bytes;
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  if (content.length < 4 || view.getUint16(0) !== 0)
    throw new IdxError('it does not begin as an IDX file does');
  if (content[2] !== UNSIGNED_BYTE) {
    throw new IdxError(
      `its elements are of type 0x${content[2]!.toString(16).padStart(2, '0')}, not bytes (0x08)`,
    );
  }
  if (content[3] !== axes) throw new IdxError(`it has ${content[3]} axes, not ${axes}`);
  const start = 4 + 4 * axes;
  if (content.length < start) throw new IdxError('it ends within its header');
  const shape = Array.from({ length: axes }, (_, axis) => view.getUint32(4 + 4 * axis));
  const size = shape.reduce((product, length) => product * length, 1);
  if (content.length !== start + size) {
    throw new IdxError(`it has ${content.length - start} elements, and ${shape.join(' x ')} are ${size}`);
  }
  return { shape, values: new Uint8Array(content.buffer, content.byteOffset + start, size) };
}

function unpack(bytes: Uint8Array): Uint8Array {
  try {
    return gunzipSync(bytes);
  } catch (error) {
    throw new IdxError(`it is gzipped and cannot be unpacked: ${(error as Error).message}`);
  }
}
