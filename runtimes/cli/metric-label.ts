/** Names of common metrics as papers write them; any other name is shown as the spec has it. */
const LABELS: Readonly<Record<string, string>> = {
  Lx: 'L(x)',
  Lg: 'L(G(z))',
  convergence: 'M',
};

export function metricLabel(name: string): string {
  return Object.hasOwn(LABELS, name) ? LABELS[name]! : name;
}
