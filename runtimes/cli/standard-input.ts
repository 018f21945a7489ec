/** A spec that comes through a pipe: `-` among the paths. */
import { MAXIMUM_SPEC_BYTES, textOfSpec, tooLarge } from '../node/spec-text.js';
import { specOf, unreadable, type SpecFile } from './spec-file.js';

/** What stands for standard input on the command line. */
export const STANDARD_INPUT = '-';

/** What a spec from standard input is called in findings. */
export const STANDARD_INPUT_NAME = '<stdin>';

/** The spec on standard input; paths in it are relative to the working folder. Throws DiagnosticError run/file. */
export async function readStandardInput(
  stream: AsyncIterable<Uint8Array>,
  workingFolder: string,
): Promise<SpecFile> {
  return specOf({ name: STANDARD_INPUT_NAME, text: await textOf(stream) }, workingFolder);
}

async function textOf(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of stream) {
      chunks.push(chunk);
      length += chunk.length;
      if (length > MAXIMUM_SPEC_BYTES) throw tooLarge();
    }
    return textOfSpec(Buffer.concat(chunks));
  } catch (error) {
    throw unreadable('spec', STANDARD_INPUT_NAME, error);
  }
}
