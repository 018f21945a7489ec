/** Runs the lints over a model, each as loud as the spec says. */
import { LINT_NAMES, type LintName } from '../../spec/diagnostics/codes.js';
import type { Diagnostic, Severity, Span } from '../../spec/diagnostics/diagnostic.js';
import type { Spec } from '../../spec/spec.js';
import type { Model } from '../model/model.js';
import type { LintFinding } from './lint.js';
import { LINTS } from './lints.js';

/** One finding per lint and place (two updates may read the same layer); those of the user's file before those of the library. */
export function lintModel(model: Model): readonly Diagnostic[] {
  const found = new Map<string, Diagnostic>();
  for (const name of LINT_NAMES) {
    const severity = severityOf(name, model);
    if (severity === undefined) continue;
    for (const finding of LINTS[name].find(model)) {
      const diagnostic = toDiagnostic(name, severity, finding, model);
      const { file, start } = diagnostic.span!;
      const place = [name, file.name, start].join('\n');
      if (!found.has(place)) found.set(place, diagnostic);
    }
  }
  return [...found.values()].sort((a, b) => place(a, model) - place(b, model));
}

/** Undefined where the spec switches the lint off. */
function severityOf(name: LintName, model: Model): Severity | undefined {
  const level = model.spec.lints.get(name)?.value ?? LINTS[name].severity;
  return level === 'off' ? undefined : level;
}

function toDiagnostic(name: LintName, severity: Severity, finding: LintFinding, model: Model): Diagnostic {
  const [span, ...uses] = finding.spans;
  const related = [...uses.map((use) => ({ message: 'used here', span: use })), ...(finding.related ?? [])];
  return {
    code: `lint/${name}`,
    severity,
    message: finding.message,
    span,
    related: ledTo(model, span, related),
    note: finding.note,
    help: `${finding.help} Where it is meant: \`lints: { ${name}: off }\`.`,
  };
}

/** A finding that only names library files also names the line of the spec that brought the library in. */
function ledTo(
  { spec }: Model,
  span: Span,
  places: NonNullable<Diagnostic['related']>,
): Diagnostic['related'] {
  const own = [span, ...places.map((one) => one.span)].some((one) => isOwn(one, spec));
  if (own || spec.objective.kind !== 'use') return places.length === 0 ? undefined : places;
  const related = [...places, { message: 'used here', span: spec.objective.span }];
  return related;
}

/** True for what the user wrote, here or in a spec that this one extends. */
const isOwn = ({ file }: Span, { source, bases = [] }: Spec): boolean =>
  file === source || bases.includes(file);

function place({ span, related = [] }: Diagnostic, { spec }: Model): number {
  const own = [span!, ...related.map((one) => one.span)].find((one) => isOwn(one, spec));
  return own?.start ?? Infinity;
}
