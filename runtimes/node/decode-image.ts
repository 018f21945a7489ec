/** PNG and JPEG bytes to RGBA. EXIF orientation is not applied: a photo that was turned by its tag stays as stored. */
import jpeg from 'jpeg-js';
import { PNG } from 'pngjs';

export interface RgbaImage {
  readonly width: number;
  readonly height: number;
  /** Height x width x 4. */
  readonly data: Uint8Array;
}

/** The bytes are not a whole PNG or JPEG; the message says why, without the file's name. */
export class ImageDecodeError extends Error {
  override readonly name = 'ImageDecodeError';
}

const startsWith = (bytes: Uint8Array, signature: readonly number[]) =>
  signature.every((byte, i) => bytes[i] === byte);

/** What the decoders say about files that were cut off. */
const CUT_OFF = /read requests wai?tn?g? on finished stream|marker was not found|unexpected end/i;

/**
 * By the file's first bytes, not its name. Grey, palette and 16-bit PNGs become 8-bit RGBA. Throws ImageDecodeError.
 */
export function decodeImage(bytes: Uint8Array): RgbaImage {
  if (bytes.length === 0) throw new ImageDecodeError('the file is empty');
  if (startsWith(bytes, [0x89, 0x50, 0x4e, 0x47])) {
    return decodeWith('PNG', () =>
      PNG.sync.read(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)),
    );
  }
  if (startsWith(bytes, [0xff, 0xd8])) {
    return decodeWith('JPEG', () =>
      jpeg.decode(bytes, { useTArray: true, tolerantDecoding: false, maxMemoryUsageInMB: 2048 }),
    );
  }
  throw new ImageDecodeError('it is neither a PNG nor a JPEG');
}

function decodeWith(format: string, decode: () => RgbaImage): RgbaImage {
  try {
    return decode();
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    throw new ImageDecodeError(
      CUT_OFF.test(said) ? `the ${format} ends too early` : `not a valid ${format}: ${said}`,
    );
  }
}
