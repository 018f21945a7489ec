// C0 and C1 controls, separators, and the marks that reorder or hide text: printed, they could forge a message.
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202f\u2060-\u2069\ufeff]/g;

/** Text that may stand in a terminal: what would move the cursor or hide characters becomes U+FFFD. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, '\ufffd');
}

/** A piece of the user's text inside a message: `like this`, one line, at most about 40 characters. */
export function quote(text: string): string {
  const line = printable(text.replace(/\s+/g, ' '));
  const letters = [...line];
  return `\`${letters.length > 44 ? `${letters.slice(0, 40).join('')}…` : line}\``;
}

/** `a`, `b` and `c`. */
export function enumerate(words: readonly string[], last: 'and' | 'or' = 'and'): string {
  const quoted = words.map((word) => `\`${word}\``);
  if (quoted.length < 2) return quoted.join('');
  return `${quoted.slice(0, -1).join(', ')} ${last} ${quoted.at(-1)!}`;
}
