import { expect, test } from 'vitest';
import { compile } from '../../compiler/compile.js';
import { lowerModel } from '../../compiler/lowering/lower-model.js';
import { stage } from '../../test/oracles/stage.js';
import { refusal } from '../../test/training/errors.js';
import { folderLibrary } from '../node/library-source.js';
import { WasmEngine } from '../wasm/engine.js';
import { loadProgram } from './load-program.js';

const tooLarge = (use: string, outputs: number) => {
  const text = stage({ use, D: `[{ dense: 8 }, { dense: ${outputs} }]`, batch: 30_000_000 });
  const { model, program } = compile({ name: 'large.yaml', text }, folderLibrary());
  return { model: model!, program: program! };
};

const refused = (help: string) => [
  {
    code: 'wasm/too-large',
    severity: 'error',
    message: expect.stringMatching(
      /^The program needs [5-9]\.\d GiB of memory, and WebAssembly has 4 GiB$/,
    ) as string,
    help,
  },
];

test('a batch that does not fit is refused with the largest part that does', async () => {
  const engine = new WasmEngine();
  const { model, program } = tooLarge('began', 2);
  expect(await refusal(() => loadProgram(engine, { model, program }))).toEqual(
    refused(
      'Add `--set train.micro_batch=10000000`, or say that in the spec: the gradients of a batch are then summed over parts of 10000000, which fit.',
    ),
  );
  const fits = (value: number): boolean =>
    engine.fits(
      lowerModel({
        ...model,
        spec: {
          ...model.spec,
          train: { ...model.spec.train, microBatch: { ...model.spec.train.batch, value } },
        },
      }),
    );
  expect([10_000_000, 15_000_000].map(fits)).toEqual([true, false]);
});

test('where a batch cannot be parted, no part is named', async () => {
  expect(await refusal(() => loadProgram(new WasmEngine(), tooLarge('dragan', 1)))).toEqual(
    refused(
      'Take a smaller `batch`, smaller pictures or fewer filters; `began-compile inspect` shows what needs how much.',
    ),
  );
});
