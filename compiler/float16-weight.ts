/** Weights that are stored as float16. */
import { DiagnosticError } from '../spec/diagnostics/diagnostic.js';
import { float16Bits } from './float16.js';

/** The largest number that float16 has. */
const LARGEST = 65504;

/** The bits of a number of the tensor `name`. Throws DiagnosticError run/option where float16 ends before it. */
export function float16Weight(name: string, value: number): number {
  if (Math.abs(value) > LARGEST) {
    throw new DiagnosticError({
      code: 'run/option',
      severity: 'error',
      message: `\`${name}\` holds ${value}, and float16 ends at ${LARGEST}`,
      help: 'Leave `--weights float16` out.',
    });
  }
  return float16Bits(value);
}
