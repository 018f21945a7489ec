/** Routes of very different lengths, in alternating rounds: each takes as many calls a round as fit a slice of time. */
import { median, timed, type Timed } from '../rounds.js';

export interface Runner {
  readonly name: string;
  /** Calls it so often, and gives the time of one. */
  readonly run: (times: number) => Promise<Timed>;
  /** Rounds in which it takes part, of those that there are; all where left out. */
  readonly rounds?: number;
}

export interface Measured {
  readonly name: string;
  readonly wall: number;
  readonly processor: number;
  readonly spread: readonly [number, number];
}

/** Of a call in this process. */
export const here =
  (call: () => Promise<void> | void): Runner['run'] =>
  (times) =>
    timed(call, times);

/** Medians of rounds, after one call of each for warmth and one for its length. */
export async function alternating(
  runners: readonly Runner[],
  { rounds, slice }: { readonly rounds: number; readonly slice: number },
): Promise<readonly Measured[]> {
  const calls: number[] = [];
  for (const { run } of runners) {
    await run(2);
    const { wall } = await run(1);
    calls.push(Math.max(1, Math.min(1000, Math.round(slice / wall))));
  }
  const times = runners.map(() => [] as Timed[]);
  for (let round = 0; round < rounds; round++) {
    for (const [i, runner] of runners.entries()) {
      if (round < (runner.rounds ?? rounds)) times[i]!.push(await runner.run(calls[i]!));
    }
  }
  return runners.map(({ name }, i) => {
    const walls = times[i]!.map(({ wall }) => wall);
    return {
      name,
      wall: median(walls),
      processor: median(times[i]!.map(({ processor }) => processor)),
      spread: [Math.min(...walls), Math.max(...walls)],
    };
  });
}
