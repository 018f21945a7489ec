/** Equations that processes which share a batch cannot compute together. */
import type { Model } from '../model/model.js';
import { lossTerms } from '../model/model-terms.js';
import type { SymbolicShape } from '../model/symbolic-shape.js';
import { reachableTerms, type Term } from '../model/term.js';

/**
 * Why one process alone can compute the losses, as the beginning of a sentence; undefined where many can. Sums, means, norms
 * over the batch, `gram` and `sort` are gathered with gradient; what turns samples into columns is not.
 */
export function oneProcess(model: Model): string | undefined {
  const terms = reachableTerms([
    ...lossTerms(model),
    ...model.phases.flatMap((phase) => [...phase.registers.values()]),
  ]);
  const found = terms.find(isUnshared);
  if (found?.kind !== 'apply') return undefined;
  const { file, start, end } = found.span;
  return `a loss computes \`${file.text.slice(start, end)}\` with samples as columns`;
}

const isOfBatch = (shape: SymbolicShape): boolean => shape.includes('B');

function isUnshared(term: Term): boolean {
  if (term.kind !== 'apply') return false;
  const [a, b] = term.arguments.map(({ shape }) => shape);
  switch (term.function) {
    case 'transpose':
      return isOfBatch(a!);
    case 'matmul':
      return a!.lastIndexOf('B') > 0 || isOfBatch(b!);
    default:
      return term.extent === 'batch' && a!.lastIndexOf('B') > 0;
  }
}
