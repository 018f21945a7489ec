/** Gradients inside losses: what a penalty is taken of, and which networks it differentiates. */
import type { Model, UpdateModel } from '../../model/model.js';
import type { NetworkModel } from '../../model/network.js';
import { reachableTerms, type Term } from '../../model/term.js';

export type GradientTerm = Extract<Term, { kind: 'gradient' }>;

export interface Slope {
  readonly update: UpdateModel;
  readonly gradient: GradientTerm;
  /** The networks between what is differentiated and what it is differentiated in. */
  readonly through: readonly NetworkModel[];
}

export function slopesOf(model: Model): readonly Slope[] {
  return model.phases.flatMap((phase) =>
    phase.updates.flatMap((update) =>
      reachableTerms([update.minimize])
        .filter((term): term is GradientTerm => term.kind === 'gradient')
        .map((gradient) => ({ update, gradient, through: networksBetween(gradient) })),
    ),
  );
}

function networksBetween({ of, wrt }: GradientTerm): readonly NetworkModel[] {
  const networks = reachableTerms([of]).flatMap((term) =>
    term.kind === 'network' && term.arguments.some((argument) => reachableTerms([argument]).includes(wrt))
      ? [term.network]
      : [],
  );
  return [...new Set(networks)];
}

/** The place of a gradient as the second place of a finding. */
export const takenHere = ({ gradient }: Slope) => ({
  related: [{ message: 'the slope is taken here', span: gradient.span }],
});
