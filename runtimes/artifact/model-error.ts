/** What a page is told where a model cannot be loaded or run. */
import { DiagnosticError } from '../../spec/diagnostics/diagnostic.js';
import type { ModelError as Shown } from './api.js';

export class ModelError extends Error implements Shown {
  override readonly name = 'ModelError';
}

/** `a`, `b` and `c`. */
export function named(words: readonly string[], last: 'and' | 'or' = 'and'): string {
  const quoted = words.map((word) => `\`${word}\``);
  return quoted.length < 2 ? quoted.join('') : `${quoted.slice(0, -1).join(', ')} ${last} ${quoted.at(-1)!}`;
}

/** What is wrong, without the help, which is for users of the command. */
export const messageOf = ({ diagnostics }: DiagnosticError): string =>
  diagnostics
    .map(({ message, note }) => (note === undefined ? message : `${message.replace(/\.$/, '')}. ${note}`))
    .join('\n');

/** An engine's refusal as a page is told it; other errors as they are. */
export const forPages = (error: unknown): unknown =>
  error instanceof DiagnosticError ? new ModelError(messageOf(error), { cause: error }) : error;
