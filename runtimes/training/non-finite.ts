/** Says which loss or gradient of a phase became NaN or infinite first. */
import type { Phase } from '../../compiler/program.js';
import type { Diagnostic } from '../../spec/diagnostics/diagnostic.js';
import type { RunValues } from '../engine.js';

const CHECK = 'check/';

/**
 * Reads the phase's values `check/loss/UPDATE`, `check/UPDATE/PARAMETER`, `check/value/NAME` and `check/state/NAME` (0 where finite) in the order they are declared, losses before gradients. `step`
 * counts from 1.
 */
export async function nonFiniteDiagnostic(
  values: RunValues,
  phase: Phase,
  step: number,
): Promise<Diagnostic> {
  const first = await firstNonFinite(values, phase);
  return {
    code: 'run/non-finite',
    severity: 'error',
    message: `${first?.what ?? 'A value'} became NaN or infinite in phase \`${phase.name}\` at step ${step}`,
    span: first?.span,
    note: 'This update was not made: parameters, moments and controllers are as they were before it.',
    help: 'Lower the learning rate, or keep a `log`, `sqrt` or division in the loss away from 0.',
  };
}

async function firstNonFinite(run: RunValues, phase: Phase) {
  for (const output of phase.graph.outputs) {
    if (output.kind !== 'value' || !output.name.startsWith(CHECK)) continue;
    const values = await run.read(output.name);
    if (values.every((value) => value === 0)) continue;
    return {
      what: describe(output.name.slice(CHECK.length)),
      span: phase.graph.nodes[output.node]?.origin?.span,
    };
  }
  return undefined;
}

function describe(check: string): string {
  const [of, ...rest] = check.split('/');
  const name = rest.join('/');
  switch (of) {
    case 'loss':
      return `The loss of \`${name}\``;
    case 'value':
      return `The value \`${name}\``;
    case 'state':
      return `The state \`${name}\``;
    default:
      return `The gradient of \`${name}\` in \`${of}\``;
  }
}
