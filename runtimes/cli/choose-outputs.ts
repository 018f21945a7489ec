/** Outputs of a spec that are named on the command line. */
import { enumerate } from '../../spec/diagnostics/quote.js';
import { refuseOption } from './refuse-option.js';

/**
 * Those that are wanted, in the spec's order; all where none is named. `purpose` completes "there is nothing to ...". Throws
 * DiagnosticError run/option.
 */
export function chooseOutputs<T extends { readonly name: string }>(
  outputs: readonly T[],
  wanted: readonly string[],
  purpose: string,
): readonly T[] {
  if (outputs.length === 0) {
    throw refuseOption(
      `The spec has no outputs, so there is nothing to ${purpose}`,
      'Add one under `outputs`, for example `generate: G(z)`.',
    );
  }
  const names = outputs.map(({ name }) => name);
  const unknown = wanted.find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw refuseOption(`There is no output \`${unknown}\``, `Use ${enumerate(names, 'or')}.`);
  }
  return wanted.length === 0 ? outputs : outputs.filter(({ name }) => wanted.includes(name));
}
