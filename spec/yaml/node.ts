/** A YAML document as the rest of spec/ sees it: aliases followed, keys are strings, every part with its place. */
import type { Span } from '../diagnostics/diagnostic.js';
import type { LocatedText } from './located-text.js';

export type YamlNode = YamlScalar | YamlSequence | YamlMapping;

export interface YamlScalar {
  readonly kind: 'scalar';
  readonly value: string | number | boolean | null;
  /** The content, without quotes and escapes, each character with its place. */
  readonly text: LocatedText;
  readonly span: Span;
  /** True of the nothing that stands for a value which has been reported as unreadable already. */
  readonly broken?: boolean;
}

export interface YamlSequence {
  readonly kind: 'sequence';
  readonly items: readonly YamlNode[];
  readonly span: Span;
}

export interface YamlMapping {
  readonly kind: 'mapping';
  readonly entries: readonly YamlEntry[];
  readonly span: Span;
}

export interface YamlEntry {
  readonly key: string;
  readonly keySpan: Span;
  readonly value: YamlNode;
}

/** The entry under `key`, or undefined, also where the node is no mapping. */
export function entryOf(node: YamlNode | undefined, key: string): YamlEntry | undefined {
  return node?.kind === 'mapping' ? node.entries.find((entry) => entry.key === key) : undefined;
}

export function valueOf(node: YamlNode | undefined, key: string): YamlNode | undefined {
  return entryOf(node, key)?.value;
}

export function entriesOf(node: YamlNode | undefined): readonly YamlEntry[] {
  return node?.kind === 'mapping' ? node.entries : [];
}

export function itemsOf(node: YamlNode | undefined): readonly YamlNode[] {
  return node?.kind === 'sequence' ? node.items : [];
}

/** The plain JSON value, for the schema validator. Objects have no prototype, so that `__proto__` is just a key. */
export function toJson(node: YamlNode): unknown {
  switch (node.kind) {
    case 'scalar':
      return node.value;
    case 'sequence':
      return node.items.map(toJson);
    case 'mapping': {
      const object = Object.create(null) as Record<string, unknown>;
      for (const { key, value } of node.entries) object[key] = toJson(value);
      return object;
    }
    default:
      throw new TypeError(`internal: no such node ${String(node satisfies never)}`);
  }
}
