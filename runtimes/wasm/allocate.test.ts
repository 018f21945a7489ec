import { expect, test } from 'vitest';
import { DiagnosticError } from '../../spec/diagnostics/diagnostic.js';
import { programOf, stage } from '../../test/oracles/stage.js';
import { pagesFor } from './allocate.js';
import { WasmEngine } from './engine.js';

const said = async (act: () => unknown): Promise<readonly unknown[]> => {
  try {
    await act();
  } catch (error) {
    if (error instanceof DiagnosticError) return error.diagnostics;
    throw error;
  }
  return [];
};

const refused = (needs: string) => [
  {
    code: 'wasm/too-large',
    severity: 'error',
    message: `The program needs ${needs} of memory, and WebAssembly has 4 GiB`,
    help: 'Say `micro_batch` under `train`, or take a smaller `batch`, smaller pictures or fewer filters; `began-compile inspect` shows what needs how much.',
  },
];

test('all of 4 GiB can be used, and not a byte more', async () => {
  expect(pagesFor(2 ** 32)).toBe(65_536);
  expect(await said(() => pagesFor(2 ** 32 + 1))).toEqual(refused('4.0 GiB'));
});

test('a program that does not fit is refused with what it needs, not by the system', async () => {
  const program = programOf(stage({ use: 'wgan', D: '[{ dense: 8 }, { dense: 1 }]', batch: 30_000_000 }));
  expect(await said(() => new WasmEngine().load(program))).toEqual(refused('4.5 GiB'));
});
