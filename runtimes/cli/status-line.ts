/** What is going on just now: rewritten in place on a terminal, printed as a line now and then elsewhere. */
import type { Terminal } from './terminal.js';

export interface StatusLineOptions {
  readonly terminal: Pick<Terminal, 'out' | 'interactive' | 'columns'>;
  /** Seconds since any fixed moment. */
  readonly clock: () => number;
  /** Seconds between plain lines. */
  readonly interval?: number;
}

/** Seconds between rewritings. */
const REWRITE = 0.1;
const SEPARATOR = '  ';

/** Escape sequences have no width; our text is otherwise one column per character. */
const ESCAPE = /\u001b\[[0-9;]*m/g;
const widthOf = (text: string): number => text.replace(ESCAPE, '').length;

export class StatusLine {
  readonly #options: StatusLineOptions;
  #printedAt = Number.NEGATIVE_INFINITY;
  /** Lines of the terminal that show the status. */
  #height = 0;

  constructor(options: StatusLineOptions) {
    this.#options = options;
  }

  /** `parts` are asked for only when they are due; `now` prints them in any case. A part is never broken. */
  show(parts: () => readonly string[], now = false): void {
    const { terminal, clock, interval = 10 } = this.#options;
    const time = clock();
    if (!now && time - this.#printedAt < (terminal.interactive ? REWRITE : interval)) return;
    this.#printedAt = time;
    if (terminal.interactive) {
      const lines = wrap(parts(), terminal.columns() - 1);
      terminal.out(this.#rewind() + lines.join('\n'));
      this.#height = lines.length;
    } else {
      terminal.out(`${parts().join(SEPARATOR)}\n`);
    }
  }

  /** Leaves the status where it is, so that other text can follow; the next `show` prints at once. */
  end(): void {
    if (this.#height > 0) this.#options.terminal.out('\n');
    this.#forget();
  }

  /** Takes the status away. */
  clear(): void {
    if (this.#height > 0) this.#options.terminal.out(this.#rewind());
    this.#forget();
  }

  /** Back to where the status began, and everything below erased. */
  #rewind(): string {
    if (this.#height === 0) return '';
    return `${this.#height > 1 ? `\u001b[${this.#height - 1}A` : ''}\r\u001b[J`;
  }

  #forget(): void {
    this.#height = 0;
    this.#printedAt = Number.NEGATIVE_INFINITY;
  }
}

/** Lines that fit the width, filled part by part; later ones are indented. */
function wrap(parts: readonly string[], columns: number): readonly string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const last = lines.at(-1);
    if (last === undefined) lines.push(part);
    else if (widthOf(last) + SEPARATOR.length + widthOf(part) <= columns) {
      lines[lines.length - 1] = last + SEPARATOR + part;
    } else lines.push(SEPARATOR + part);
  }
  return lines;
}
