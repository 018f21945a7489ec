/** Runs the lints over a model, each as loud as the spec says. */
import { LINT_NAMES, type LintName } from '../../spec/diagnostics/codes.js';
import type { Diagnostic, Severity } from '../../spec/diagnostics/diagnostic.js';
import { isOwn, ledTo } from '../model/led-to.js';
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
  const diagnostic: Diagnostic = {
    code: `lint/${name}`,
    severity,
    message: finding.message,
    span,
    related: related.length === 0 ? undefined : related,
    note: finding.note,
    help: `${finding.help} Where it is meant: \`lints: { ${name}: off }\`.`,
  };
  return ledTo(diagnostic, model.spec);
}

function place({ span, related = [] }: Diagnostic, { spec }: Model): number {
  const own = [span!, ...related.map((one) => one.span)].find((one) => isOwn(one, spec));
  return own?.start ?? Infinity;
}
