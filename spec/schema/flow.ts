/** A small value as YAML on one line, quoted where YAML would read it as something else. For help texts. */
export function printFlow(value: unknown): string {
  return print(value, false);
}

function print(value: unknown, inFlow: boolean): string {
  if (Array.isArray(value)) return `[${value.map((item) => print(item, true)).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([key, item]) => `${key}: ${print(item, true)}`);
    return `{ ${entries.join(', ')} }`;
  }
  const text = String(value);
  const needsQuotes =
    typeof value === 'string' && ((inFlow && /[,[\]{}]/.test(text)) || /^[-?!&*%@`"'>|]|: | #/.test(text));
  return needsQuotes ? `"${text}"` : text;
}
