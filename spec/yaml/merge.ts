/** Two documents as one: mappings are completed, everything else is replaced. Every node keeps its place. */
import type { YamlEntry, YamlNode } from './node.js';

/**
 * `over` on top of `base`. Keys stand in the order of `base`, new ones behind. Where `replaces` says so, a mapping is not
 * completed but replaced; `path` leads to it from the top.
 */
export function mergeNodes(
  base: YamlNode,
  over: YamlNode,
  replaces: (path: readonly string[], base: YamlNode, over: YamlNode) => boolean,
  path: readonly string[] = [],
): YamlNode {
  if (base.kind !== 'mapping' || over.kind !== 'mapping' || replaces(path, base, over)) return over;
  const entries = new Map<string, YamlEntry>(base.entries.map((entry) => [entry.key, entry]));
  for (const entry of over.entries) {
    const below = entries.get(entry.key);
    const value =
      below === undefined
        ? entry.value
        : mergeNodes(below.value, entry.value, replaces, [...path, entry.key]);
    entries.set(entry.key, { ...entry, value });
  }
  return { kind: 'mapping', entries: [...entries.values()], span: over.span };
}

/** The mapping without a key. */
export function withoutKey(node: YamlNode, key: string): YamlNode {
  return node.kind === 'mapping'
    ? { ...node, entries: node.entries.filter((entry) => entry.key !== key) }
    : node;
}
