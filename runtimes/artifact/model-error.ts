/** What a page is told where a model cannot be loaded or run. */
import type { ModelError as Shown } from './api.js';

export class ModelError extends Error implements Shown {
  override readonly name = 'ModelError';
}

/** `a`, `b` and `c`. */
export function named(words: readonly string[], last: 'and' | 'or' = 'and'): string {
  const quoted = words.map((word) => `\`${word}\``);
  return quoted.length < 2 ? quoted.join('') : `${quoted.slice(0, -1).join(', ')} ${last} ${quoted.at(-1)!}`;
}
