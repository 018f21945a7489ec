/**
 * Which of two ways to the same result is faster here and now. Whether threads pay depends on what else the machine does: where
 * another program has a core, they wait for each other. Both ways are tried, and the slower one now and then again.
 */
export type Way = 'alone' | 'together';

/** First runs of each way, in which code is still being compiled. */
const WARMING = 2;
/** Times of each way that are looked at: the median of the last ones. */
const LOOKED_AT = 3;
const FIRST_PERIOD = 32;
/** A way that was slower every time is tried again after at most so many runs. */
const LAST_PERIOD = 1024;

export class FasterWay {
  readonly #times: Readonly<Record<Way, number[]>> = { alone: [], together: [] };
  #runs = 0;
  #period = FIRST_PERIOD;
  #trialAt = 0;

  /** How the next run is to be done. */
  next(): Way {
    if (this.#runs < 2 * (WARMING + LOOKED_AT)) return this.#runs % 2 === 0 ? 'together' : 'alone';
    const faster = this.#faster();
    return this.#runs < this.#trialAt ? faster : other(faster);
  }

  /** What it took, in any unit. */
  took(way: Way, time: number): void {
    this.#runs++;
    if (this.#runs <= 2 * WARMING) return;
    const before = this.#faster();
    const times = this.#times[way];
    times.push(time);
    if (times.length > LOOKED_AT) times.shift();
    const after = this.#faster();
    const isTrial = this.#runs > 2 * (WARMING + LOOKED_AT) && way !== before;
    if (after !== before) this.#period = FIRST_PERIOD;
    // A trial that was lost by much needs no second one soon; one that was won is not believed at once.
    else if (isTrial) this.#period = Math.min(LAST_PERIOD, 2 * this.#period);
    if (after !== before || isTrial || this.#runs === 2 * (WARMING + LOOKED_AT))
      this.#trialAt = this.#runs + (isTrial && time < median(this.#times[before]) ? 1 : this.#period);
  }

  #faster(): Way {
    return median(this.#times.alone) < median(this.#times.together) ? 'alone' : 'together';
  }
}

const other = (way: Way): Way => (way === 'alone' ? 'together' : 'alone');

const median = (times: readonly number[]): number =>
  [...times].sort((a, b) => a - b)[times.length >> 1] ?? Infinity;
