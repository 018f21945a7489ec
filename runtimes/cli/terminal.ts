/** Where the command prints. Colour and line rewriting belong to a terminal; a pipe gets plain lines. */
import pc from 'picocolors';

export type Colours = ReturnType<typeof pc.createColors>;

export interface Terminal {
  /** Results and progress: standard output. */
  out(text: string): void;
  /** Diagnostics: standard error. */
  err(text: string): void;
  /** True where a line may be rewritten. */
  readonly interactive: boolean;
  /** Width in characters of an interactive terminal. */
  columns(): number;
  readonly colours: { readonly out: Colours; readonly err: Colours };
}

type Environment = Readonly<Record<string, string | undefined>>;

/** NO_COLOR (https://no-color.org) wins; a dumb terminal has none. */
export function wantsColour(stream: { readonly isTTY?: boolean }, environment: Environment): boolean {
  const refused = (environment['NO_COLOR'] ?? '') !== '' || environment['TERM'] === 'dumb';
  return stream.isTTY === true && !refused;
}

export function processTerminal(): Terminal {
  const { stdout, stderr, env } = process;
  return {
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    interactive: stdout.isTTY && env['TERM'] !== 'dumb',
    columns: () => stdout.columns || 80,
    colours: {
      out: pc.createColors(wantsColour(stdout, env)),
      err: pc.createColors(wantsColour(stderr, env)),
    },
  };
}
