/**
 * Exported programs in several processes that share every batch: the run of one process, for every system, also where a loss
 * relates samples to each other.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SYSTEMS } from '../library/systems.js';
import { WRITTEN_SYSTEMS } from '../library/written-systems.js';
import { judgeAgainst } from '../parity/judge.js';
import type { RunRecord } from '../parity/run.js';
import { compiled } from './exported.js';
import { FLOAT64 } from './limits.js';
import { hasTorch, PythonTorch, START } from './python-torch.js';

/** The heavy run takes all, and four processes as well; batch norm and a marginal entropy couple samples. */
const TAKEN = new Set(['began k0: 0.3, rate: 1e-3', 'infogan', 'catgan']);
const PROCESSES = process.env['HEAVY'] ? [2, 4] : [2];

const RUN = { steps: 20, from: 30, float64: true };

describe.runIf(hasTorch())('exported programs in several processes', () => {
  let one: PythonTorch;
  let many: ReadonlyMap<number, PythonTorch>;
  beforeAll(async () => {
    one = await PythonTorch.start();
    const started = new Map<number, PythonTorch>();
    for (const count of PROCESSES) started.set(count, await PythonTorch.start(count));
    many = started;
  }, START);
  afterAll(() => [one, ...many.values()].forEach((torch) => torch.dispose()));

  const systems = [...SYSTEMS, ...WRITTEN_SYSTEMS].filter(
    ({ name }) => process.env['HEAVY'] || TAKEN.has(name),
  );

  test('the systems named here are systems of the library', () => {
    expect(systems.length).toBeGreaterThanOrEqual(TAKEN.size);
  });

  /** A batch that four processes can share. */
  const specOf = (name: string) =>
    compiled(systems.find((system) => system.name === name)!.text.replace(/batch: [356],/, 'batch: 4,'));

  test.each(systems)('$name: the trace of one process', async ({ name }) => {
    const spec = await specOf(name);
    const expected = await one.train(spec, RUN);
    for (const [count, torch] of many) {
      expect(judgeAgainst(await torch.train(spec, RUN), expected, FLOAT64), `${count} processes`).toEqual([]);
    }
  });

  const found = async (name: string, right: string, wrong: string): Promise<number> => {
    const spec = await specOf(name);
    const expected: RunRecord = await one.train(spec, RUN);
    const change = (_: string, content: string): string => content.replaceAll(right, wrong);
    return judgeAgainst(await many.get(2)!.train(spec, { ...RUN, change }), expected, FLOAT64).length;
  };

  test('a gradient that does not come back from the other process is found', async () => {
    expect(await found('infogan', 'return _Sum.apply(cotangent)', 'return cotangent')).toBeGreaterThan(0);
  });

  test('statistics of a process for those of the batch are found', async () => {
    expect(await found('infogan', 'parallel.total(x.sum(axes)) / count', 'x.mean(axes)')).toBeGreaterThan(0);
  });

  test('gradients that are not averaged are found', async () => {
    expect(
      await found(
        'catgan',
        'self.clipped(update, parallel.average_gradients(list(gradients)))',
        'list(gradients)',
      ),
    ).toBeGreaterThan(0);
  });

  test('a batch that the processes cannot share is refused before anything is computed', async () => {
    const spec = await compiled(SYSTEMS[0]!.text);
    await expect(many.get(2)!.train(spec, RUN)).rejects.toThrow(
      'error: a batch of 5 cannot be shared by 2 processes: start as many as divide it',
    );
  });
});
