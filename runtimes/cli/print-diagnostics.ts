/** Diagnostics on the terminal. */
import type { Diagnostic } from '../../spec/diagnostics/diagnostic.js';
import { renderDiagnostic, type Painter, type Style } from '../../spec/diagnostics/render.js';
import type { Colours, Terminal } from './terminal.js';

export function painter(colours: Colours): Painter {
  const styles: Readonly<Record<Style, (text: string) => string>> = {
    error: (text) => colours.bold(colours.red(text)),
    warning: (text) => colours.bold(colours.yellow(text)),
    information: (text) => colours.bold(colours.cyan(text)),
    message: colours.bold,
    location: colours.cyan,
    gutter: colours.dim,
    why: colours.dim,
    help: colours.green,
  };
  return (style, text) => styles[style](text);
}

/** One after another, an empty line behind each. */
export function printDiagnostics(
  diagnostics: readonly Diagnostic[],
  terminal: Terminal,
  to: 'out' | 'err',
): void {
  const paint = painter(terminal.colours[to]);
  for (const diagnostic of diagnostics) terminal[to](`${renderDiagnostic(diagnostic, paint)}\n\n`);
}
