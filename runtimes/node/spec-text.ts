/**
 * Reading the text of a spec from a path that a stranger may have written: `extends: /dev/zero` must end, and a named pipe
 * must not be waited for.
 */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

/** What a spec of as many characters as the language allows can have at most, and some more: that limit says it better. */
export const MAXIMUM_SPEC_BYTES = 4_000_000;

/** The text of a regular file. Throws what readSpecBytes and textOfSpec throw. */
export const readSpecText = (path: string): string => textOfSpec(readSpecBytes(path));

/**
 * What a spec's bytes say. Throws an Error whose message says `it is ...` where they are no UTF-8: letters that are lost here
 * would be lost in the file that `fmt` writes.
 */
export function textOfSpec(bytes: Uint8Array): string {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
    throw new Error('it is UTF-16 text, and must be saved as UTF-8');
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Error('it is not UTF-8 text');
  }
}

/**
 * The content of a regular file. Throws what node throws where it cannot be opened, and an Error whose message says
 * `it is ...` where it is no regular file or too large.
 */
export function readSpecBytes(path: string): Uint8Array {
  // Without O_NONBLOCK the opening of a pipe waits for somebody to write into it.
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const status = fstatSync(file);
    if (status.isDirectory()) throw new Error('it is a folder');
    if (!status.isFile()) throw new Error('it is not a regular file');
    return read(file);
  } finally {
    closeSync(file);
  }
}

/** The size that the system states is not relied on: files below /proc have none. */
function read(file: number): Uint8Array {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const chunk = new Uint8Array(65_536);
    const count = readSync(file, chunk, 0, chunk.length, null);
    if (count === 0) return Buffer.concat(chunks);
    chunks.push(chunk.subarray(0, count));
    length += count;
    if (length > MAXIMUM_SPEC_BYTES) throw tooLarge();
  }
}

/** What is thrown of a spec that no spec can be. */
export const tooLarge = (): Error =>
  new Error(`it has more than ${MAXIMUM_SPEC_BYTES.toLocaleString('en-US')} bytes`);
