/** A line that says what is going on: rewritten on a terminal, printed now and then elsewhere. */
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

/** Escape sequences have no width; our text is otherwise one column per character. */
const ESCAPE = /\u001b\[[0-9;]*m/g;

export class StatusLine {
  readonly #options: StatusLineOptions;
  #printedAt = Number.NEGATIVE_INFINITY;
  #open = false;

  constructor(options: StatusLineOptions) {
    this.#options = options;
  }

  /** `line` is asked for only when it is due; `now` prints it in any case. */
  show(line: () => string, now = false): void {
    const { terminal, clock, interval = 10 } = this.#options;
    const time = clock();
    if (!now && time - this.#printedAt < (terminal.interactive ? REWRITE : interval)) return;
    this.#printedAt = time;
    if (terminal.interactive) {
      terminal.out(`\r\u001b[2K${cutToWidth(line(), terminal.columns() - 1)}`);
      this.#open = true;
    } else {
      terminal.out(`${line()}\n`);
    }
  }

  /** Ends the rewritten line, so that other text can follow; the next `show` prints at once. */
  end(): void {
    if (this.#open) this.#options.terminal.out('\n');
    this.#open = false;
    this.#printedAt = Number.NEGATIVE_INFINITY;
  }

  /** Takes the rewritten line away. */
  clear(): void {
    if (this.#open) this.#options.terminal.out('\r\u001b[2K');
    this.#open = false;
    this.#printedAt = Number.NEGATIVE_INFINITY;
  }
}

function cutToWidth(line: string, columns: number): string {
  if (line.replace(ESCAPE, '').length <= columns) return line;
  let width = 0;
  let at = 0;
  while (at < line.length) {
    ESCAPE.lastIndex = at;
    const escape = ESCAPE.exec(line);
    if (escape !== null && escape.index === at) {
      at += escape[0].length;
      continue;
    }
    if (width === columns - 1) return `${line.slice(0, at)}…\u001b[0m`;
    width++;
    at++;
  }
  return line;
}
