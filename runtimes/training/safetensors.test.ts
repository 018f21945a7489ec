import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeSafetensors, encodeSafetensors, SafetensorsError } from './safetensors.js';
import type { Tensor } from './safetensors.js';

const ascii = (text: string) => [...new TextEncoder().encode(text)];
const file = (header: string, data: readonly number[] = []) =>
  new Uint8Array([header.length, 0, 0, 0, 0, 0, 0, 0, ...ascii(header), ...data]);

// Written by the safetensors package for Python (save of {"a": float32 [[1, -2]], "n": int32 [7]}, metadata {"k": "v"}),
// whose header is compact JSON padded with spaces.
const HEADER =
  '{"__metadata__":{"k":"v"},"a":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},"n":{"dtype":"I32","shape":[1],"data_offsets":[8,12]}}';
const KNOWN = file(
  HEADER.padEnd(Math.ceil(HEADER.length / 8) * 8),
  [0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0, 7, 0, 0, 0],
);

describe('safetensors', () => {
  const content = {
    metadata: new Map([['k', 'v']]),
    tensors: new Map<string, Tensor>([
      ['a', { dtype: 'F32', shape: [1, 2], data: Float32Array.of(1, -2) }],
      ['n', { dtype: 'I32', shape: [1], data: Int32Array.of(7) }],
    ]),
  };

  it('are written as the format says, byte by byte', () => {
    expect(encodeSafetensors(content)).toEqual(KNOWN);
  });

  it('are read back', () => {
    expect(decodeSafetensors(KNOWN)).toEqual(content);
  });

  it('keep 16-bit numbers as two bytes each', () => {
    const half: Tensor = { dtype: 'F16', shape: [3], data: Uint16Array.of(0x3c00, 0xc000, 0x7e00) };
    const written = encodeSafetensors({ metadata: new Map(), tensors: new Map([['h', half]]) });
    expect([...written.subarray(-6)]).toEqual([0, 0x3c, 0, 0xc0, 0, 0x7e]);
    expect(decodeSafetensors(written).tensors.get('h')).toEqual(half);
  });

  it('are read from the middle of a buffer, at any alignment', () => {
    const larger = new Uint8Array(KNOWN.length + 3);
    larger.set(KNOWN, 3);
    expect(decodeSafetensors(larger.subarray(3))).toEqual(content);
  });

  it('keep every name, shape and bit, NaN and -0 included', () => {
    const tensor = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 }).chain((shape) =>
      fc
        .float32Array({
          minLength: shape.reduce((a, b) => a * b, 1),
          maxLength: shape.reduce((a, b) => a * b, 1),
        })
        .map((data): Tensor => ({ dtype: 'F32', shape, data })),
    );
    const name = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !text.startsWith('__'));
    fc.assert(
      fc.property(fc.dictionary(name, tensor), fc.dictionary(name, fc.string()), (tensors, metadata) => {
        const decoded = decodeSafetensors(
          encodeSafetensors({
            metadata: new Map(Object.entries(metadata)),
            tensors: new Map(Object.entries(tensors)),
          }),
        );
        expect(decoded.tensors).toEqual(new Map(Object.entries(tensors)));
        expect(decoded.metadata).toEqual(new Map(Object.entries(metadata)));
      }),
      { seed: 1, numRuns: 100 },
    );
  });

  it('never fail with anything but a SafetensorsError, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.nat(KNOWN.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const bytes = KNOWN.slice();
        bytes[at]! ^= flip;
        try {
          decodeSafetensors(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(SafetensorsError);
        }
      }),
      { seed: 2, numRuns: 500 },
    );
  });

  it.each([
    ['{"a":3}', [], 'its entry `a` is not a mapping'],
    ['[]', [], 'its header is not a mapping'],
    ['{"__metadata__":{"k":1}}', [], 'its metadata `k` is not a text'],
    [
      '{"a":{"dtype":"BF16","shape":[1],"data_offsets":[0,2]}}',
      [0, 0],
      'its tensor `a` is of type BF16, not F32, I32 or F16',
    ],
    [
      '{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}',
      [0, 0, 0, 0],
      'its tensor `a` has no valid shape and offsets',
    ],
    [
      '{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}',
      [0, 0, 0, 0],
      'its tensor `a` has no valid shape and offsets',
    ],
    [
      '{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}',
      [0, 0, 0, 0],
      'its tensor `a` has 4 bytes instead of 8',
    ],
    [
      '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
      [0, 0, 0, 0, 0, 0, 0, 0],
      'its tensor `b` does not follow the one before it',
    ],
    ['{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', [0, 0], 'it ends inside the tensor `a`'],
  ])('refuse %s', (header, data, message) => {
    expect(() => decodeSafetensors(file(header, data))).toThrow(new SafetensorsError(message));
  });
});
