/**
 * What is said about a diagnostic code beyond its title: `began-compile explain CODE`, docs/diagnostics.md and web pages
 * show it. Loaded on demand (`pageOf`), never by what checks specs.
 */
import type { DiagnosticCode } from '../codes.js';

export interface Page {
  /** What happens and why it matters: a paragraph of Markdown. */
  readonly explanation: string;
  /** Brings the code about. */
  readonly bad: Example;
  /** The same, mended: nothing is found in it. */
  readonly good: Example;
}

export type Example = SpecExample | CommandExample;

export interface SpecExample {
  readonly kind: 'spec';
  /** A whole spec. */
  readonly text: string;
  /** Further files by path, relative to the spec. */
  readonly files?: Readonly<Record<string, string>> | undefined;
  /** What has to be true besides, such as what lies in a folder: a sentence. Absent where checking the spec is all. */
  readonly where?: string | undefined;
}

export interface CommandExample {
  readonly kind: 'command';
  /** Lines typed in a terminal. */
  readonly text: string;
  /** What happens: a sentence. */
  readonly where: string;
}

/** The part of a code before its slash. */
export type Stage = DiagnosticCode extends `${infer Part}/${string}` ? Part : never;

/** The pages of one stage; a missing one is a type error. */
export type Pages<Of extends Stage> = Readonly<Record<Extract<DiagnosticCode, `${Of}/${string}`>, Page>>;

export const spec = (text: string, more: Pick<SpecExample, 'files' | 'where'> = {}): SpecExample => ({
  kind: 'spec',
  text,
  ...more,
});

export const command = (text: string, where: string): CommandExample => ({ kind: 'command', text, where });

/** `text` with pairs of what stands there and what stands there instead. Each must stand there exactly once. */
export function changed(text: string, ...edits: readonly (readonly [from: string, to: string])[]): string {
  return edits.reduce((before, [from, to]) => {
    if (before.split(from).length !== 2) throw new Error(`internal: not once in the example: ${from}`);
    return before.replace(from, () => to);
  }, text);
}
