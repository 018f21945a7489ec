import type { SourceFile } from '../diagnostics/diagnostic.js';
import { enumerate, quote } from '../diagnostics/quote.js';
import { suggest } from '../diagnostics/suggest.js';
import type { LibraryEntry, LibraryParameter, ParameterRange } from '../spec.js';
import type { YamlEntry, YamlNode } from '../yaml/node.js';
import { entriesOf, itemsOf, valueOf } from '../yaml/node.js';
import { readLayers } from './layers.js';
import { readInlineObjective } from './objective.js';
import type { Reader } from './reader.js';

export function readLibraryEntry(reader: Reader, source: SourceFile, root: YamlNode): LibraryEntry {
  const shared = {
    source,
    description: reader.text(valueOf(root, 'description')).value.trim(),
    parameters: new Map(
      entriesOf(valueOf(root, 'parameters')).map((entry) => [entry.key, readParameter(reader, entry)]),
    ),
  };
  const objective = valueOf(root, 'objective');
  if (objective !== undefined) {
    return {
      kind: 'objective',
      ...shared,
      name: reader.text(objective),
      objective: readInlineObjective(reader, root),
    };
  }
  return {
    kind: 'block',
    ...shared,
    name: reader.text(valueOf(root, 'block')),
    layers: readLayers(reader, valueOf(root, 'layers')),
  };
}

function readParameter(reader: Reader, { key, keySpan, value }: YamlEntry): LibraryParameter {
  const parameter = {
    name: { value: key, span: keySpan },
    description: reader.text(valueOf(value, 'description')).value.trim(),
  };
  const fallback = valueOf(value, 'default');
  const list = valueOf(value, 'words');
  if (list === undefined) {
    return {
      ...parameter,
      range: readRange(reader, value),
      kind: 'expression',
      words: [],
      default: fallback === undefined ? undefined : reader.expression(fallback),
    };
  }
  const words = itemsOf(list).map((item) => reader.text(item).value);
  if (fallback === undefined) return { ...parameter, kind: 'word', words, default: undefined };
  const word = reader.word(fallback);
  if (word.kind === 'name' && !words.includes(word.name)) {
    const meant = suggest(word.name, words);
    reader.report({
      code: 'schema/value',
      severity: 'error',
      message: `The default ${quote(word.name)} is none of the words of ${quote(key)}`,
      span: word.span,
      help: meant === undefined ? `Write ${enumerate(words, 'or')}.` : `Did you mean \`${meant}\`?`,
    });
  }
  return { ...parameter, kind: 'word', words, default: word };
}

function readRange(reader: Reader, node: YamlNode): ParameterRange | undefined {
  const bound = (key: string): number | undefined => {
    const value = valueOf(node, key);
    return value === undefined ? undefined : reader.number(value).value;
  };
  const range = {
    above: bound('above'),
    atLeast: bound('at_least'),
    below: bound('below'),
    atMost: bound('at_most'),
  };
  return Object.values(range).every((limit) => limit === undefined) ? undefined : range;
}
