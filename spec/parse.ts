/** The front door of the language: YAML text in, a spec or the reasons why there is none out. */
import type { Diagnostic, SourceFile } from './diagnostics/diagnostic.js';
import { readLibraryEntry } from './read/library.js';
import { Reader } from './read/reader.js';
import { readSpec } from './read/spec.js';
import { checkSchema } from './schema/check.js';
import type { SchemaName } from './schema/check.js';
import type { LibraryEntry, Spec } from './spec.js';
import type { YamlNode } from './yaml/node.js';
import { readYaml } from './yaml/read.js';

/**
 * Parses a spec. Never throws for any text: what is wrong with it comes back as diagnostics, sorted by place; `spec` is
 * there exactly when there are no errors. Names are not resolved and shapes not checked: see compiler/model.
 */
export function parseSpec(source: SourceFile): { spec?: Spec; diagnostics: Diagnostic[] } {
  const { value, diagnostics } = parse(source, 'spec', readSpec);
  return value === undefined ? { diagnostics } : { spec: value, diagnostics };
}

/** The same for a library file (`block:` or `objective:`). */
export function parseLibraryEntry(source: SourceFile): { entry?: LibraryEntry; diagnostics: Diagnostic[] } {
  const { value, diagnostics } = parse(source, 'library', readLibraryEntry);
  return value === undefined ? { diagnostics } : { entry: value, diagnostics };
}

function parse<T>(
  source: SourceFile,
  schema: SchemaName,
  read: (reader: Reader, source: SourceFile, root: YamlNode) => T,
): { value?: T; diagnostics: Diagnostic[] } {
  const { root, diagnostics: yaml } = readYaml(source);
  if (root === undefined) {
    return { diagnostics: yaml.length > 0 ? [...yaml] : [emptyFile(source)] };
  }
  const reader = new Reader();
  const value = read(reader, source, root);
  const diagnostics = sortedAndDistinct([...yaml, ...checkSchema(root, schema), ...reader.diagnostics]);
  if (diagnostics.some(({ severity }) => severity === 'error')) return { diagnostics };
  if (reader.incomplete)
    throw new TypeError('internal: the schema lets something through that cannot be read');
  return { value, diagnostics };
}

function emptyFile(source: SourceFile): Diagnostic {
  return {
    code: 'schema/missing-key',
    severity: 'error',
    message: 'The file is empty',
    span: { file: source, start: 0, end: 0 },
    help: 'Start with `version: 1`.',
  };
}

/** A value repeated through an alias is checked at every use but is one mistake. */
function sortedAndDistinct(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const distinct = new Map<string, Diagnostic>();
  for (const diagnostic of diagnostics) {
    const key = [diagnostic.code, diagnostic.message, diagnostic.span?.start, diagnostic.span?.end].join(
      '\n',
    );
    if (!distinct.has(key)) distinct.set(key, diagnostic);
  }
  return [...distinct.values()].sort((a, b) => (a.span?.start ?? 0) - (b.span?.start ?? 0));
}
