/** `train.micro_batch`: in how many parts the batch of a phase is computed, and what cannot be computed in parts. */
import type { Diagnostic } from '../../spec/diagnostics/diagnostic.js';
import { enumerate } from '../../spec/diagnostics/quote.js';
import type { TrainSpec } from '../../spec/spec.js';
import { BatchDependence, isCoupling, type Coupling } from './batch-dependence.js';
import type { Model } from './model.js';

/** In ascending order. */
export function divisors(number: number): readonly number[] {
  const small: number[] = [];
  for (let size = 1; size * size <= number; size++) if (number % size === 0) small.push(size);
  const large = small.map((size) => number / size).reverse();
  return [...new Set([...small, ...large])];
}

type Sizes = Pick<TrainSpec, 'microBatch'>;

/** Parts of `multiple` batches: each has `micro_batch` examples, or a batch where that is fewer. */
export function partsOf({ microBatch }: Sizes, batch: number, multiple = 1): number {
  const examples = batch * multiple;
  const most = microBatch?.value ?? examples;
  return examples <= most ? 1 : examples / Math.min(batch, most);
}

/** Examples that outputs are computed for at once: no more than training does, unless they need the whole batch. */
export function outputBatchOf(model: Model, batch: number): number {
  const { microBatch } = model.spec.train;
  if (microBatch === undefined || microBatch.value >= batch) return batch;
  const dependence = new BatchDependence('output');
  const byRows = [...model.outputs.values()].every((term) => dependence.of(term) === 'rows');
  return byRows ? microBatch.value : batch;
}

/** What `micro_batch` cannot do: leave a rest, and compute in parts what needs the batch as a whole. */
export function microBatchFindings(model: Model): readonly Diagnostic[] {
  const { microBatch, batch } = model.spec.train;
  if (microBatch === undefined) return [];
  if (batch.value > microBatch.value && batch.value % microBatch.value !== 0) {
    return [unevenParts(batch.value, microBatch)];
  }
  const dependence = new BatchDependence('update');
  const found = model.phases
    .filter((phase) => partsOf(model.spec.train, batch.value, phase.batch) > 1)
    .flatMap(({ updates, registers }) => [...updates.map(({ minimize }) => minimize), ...registers.values()])
    .map((term) => dependence.of(term))
    .filter(isCoupling);
  return [...new Set(found)].map((coupling) => coupledBatch(coupling, microBatch));
}

function unevenParts(batch: number, microBatch: NonNullable<TrainSpec['microBatch']>): Diagnostic {
  const sizes = divisors(batch);
  const near = [
    sizes.findLast((size) => size < microBatch.value),
    sizes.find((size) => size > microBatch.value),
  ];
  return {
    code: 'schema/value',
    severity: 'error',
    message: `\`micro_batch\` must divide \`batch\`, and ${microBatch.value} does not divide ${batch}`,
    span: microBatch.span,
    note: 'The gradients of a batch are summed over parts of one size.',
    help: `Write ${enumerate(
      near.flatMap((size) => (size === undefined ? [] : [String(size)])),
      'or',
    )}.`,
  };
}

function coupledBatch(
  { span, uses, what, why, instead }: Coupling,
  microBatch: NonNullable<TrainSpec['microBatch']>,
): Diagnostic {
  return {
    code: 'model/coupled-batch',
    severity: 'error',
    message: `${what} needs the whole batch at once, and \`micro_batch\` gives it in parts`,
    span,
    related: [
      ...uses.map((use) => ({ message: 'used here', span: use })),
      { message: 'asked for here', span: microBatch.span },
    ],
    note: why,
    help: instead === undefined ? 'Leave `micro_batch` out.' : `${instead}, or leave \`micro_batch\` out.`,
  };
}
