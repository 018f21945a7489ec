/** The front door of the language: YAML text in, a spec or the reasons why there is none out. */
import type { Diagnostic, SourceFile } from './diagnostics/diagnostic.js';
import { emptyFile } from './empty-file.js';
import { extendSpec } from './extend.js';
import type { ReadSpec } from './extend.js';
import { readLibraryEntry } from './read/library.js';
import { Reader } from './read/reader.js';
import { readSpec } from './read/spec.js';
import { checkSchema } from './schema/check.js';
import type { SchemaName } from './schema/check.js';
import type { LibraryEntry, Spec } from './spec.js';
import type { YamlNode } from './yaml/node.js';
import { readYaml } from './yaml/read.js';

export interface ParseOptions {
  /** Gives the files that `extends` names; without it `extends` is refused. */
  readonly readSpec?: ReadSpec | undefined;
}

/**
 * Parses a spec. Never throws for any text: what is wrong with it comes back as diagnostics, sorted by place (those of an
 * extended file behind those of the file itself); `spec` is there exactly when there are no errors. Names are not resolved
 * and shapes not checked: see compiler/model.
 */
export function parseSpec(
  source: SourceFile,
  options: ParseOptions = {},
): { spec?: Spec; diagnostics: Diagnostic[] } {
  const { root, diagnostics: yaml } = readYaml(source);
  if (root === undefined) return { diagnostics: yaml.length > 0 ? [...yaml] : [emptyFile(source)] };
  const extended = extendSpec(source, root, options.readSpec);
  const found = [...yaml, ...extended.diagnostics];
  if (!extended.complete) {
    found.push(...checkSchema(extended.root, 'spec'));
    return { diagnostics: sortedAndDistinct(found, [source, ...extended.bases]) };
  }
  const { value, diagnostics } = judge(
    extended.root,
    'spec',
    [source, ...extended.bases],
    found,
    (reader, node) => readSpec(reader, source, extended.bases, node),
  );
  return value === undefined ? { diagnostics } : { spec: value, diagnostics };
}

/** The same for a library file (`block:` or `objective:`). */
export function parseLibraryEntry(source: SourceFile): { entry?: LibraryEntry; diagnostics: Diagnostic[] } {
  const { root, diagnostics: yaml } = readYaml(source);
  if (root === undefined) return { diagnostics: yaml.length > 0 ? [...yaml] : [emptyFile(source)] };
  const { value, diagnostics } = judge(root, 'library', [source], yaml, (reader, node) =>
    readLibraryEntry(reader, source, node),
  );
  return value === undefined ? { diagnostics } : { entry: value, diagnostics };
}

function judge<T>(
  root: YamlNode,
  schema: SchemaName,
  files: readonly SourceFile[],
  earlier: readonly Diagnostic[],
  read: (reader: Reader, root: YamlNode) => T,
): { value?: T; diagnostics: Diagnostic[] } {
  const reader = new Reader();
  const value = read(reader, root);
  const diagnostics = sortedAndDistinct(
    [...earlier, ...checkSchema(root, schema), ...reader.diagnostics],
    files,
  );
  if (diagnostics.some(({ severity }) => severity === 'error')) return { diagnostics };
  if (reader.incomplete)
    throw new TypeError('internal: the schema lets something through that cannot be read');
  return { value, diagnostics };
}

/** A value repeated through an alias is checked at every use but is one mistake. */
function sortedAndDistinct(diagnostics: readonly Diagnostic[], files: readonly SourceFile[]): Diagnostic[] {
  const place = ({ span }: Diagnostic): readonly [file: number, start: number] =>
    span === undefined ? [0, 0] : [files.indexOf(span.file), span.start];
  const distinct = new Map<string, Diagnostic>();
  for (const diagnostic of diagnostics) {
    const { code, message, span } = diagnostic;
    const key = [code, message, ...place(diagnostic), span?.end].join('\n');
    if (!distinct.has(key)) distinct.set(key, diagnostic);
  }
  return [...distinct.values()].sort((a, b) => {
    const [fileA, startA] = place(a);
    const [fileB, startB] = place(b);
    return fileA - fileB || startA - startB;
  });
}
