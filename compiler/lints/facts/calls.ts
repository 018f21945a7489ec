/** Where losses call networks, and what they call them on. */
import type { Model, UpdateModel } from '../../model/model.js';
import { reachableTerms, type Term } from '../../model/term.js';

export type Call = Extract<Term, { kind: 'network' }>;

export interface UpdateCalls {
  readonly update: UpdateModel;
  readonly calls: readonly Call[];
}

/** Every update with the network calls its loss is made of. */
export function callsOfUpdates(model: Model): readonly UpdateCalls[] {
  return model.phases.flatMap((phase) =>
    phase.updates.map((update) => ({
      update,
      calls: reachableTerms([update.minimize]).filter((term): term is Call => term.kind === 'network'),
    })),
  );
}

/** The term behind a `stop(...)`. */
export function unstopped(term: Term): Term {
  return term.kind === 'apply' && term.function === 'stop' ? unstopped(term.arguments[0]!) : term;
}
