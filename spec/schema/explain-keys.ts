/** What is said about the keys of a mapping: unknown, missing, in the wrong company. */
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import { enumerate, quote } from '../diagnostics/quote.js';
import type { YamlNode } from '../yaml/node.js';
import { entriesOf, entryOf } from '../yaml/node.js';
import { printFlow } from './flow.js';
import { layerRule } from './layer-rule.js';
import { exampleOf } from './resolve.js';
import type { Subject } from './subject.js';
import { SYNONYMS } from './synonyms.js';

/** Required keys that are not there. */
export function missingKeys(subject: Subject, keys: readonly string[]): Diagnostic {
  const lines = keys.map((key) => {
    const property = subject.property(key);
    const example = property === undefined ? undefined : exampleOf(subject.schema, property);
    return example === undefined ? `\`${key}:\`` : `\`${key}: ${printFlow(example)}\``;
  });
  const [only] = keys;
  return {
    code: 'schema/missing-key',
    severity: 'error',
    message: `${subject.name} has no ${enumerate(keys, 'or')}`,
    span: subject.headSpan(),
    note: keys.length === 1 && only !== undefined ? subject.property(only)?.description : subject.meaning(),
    help: `Add ${lines.join(', ')}.`,
  };
}

/** A key that needs another one beside it. */
export function lonelyKey(subject: Subject, key: string, needed: string): Diagnostic {
  const neighbour = optionOfNeighbour(subject, key);
  if (neighbour !== undefined) return neighbour;
  const entry = entryOf(subject.node, key);
  const property = subject.property(needed === 'layers' ? needed : key);
  return {
    code: needed === 'layers' ? 'schema/missing-key' : 'schema/unknown-key',
    severity: 'error',
    message:
      needed === 'layers' ? `\`${key}\` has no \`layers\`` : `\`${key}\` can only stand beside \`${needed}\``,
    span: entry?.keySpan ?? subject.headSpan(),
    note: property?.description,
    help:
      needed === 'layers'
        ? 'Add `layers: [elu, { conv: 32 }]` beside it.'
        : `Add \`${needed}\`, or remove \`${key}\`.`,
  };
}

/** A key that the language does not know here, and the one that was probably meant. */
export function unknownKey(
  subject: Subject,
  key: string,
): { diagnostic: Diagnostic; meant: string | undefined } {
  const known = subject.knownKeys;
  const layer = optionOfNeighbour(subject, key);
  if (layer !== undefined) return { diagnostic: layer, meant: undefined };
  const meant = subject.meant(key, known);
  const said =
    meant === undefined ? SYNONYMS.get(key.toLowerCase())?.find((name) => known.includes(name)) : undefined;
  const inGroup = ['repeat', 'every', 'batch'].includes(key) && subject.place.path.at(-2) === 'together';
  return {
    meant,
    diagnostic: {
      code: 'schema/unknown-key',
      severity: 'error',
      message: `${subject.name} does not know the key ${quote(key)}`,
      span: subject.keySpan(key),
      note: inGroup
        ? 'The updates of a group are taken at the same weights, so they run equally often and on the same samples.'
        : meant === undefined
          ? undefined
          : subject.property(meant)?.description,
      help: inGroup
        ? `Put \`${key}\` beside \`together\`.`
        : meant !== undefined
          ? `Did you mean \`${meant}\`?`
          : said !== undefined
            ? `Remove it; \`${said}\` says this here.`
            : `It knows ${enumerate(known)}.`,
    },
  };
}

/** `{ conv: 32, stride: 2 }`: the option stands beside the kind instead of inside. */
function optionOfNeighbour(subject: Subject, key: string): Diagnostic | undefined {
  if (!subject.knownKeys.includes('residual')) return undefined;
  for (const { key: kind, value } of entriesOf(subject.node)) {
    const rule = layerRule(kind);
    if (rule === undefined || rule.flat === true) continue;
    if (!Object.hasOwn(rule.options, key) || rule.shorthand === key) continue;
    const option = entryOf(subject.node, key)!.value;
    const inside = [
      ...(value.kind === 'scalar' && value.value !== null && rule.shorthand !== undefined
        ? [`${rule.shorthand}: ${printNode(value)}`]
        : []),
      `${key}: ${printNode(option)}`,
    ];
    return {
      code: 'schema/unknown-key',
      severity: 'error',
      message: `\`${key}\` is an option of \`${kind}\` and must stand inside it`,
      span: subject.keySpan(key),
      note: rule.options[key]?.description,
      help: `Write \`${kind}: { ${inside.join(', ')} }\`.`,
    };
  }
  return undefined;
}

/** A mapping whose one kind key is missing, misspelt or there twice. */
export function wrongKind(
  subject: Subject,
  kinds: readonly string[],
  unknown: readonly string[],
): Diagnostic {
  const present = entriesOf(subject.node).filter(({ key }) => kinds.includes(key));
  const noun = nounOf(subject, kinds);
  const [first, second] = present;
  if (first !== undefined && second !== undefined) {
    return {
      code: 'schema/value',
      severity: 'error',
      message: `${noun} has one kind, but this has ${enumerate(present.map(({ key }) => key))}`,
      span: second.keySpan,
      related: [{ message: 'the first kind', span: first.keySpan }],
      help: separated(kinds, first.key, second.key),
    };
  }
  const candidates = unknown.length > 0 ? unknown : entriesOf(subject.node).map(({ key }) => key);
  for (const key of candidates) {
    const meant = subject.meant(key, kinds);
    if (meant === undefined) continue;
    return {
      code: 'schema/unknown-key',
      severity: 'error',
      message: `${quote(key)} is no kind of ${bareNoun(noun)}`,
      span: subject.keySpan(key),
      note: subject.property(meant)?.description,
      help: `Did you mean \`${meant}\`?`,
    };
  }
  const only = candidates.length === 1 ? candidates[0] : undefined;
  if (only !== undefined) {
    return {
      code: 'schema/unknown-key',
      severity: 'error',
      message: `${quote(only)} is no kind of ${bareNoun(noun)}`,
      span: subject.keySpan(only),
      help: `The kinds are ${enumerate(kinds)}.`,
    };
  }
  return {
    code: 'schema/missing-key',
    severity: 'error',
    message: `${noun} must say its kind: ${enumerate(kinds, 'or')}`,
    span: subject.headSpan(),
    help: subject.example() ?? `Add ${enumerate(kinds, 'or')}.`,
  };
}

/** `layers` beside a kind that holds none. */
export function strayLayers(subject: Subject): Diagnostic {
  return {
    code: 'schema/unknown-key',
    severity: 'error',
    message: '`layers` can only stand beside `branch`, `repeat` or `when`',
    span: subject.keySpan('layers'),
    help: 'Give the nested layers to `branch`, `repeat`, `when` or `residual`, or remove them.',
  };
}

function nounOf({ place }: Subject, kinds: readonly string[]): string {
  if (kinds.includes('residual')) return 'A layer';
  if (kinds.includes('adam')) return 'An optimizer';
  if (kinds.includes('norm')) return 'A gradient limit';
  if (place.path[0] === 'data') return 'A data source';
  if (place.path[0] === 'noise') return 'A noise input';
  return 'A library entry';
}

function bareNoun(noun: string): string {
  return noun.replace(/^An? /, '');
}

/** How two kinds of layer that stand in one mapping are written apart. */
function separated(kinds: readonly string[], first: string, second: string): string {
  if (!kinds.includes('residual')) return 'Remove one of them.';
  const outer = [first, second].find(
    (kind) => layerRule(kind)?.flat === true && layerRule(kind)?.nests === true,
  );
  if (outer !== undefined) {
    const inner = outer === first ? second : first;
    return `Put one inside the other: \`{ ${outer}: ..., layers: [{ ${inner}: ... }] }\`.`;
  }
  const rule = layerRule(second);
  return `Start a layer of its own with a dash: \`- ${second}${rule?.bare === true ? '' : ': ...'}\`.`;
}

function printNode(node: YamlNode): string {
  if (node.kind !== 'scalar') return '...';
  return typeof node.value === 'string' ? printFlow([node.value]).slice(1, -1) : node.text.text;
}
