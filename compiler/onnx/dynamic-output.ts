/** Outputs for any number of examples. */
import { DiagnosticError } from '../../spec/diagnostics/diagnostic.js';
import { lowerOutputs } from '../lowering/lower-model.js';
import type { Model } from '../model/model.js';
import type { ProgramGraph } from '../program.js';
import { batchRows, CoupledError, type BatchRows } from './batch-rows.js';

/** Two primes above the sizes of axes, so that nothing but the batch is a multiple of them. */
const BATCHES = [1_000_003, 1_000_033] as const;

export interface DynamicOutput {
  /** Made for some large number of examples, which `rows` says what follows of. */
  readonly output: ProgramGraph;
  readonly rows: BatchRows;
}

/**
 * Outputs by name with their number of examples left open. Throws DiagnosticError run/option where one of them works
 * across examples, or gives what does not follow the batch it is asked for.
 */
export function dynamicOutputs(model: Model, names: readonly string[]): readonly DynamicOutput[] {
  const [one, other] = BATCHES.map(
    (batch) => new Map(lowerOutputs(model, batch).map((made) => [made.name, made])),
  );
  return names.map((name) => {
    const [output, twin] = [one!.get(name)!, other!.get(name)!];
    try {
      const rows = batchRows(
        { graph: output.graph, batch: BATCHES[0] },
        { graph: twin.graph, batch: BATCHES[1] },
      );
      return { output, rows };
    } catch (error) {
      if (!(error instanceof CoupledError)) throw error;
      const { origin, op } = error.node;
      throw new DiagnosticError({
        code: 'run/option',
        severity: 'error',
        message: `The output \`${name}\` cannot be written for any number of examples: \`${origin?.label ?? op}\` works across them`,
        span: origin?.span,
        note: 'What it gives for an example depends on the others that it is given with.',
        help: 'Say with `--batch` how many there are, or name the other outputs with `--output`.',
      });
    }
  });
}
