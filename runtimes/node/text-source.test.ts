import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { DiagnosticError } from '../../spec/diagnostics/diagnostic.js';
import { renderDiagnostics } from '../../spec/diagnostics/render.js';
import { DataStream } from '../training/data-stream.js';
import { selectExamples } from '../training/select-examples.js';
import type { PackedText } from '../training/example-source.js';
import { TextSource, type TextOptions } from './text-source.js';

const LETTERS = [...'abcdefghijklmnopqrstuvwxyz'];

async function source(content: string | Uint8Array, options: Partial<TextOptions> = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'began-compile-text-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'lines.txt');
  await writeFile(path, content);
  return {
    path,
    load: () => new TextSource({ path, length: 4, alphabet: LETTERS, by: 'lines', ...options }).load(),
  };
}

/** The examples as text, `_` for padding. */
function read({ count, length, alphabet, symbols }: PackedText): readonly string[] {
  return Array.from({ length: count }, (_, line) =>
    [...symbols.subarray(line * length, (line + 1) * length)]
      .map((symbol) => (symbol === 0 ? '_' : alphabet[symbol - 1]!))
      .join(''),
  );
}

async function refusal(loading: Promise<unknown>, path: string): Promise<string> {
  const error = await loading.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof DiagnosticError)) throw new TypeError('expected a refusal');
  return renderDiagnostics(error.diagnostics).replaceAll(path, 'lines.txt');
}

describe('lines of a file', () => {
  it('are padded to the length, whatever ends them, without empty ones', async () => {
    const { load } = await source('\ufeffabcd\r\nxy\n\nz');
    const { examples, diagnostics } = await load();
    expect(read(examples)).toEqual(['abcd', 'xy__', 'z___']);
    expect(diagnostics).toEqual([]);
  });

  it('count composed characters and those beyond 16 bits as one symbol', async () => {
    const { load } = await source('e\u0301😀\n', { alphabet: ['é', '😀'] });
    expect(read((await load()).examples)).toEqual(['é😀__']);
  });

  it('that do not fit are left out, and the user is told which and why', async () => {
    const { path, load } = await source('abc\nabcde\nabcdefg\nABC\na-b!\nxyz\n');
    const { examples, diagnostics } = await load();
    expect(read(examples)).toEqual(['abc_', 'xyz_']);
    expect(renderDiagnostics(diagnostics).replaceAll(path, 'lines.txt')).toMatchInlineSnapshot(`
      "warning[data/format] 2 lines of \`lines.txt\` are longer than 4 and left out; the first is line 2
      help: The longest has 7 characters: raise \`length\`, or write \`by: windows\`.

      warning[data/format] 2 lines of \`lines.txt\` have characters outside the alphabet and are left out; the first is line 4
      help: Add them to \`alphabet\` if they are meant: \`A\` \`B\` \`C\` \`-\` \`!\`."
    `);
  });

  it('give one-hot vectors of shape 1 x length x symbols, padding first', async () => {
    const { load } = await source('ba\n', { length: 3, alphabet: ['a', 'b'] });
    const stream = new DataStream({ name: 'x', examples: (await load()).examples, seed: 1 });
    expect(stream.shape).toEqual([1, 3, 3]);
    // prettier-ignore
    expect([...stream.examples([0])]).toEqual([
      0, 0, 1,
      0, 1, 0,
      1, 0, 0,
    ]);
  });

  it('are parted into train and test, and train remembers what it leaves out', async () => {
    const lines = Array.from({ length: 26 }, (_, i) => LETTERS[i]!);
    const { load } = await source(lines.join('\n'), { length: 1 });
    const { examples } = await load();
    const part = (split: 'train' | 'test') =>
      selectExamples(examples, { split, heldOut: 0.25 }) as PackedText;
    const train = part('train');
    const test = part('test');
    expect([train.count, test.count]).toEqual([19, 7]);
    expect([...read(train), ...read(test)].sort()).toEqual(lines);
    expect(train.heldOut).toEqual(test.symbols);
    expect(test.heldOut).toBeUndefined();
  });
});

describe('windows of a text', () => {
  it('run over the ends of lines as over spaces, do not overlap, and leave a short rest out', async () => {
    const { load } = await source('ab\r\n\r\n cd\tef gh\n', { by: 'windows', alphabet: [...LETTERS, ' '] });
    expect(read((await load()).examples)).toEqual(['ab c', 'd ef']);
  });

  it('with a character outside the alphabet are left out', async () => {
    const { path, load } = await source('abCdabcd', { by: 'windows' });
    const { examples, diagnostics } = await load();
    expect(read(examples)).toEqual(['abcd']);
    expect(renderDiagnostics(diagnostics).replaceAll(path, 'lines.txt')).toMatchInlineSnapshot(`
      "warning[data/format] 1 window of \`lines.txt\` has characters outside the alphabet and is left out; the first is characters 1 to 4
      help: Add them to \`alphabet\` if they are meant: \`C\`."
    `);
  });
});

describe('a text that cannot be used is refused', () => {
  it('where there is no such file', async () => {
    const loading = new TextSource({
      path: '/nowhere/a.txt',
      length: 4,
      alphabet: LETTERS,
      by: 'lines',
    }).load();
    expect(await refusal(loading, '/nowhere/a.txt')).toMatchInlineSnapshot(`
      "error[data/not-found] There is no file \`lines.txt\`
      help: Correct the path, which is relative to the spec."
    `);
  });

  it('where it is not UTF-8', async () => {
    const { path, load } = await source(Uint8Array.of(0x61, 0x0a, 0xe9, 0x0a));
    expect(await refusal(load(), path)).toMatchInlineSnapshot(`
      "error[data/format] \`lines.txt\` is not UTF-8 text: line 2 cannot be decoded
      help: Save the file as UTF-8."
    `);
  });

  it('where it is empty', async () => {
    const { path, load } = await source('\n\n');
    expect(await refusal(load(), path)).toMatchInlineSnapshot(`
      "error[data/too-few] \`lines.txt\` gives no line
      help: Name a file with text in it."
    `);
  });

  it('where nothing of it fits', async () => {
    const { path, load } = await source('HELLO\nhello\nH!\n');
    expect(await refusal(load(), path)).toMatchInlineSnapshot(`
      "error[data/too-few] \`lines.txt\` gives no line
      why: 2 lines of \`lines.txt\` are longer than 4 and left out; the first is line 1. 1 line of \`lines.txt\` has characters outside the alphabet and is left out; the first is line 3.
      help: Change \`length\` or \`alphabet\`."
    `);
  });

  it('where it is shorter than a window', async () => {
    const { path, load } = await source('abc', { by: 'windows' });
    expect(await refusal(load(), path)).toMatchInlineSnapshot(`
      "error[data/too-few] \`lines.txt\` gives no window of 4 characters
      help: Name a file with more text in it."
    `);
  });
});
