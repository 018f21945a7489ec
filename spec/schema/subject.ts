/** What a schema diagnostic is about: a place of the document together with what the schema says there. */
import type { Span } from '../diagnostics/diagnostic.js';
import { quote } from '../diagnostics/quote.js';
import { suggest } from '../diagnostics/suggest.js';
import type { YamlNode } from '../yaml/node.js';
import { entriesOf, entryOf } from '../yaml/node.js';
import { printFlow } from './flow.js';
import type { JsonSchema } from './json-schema.js';
import { exampleOf, jsonType, propertyOf } from './resolve.js';
import type { Place, SchemaSite } from './resolve.js';
import { SYNONYMS } from './synonyms.js';

export class Subject {
  readonly schema: JsonSchema;
  readonly place: Place;
  readonly site: SchemaSite | undefined;

  constructor(schema: JsonSchema, place: Place, site: SchemaSite | undefined) {
    this.schema = schema;
    this.place = place;
    this.site = site;
  }

  get node(): YamlNode {
    return this.place.node;
  }

  /** What is spoken about, as a message starts: the key, the item, the file. */
  get name(): string {
    const { path } = this.place;
    const last = path.at(-1);
    if (last === undefined) return 'The file';
    if (typeof last === 'string') return quote(last);
    const list = path.findLast((segment) => typeof segment === 'string');
    return list === undefined ? `Item ${last + 1}` : `Item ${last + 1} of ${quote(list)}`;
  }

  /** True of a value below `hyper`. */
  get isHyperValue(): boolean {
    return this.place.path[0] === 'hyper' && this.place.path.length > 1;
  }

  /** The keys that a mapping here may have. */
  get knownKeys(): readonly string[] {
    return Object.keys(this.site?.resolved.properties ?? {});
  }

  /** What the schema says about a key of the mapping. */
  property(key: string): JsonSchema | undefined {
    return this.site === undefined ? undefined : propertyOf(this.site.resolved, key);
  }

  /** Of the words that could still be written here, the one that was probably meant. */
  meant(written: string, known: readonly string[]): string | undefined {
    const free = known.filter((name) => entryOf(this.node, name) === undefined);
    const synonym = SYNONYMS.get(written.toLowerCase())?.find((name) => free.includes(name));
    return synonym ?? suggest(written, free);
  }

  /** What the place means, for `why:`. */
  meaning(): string | undefined {
    return this.site?.declared.description ?? this.site?.resolved.description;
  }

  /** A value that could stand here, for `help:`. */
  example(): string | undefined {
    if (this.site === undefined) return undefined;
    const { declared, resolved } = this.site;
    const example = exampleOf(this.schema, declared) ?? exampleOf(this.schema, resolved);
    if (example === undefined) return undefined;
    const key = this.place.entry?.key;
    return `Write \`${key === undefined ? '' : `${key}: `}${printFlow(example)}\`.`;
  }

  keySpan(key: string): Span {
    return entryOf(this.node, key)?.keySpan ?? this.headSpan();
  }

  /** Where a whole mapping is meant: its own key, or its first one. */
  headSpan(): Span {
    const entries = entriesOf(this.node);
    // Of a file that extends another one, a key of its own.
    const first = entries.find(({ keySpan }) => keySpan.file === this.node.span.file) ?? entries[0];
    return this.place.entry?.keySpan ?? first?.keySpan ?? this.node.span;
  }

  /** The value, or the key of a value that is not there. */
  valueSpan(): Span {
    const { node, entry } = this.place;
    const isEmpty = node.kind === 'scalar' && node.span.end === node.span.start;
    return isEmpty && entry !== undefined ? entry.keySpan : node.span;
  }
}

/** `the text `many``, `16.5`, a list: what stands there. */
export function actual(node: YamlNode): string {
  switch (jsonType(node)) {
    case 'object':
      return 'a mapping';
    case 'array':
      return 'a list';
    case 'string':
      return `the text ${content(node)}`;
    case 'null':
      return 'nothing';
    default:
      return content(node);
  }
}

/** A scalar as it was written. */
export function content(node: YamlNode): string {
  if (node.kind !== 'scalar') return '';
  return quote(typeof node.value === 'string' ? node.value : node.text.text);
}
