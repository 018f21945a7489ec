/** The largest `micro_batch` with which a model's program is one that fits, wherever it has to fit. */
import { lowerModel } from './lowering/lower-model.js';
import { divisors, microBatchFindings } from './model/micro-batches.js';
import type { Model } from './model/model.js';
import type { Program } from './program.js';

/**
 * Of the sizes that divide the batch, all smaller than what the model has: each is compiled before `fits` is asked. Programs of
 * smaller parts need less, so few sizes are tried. Undefined where none fits, and where the batch cannot be parted.
 */
export function fittingMicroBatch(model: Model, fits: (program: Program) => boolean): number | undefined {
  const { train } = model.spec;
  const batch = train.batch.value;
  const present = Math.min(batch, train.microBatch?.value ?? batch);
  const withParts = (size: number): Model => ({
    ...model,
    spec: { ...model.spec, train: { ...train, microBatch: { value: size, span: train.batch.span } } },
  });
  const sizes = divisors(batch).filter((size) => size < present);
  if (sizes.length === 0 || microBatchFindings(withParts(sizes[0]!)).length > 0) return undefined;

  // Between the largest that is known to fit, by its number, and the smallest that is known not to.
  let fitting = -1;
  let failing = sizes.length;
  while (failing - fitting > 1) {
    const middle = (fitting + failing) >> 1;
    if (fits(lowerModel(withParts(sizes[middle]!)))) fitting = middle;
    else failing = middle;
  }
  return sizes[fitting];
}
