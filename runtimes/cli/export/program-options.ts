/** Options of `export` for programs, and what they are not to be mixed with. */
import type { Override } from '../../../spec/override.js';
import { refuseOption } from '../refuse-option.js';

/** What is written of a spec, to be trained elsewhere. */
export const PROGRAM_FORMATS = ['pytorch'] as const;
export type ProgramFormat = (typeof PROGRAM_FORMATS)[number];

export interface ProgramOptions {
  readonly set: readonly Override[];
  readonly out?: string | undefined;
  /** Whether the examples go with the program. */
  readonly data: boolean;
}

/** Of trained models. */
export interface ModelOptions {
  readonly output: readonly string[];
  readonly batch?: number | undefined;
  readonly weights: string;
}

/** A model has no spec that could be changed, and no examples. Throws DiagnosticError run/option. */
export function refuseProgramOptions({ set, data }: ProgramOptions): void {
  const given = set.length > 0 ? '--set' : data ? undefined : '--no-data';
  if (given === undefined) return;
  throw refuseOption(
    `\`${given}\` is for programs that train, and this format holds a model`,
    'Write `--format pytorch`, or leave the option out.',
  );
}

/** A program has all outputs and no weights yet. Throws DiagnosticError run/option. */
export function refuseModelOptions({ output, batch, weights }: ModelOptions): void {
  const given =
    output.length > 0
      ? '--output'
      : batch !== undefined
        ? '--batch'
        : weights !== 'float32'
          ? '--weights'
          : undefined;
  if (given === undefined) return;
  throw refuseOption(
    `\`${given}\` is for models, and \`--format pytorch\` writes a program that trains one`,
    given === '--batch' ? 'Write `--set train.batch=N`.' : 'Leave the option out.',
  );
}
