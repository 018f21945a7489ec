import { describe, expect, it } from 'vitest';
import { metricsOf, withOneNumber } from './run-spec.js';

/** The value of a schedule in each of ten steps. */
async function values(...schedules: readonly string[]): Promise<readonly (readonly number[])[]> {
  const found = await metricsOf(
    withOneNumber({
      sections: `schedules:\n${schedules.map((schedule, i) => `  s${i}: ${schedule}`).join('\n')}`,
      metrics: schedules.map((_, i) => `m${i}: 1 * s${i}`).join(', '),
    }),
  );
  return schedules.map((_, i) => found[`m${i}`]!);
}

const STEPS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const close = (found: readonly number[], value: (step: number) => number): void => {
  expect(found).toHaveLength(10);
  found.forEach((number, step) => expect(number).toBeCloseTo(value(step), 6));
};

describe('a schedule follows its formula', () => {
  it.each<[string, (step: number) => number]>([
    ['0.25', () => 0.25],
    ['linear(1, 0, steps=4)', (t) => 1 - Math.min(t / 4, 1)],
    ['linear(1, 3, steps=4, start=2)', (t) => 1 + 2 * Math.min(Math.max((t - 2) / 4, 0), 1)],
    ['cosine(1, 0, steps=8)', (t) => 0.5 + 0.5 * Math.cos((Math.PI * Math.min(t, 8)) / 8)],
    ['exponential(2, factor=0.5, every=3)', (t) => 2 * 0.5 ** (t / 3)],
    ['step(2, factor=0.5, every=3)', (t) => 2 * 0.5 ** Math.floor(t / 3)],
    ['piecewise(3, 2, 2, 6, 1)', (t) => (t < 2 ? 3 : t < 6 ? 2 : 1)],
    ['where(step % 4 == 0, 1, 0)', (t) => (t % 4 === 0 ? 1 : 0)],
    ['min(step / steps, 0.5)', (t) => Math.min(t / 10, 0.5)],
  ])('%s', async (schedule, value) => {
    const [found] = await values(schedule);
    close(found!, value);
  });
});

it('every duration may be a share of the run', async () => {
  const [linear, late, cosine, exponential, step, piecewise] = await values(
    'linear(1, 0, steps=40%)',
    'linear(1, 0, steps=40%, start=20%)',
    'cosine(1, 0, steps=100%)',
    'exponential(1, factor=0.5, every=20%)',
    'step(1, factor=0.5, every=20%)',
    'piecewise(3, 20%, 2, 60%, 1)',
  );
  close(linear!, (t) => 1 - Math.min(t / 4, 1));
  close(late!, (t) => 1 - Math.min(Math.max((t - 2) / 4, 0), 1));
  close(cosine!, (t) => 0.5 + 0.5 * Math.cos((Math.PI * t) / 10));
  close(exponential!, (t) => 0.5 ** (t / 2));
  expect(step).toEqual(STEPS.map((t) => 0.5 ** Math.floor(t / 2)));
  close(piecewise!, (t) => (t < 2 ? 3 : t < 6 ? 2 : 1));
});

it('`step` is a schedule where it is called, and the number of steps elsewhere', async () => {
  const [both] = await values('step(step, factor=2, every=100)');
  close(both!, (t) => t);
});
