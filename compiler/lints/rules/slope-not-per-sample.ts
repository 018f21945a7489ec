/** The most copied mistake of gradient penalties: one norm for the batch, or one per pixel, for one per example. */
import type { Term } from '../../model/term.js';
import { slopesOf, type GradientTerm } from '../facts/slopes.js';
import { modelTerms } from '../../model/model-terms.js';
import type { Lint } from '../lint.js';

type Apply = Extract<Term, { kind: 'apply' }>;

export const slopeNotPerSample: Lint = {
  severity: 'warning',
  find: (model) => {
    const gradients = new Set<Term>(slopesOf(model).map(({ gradient }) => gradient));
    const isGradient = (term: Term): term is GradientTerm => gradients.has(term);
    return modelTerms(model).flatMap((term) => {
      if (term.kind !== 'apply') return [];
      const norm = wholeBatchNorm(term, isGradient);
      if (norm) {
        return [
          {
            message: `This takes one norm of the slopes of ${term.extent === 'batch' || sumExtent(term) === 'batch' ? 'every number over the batch' : 'the whole batch'}`,
            spans: [term.span],
            note: 'A penalty bounds the slope at each example: the norm over all numbers of that example.',
            help: 'Write `norm(grad(D(v), v), per=sample)`.',
          },
        ];
      }
      if (perNumber(term, isGradient)) {
        return [
          {
            message: 'This compares the slope in every single number with a target',
            spans: [term.span],
            note: 'The slope of a critic at an example is the norm over all of its numbers; pixel by pixel, a larger picture gets a steeper critic.',
            help: 'Write `norm(grad(D(v), v), per=sample)`.',
          },
        ];
      }
      return [];
    });
  },
};

/** norm(grad) or sqrt(sum(square(grad)) + epsilon) with an extent other than the sample. */
function wholeBatchNorm(term: Apply, isGradient: (term: Term) => boolean): boolean {
  if (term.function === 'norm') return term.extent !== 'sample' && isGradient(term.arguments[0]!);
  if (term.function !== 'sqrt') return false;
  const extent = sumExtent(term, isGradient);
  return extent !== undefined && extent !== 'sample';
}

/** The extent of the sum of squares below a square root. */
function sumExtent(
  term: Apply,
  isGradient: (term: Term) => boolean = () => true,
): Apply['extent'] | undefined {
  if (term.function !== 'sqrt') return undefined;
  const [inner] = term.arguments;
  const sum = inner?.kind === 'apply' && inner.function === 'add' ? inner.arguments : [inner!];
  for (const part of sum) {
    if (part.kind !== 'apply' || part.function !== 'sum') continue;
    const square = part.arguments[0]!;
    if (square.kind === 'apply' && (square.function === 'square' || square.function === 'pow')) {
      if (isGradient(square.arguments[0]!)) return part.extent;
    }
  }
  return undefined;
}

/** abs(grad) - target, number by number. */
function perNumber(term: Apply, isGradient: (term: Term) => boolean): boolean {
  if (term.function !== 'sub') return false;
  const [first] = term.arguments;
  return first?.kind === 'apply' && first.function === 'abs' && isGradient(first.arguments[0]!);
}
