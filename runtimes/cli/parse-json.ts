/** The value of a JSON text; undefined where it is none (no JSON text has that value). */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
