/** Ranges of library parameters. */
import type { ParameterRange } from '../../spec/spec.js';

export function inRange(value: number, { above, atLeast, below, atMost }: ParameterRange): boolean {
  return (
    (above === undefined || value > above) &&
    (atLeast === undefined || value >= atLeast) &&
    (below === undefined || value < below) &&
    (atMost === undefined || value <= atMost)
  );
}

/** `above 0 and at most 1` */
export function formatRange({ above, atLeast, below, atMost }: ParameterRange): string {
  const parts = [
    above === undefined ? '' : `above ${above}`,
    atLeast === undefined ? '' : `at least ${atLeast}`,
    below === undefined ? '' : `below ${below}`,
    atMost === undefined ? '' : `at most ${atMost}`,
  ];
  return parts.filter((part) => part !== '').join(' and ');
}
