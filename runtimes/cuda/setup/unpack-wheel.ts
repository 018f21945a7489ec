/** The libraries and headers of a TensorFlow wheel, taken out of it without Python. */
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import * as yauzl from 'yauzl';
import { DiagnosticError } from '../../../spec/diagnostics/diagnostic.js';
import type { SetupContext } from './setup-context.js';
import { tensorflowIn, type TensorflowFiles } from './tensorflow-files.js';

/** Two libraries, the headers of TensorFlow's own (of ten thousand), and what tells version and CUDA. */
const WANTED =
  /^tensorflow\/(libtensorflow_(cc|framework)\.so\.2|include\/(tensorflow|tsl|xla)\/.*\.(h|inc)|python\/platform\/build_info\.py)$|^tensorflow[^/]*\.dist-info\/METADATA$/;

/**
 * Unpacks into a folder of the wheel's name below `into`, once. Throws DiagnosticError cuda/tensorflow-files, and the
 * signal's reason.
 */
export async function unpackWheel(
  wheel: string,
  into: string,
  { report, signal }: Pick<SetupContext, 'report' | 'signal'>,
): Promise<TensorflowFiles> {
  const folder = join(into, basename(wheel, '.whl'));
  const before = tensorflowIn(join(folder, 'tensorflow'));
  if (before !== undefined) return before;
  const partial = `${folder}.partial`;
  await rm(partial, { recursive: true, force: true });
  await rm(folder, { recursive: true, force: true });
  try {
    await extract(wheel, partial, { report, signal });
    if (tensorflowIn(join(partial, 'tensorflow')) === undefined) {
      throw unusable(
        wheel,
        'It has no `tensorflow/libtensorflow_cc.so.2`: it is a wheel of another package, or of another system.',
      );
    }
    await rename(partial, folder);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
  return tensorflowIn(join(folder, 'tensorflow'))!;
}

async function extract(
  wheel: string,
  into: string,
  { report, signal }: Pick<SetupContext, 'report' | 'signal'>,
): Promise<void> {
  let zip: yauzl.ZipFile;
  try {
    zip = await yauzl.openPromise(wheel, { autoClose: false });
  } catch (error) {
    throw unusable(wheel, `It cannot be read: ${clause(error)}.`);
  }
  try {
    const entries: yauzl.Entry[] = [];
    for await (const entry of zip.eachEntry()) if (WANTED.test(entry.fileName)) entries.push(entry);
    const total = entries.reduce((sum, { uncompressedSize }) => sum + uncompressedSize, 0);
    let done = 0;
    for (const entry of entries) {
      const path = join(into, entry.fileName);
      await mkdir(dirname(path), { recursive: true });
      const content = await zip.openReadStreamPromise(entry);
      content.on('data', (chunk: Buffer) => {
        done += chunk.length;
        report.progress(['Unpacking', `${megabytes(done)} of ${megabytes(total)} MB`]);
      });
      await pipeline(content, createWriteStream(path), { signal });
    }
  } catch (error) {
    signal.throwIfAborted();
    if ((error as NodeJS.ErrnoException).syscall !== undefined) throw error;
    throw unusable(wheel, `It is damaged: ${clause(error)}.`);
  } finally {
    zip.close();
  }
}

const clause = (error: unknown): string => (error as Error).message.replace(/\.$/, '');

const megabytes = (bytes: number): number => Math.round(bytes / 1e6);

const unusable = (wheel: string, note: string): DiagnosticError =>
  new DiagnosticError({
    code: 'cuda/tensorflow-files',
    severity: 'error',
    message: `\`${basename(wheel)}\` is no wheel of TensorFlow for Linux`,
    note,
    help: 'Fetch one with `pip download --no-deps tensorflow`, then name it: `began-compile setup cuda --tensorflow WHEEL`.',
  });
