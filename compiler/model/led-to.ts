/** Which files are the user's, and how a finding inside the library leads back to them. */
import type { Diagnostic, Span } from '../../spec/diagnostics/diagnostic.js';
import type { Spec } from '../../spec/spec.js';

/** True for what the user wrote, here or in a spec that this one extends. */
export const isOwn = ({ file }: Span, { source, bases = [] }: Spec): boolean =>
  file === source || bases.includes(file);

/** A finding that names library files only also names the line of the spec that brought its objective in. */
export function ledTo(found: Diagnostic, spec: Spec): Diagnostic {
  const { span, related = [] } = found;
  if (spec.objective.kind !== 'use' || span === undefined) return found;
  if ([span, ...related.map((place) => place.span)].some((place) => isOwn(place, spec))) return found;
  return { ...found, related: [...related, { message: 'used here', span: spec.objective.span }] };
}
