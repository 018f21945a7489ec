/** Arrays as NumPy's `.npy` files, format 1.0. Source: numpy.lib.format. */

type NpyArray = Uint8Array | Uint16Array | Uint32Array | Float32Array;

/** The file of an array of a shape, row-major and little-endian. */
export function encodeNpy(array: NpyArray, shape: readonly number[]): Uint8Array {
  const type = typeOf(array);
  const sizes = shape.length === 1 ? `${shape[0]!},` : shape.join(', ');
  const header = `{'descr': '${type}', 'fortran_order': False, 'shape': (${sizes}), }`;
  // The data starts at a multiple of 64 bytes; the header ends with a new line.
  const length = Math.ceil((10 + header.length + 1) / 64) * 64;
  const file = new Uint8Array(length + array.byteLength);
  const view = new DataView(file.buffer);
  file.set([0x93, ...new TextEncoder().encode('NUMPY'), 1, 0]);
  view.setUint16(8, length - 10, true);
  file.set(new TextEncoder().encode(`${header.padEnd(length - 11)}\n`), 10);
  array.forEach((value, i) => writeNumber(view, type, length + i * array.BYTES_PER_ELEMENT, value));
  return file;
}

type NpyType = '|u1' | '<u2' | '<u4' | '<f4';

function typeOf(array: NpyArray): NpyType {
  if (array instanceof Uint8Array) return '|u1';
  if (array instanceof Uint16Array) return '<u2';
  return array instanceof Uint32Array ? '<u4' : '<f4';
}

function writeNumber(view: DataView, kind: NpyType, at: number, value: number): void {
  switch (kind) {
    case '|u1':
      return view.setUint8(at, value);
    case '<u2':
      return view.setUint16(at, value, true);
    case '<u4':
      return view.setUint32(at, value, true);
    case '<f4':
      return view.setFloat32(at, value, true);
    default:
      kind satisfies never;
  }
}
