/** The words for what ajv found at one place. */
import type { ErrorObject } from 'ajv/dist/2020.js';
import type { Diagnostic, Span } from '../diagnostics/diagnostic.js';
import { enumerate, quote } from '../diagnostics/quote.js';
import { suggest } from '../diagnostics/suggest.js';
import type { YamlNode } from '../yaml/node.js';
import { entriesOf, entryOf } from '../yaml/node.js';
import { LET_PATTERN } from './definitions.js';
import { printFlow } from './flow.js';
import type { JsonSchema } from './json-schema.js';
import { LAYERS } from './layers.js';
import type { LayerRule } from './layers.js';
import { exampleOf, jsonType, propertyOf, schemaAt } from './resolve.js';
import type { Place, SchemaSite } from './resolve.js';
import { SYNONYMS } from './synonyms.js';

const LAYER_TABLE: Readonly<Record<string, LayerRule>> = LAYERS;

/** One diagnostic per mistake out of all errors at one place. */
export function explain(
  schema: JsonSchema,
  root: YamlNode,
  place: Place,
  errors: readonly ErrorObject[],
): Diagnostic[] {
  const site = schemaAt(schema, root, place.path);
  // `if` only repeats what its branch says; what stands inside a oneOf or anyOf is told by the oneOf or anyOf.
  const told = errors.filter(
    ({ keyword, schemaPath, propertyName }) =>
      keyword !== 'if' && !/\/(oneOf|anyOf)\/\d+\//.test(schemaPath) && propertyName === undefined,
  );
  const speaker = new Speaker(schema, place, site);
  const type = told.find(({ keyword }) => keyword === 'type');
  if (type !== undefined) return [speaker.type()];
  return speaker.all(told);
}

class Speaker {
  readonly #schema: JsonSchema;
  readonly #place: Place;
  readonly #site: SchemaSite | undefined;

  constructor(schema: JsonSchema, place: Place, site: SchemaSite | undefined) {
    this.#schema = schema;
    this.#place = place;
    this.#site = site;
  }

  all(errors: readonly ErrorObject[]): Diagnostic[] {
    const oneOf = errors.find(({ keyword }) => keyword === 'oneOf');
    const unknown = errors.filter(({ keyword }) => keyword === 'additionalProperties').map(unknownKey);
    if (oneOf !== undefined) {
      // Without a kind, no other key of the mapping can be judged.
      return [this.#kind(oneOf, unknown)];
    }
    const diagnostics: Diagnostic[] = [];
    const replaced = new Set<string>();
    for (const key of unknown) {
      const { diagnostic, meant } = this.#unknown(key);
      if (meant !== undefined) replaced.add(meant);
      diagnostics.push(diagnostic);
    }
    for (const error of errors) {
      // A misspelt key is one mistake, not an unknown key and a missing one.
      if (error.keyword === 'required' && replaced.has(String(error.params['missingProperty']))) continue;
      const diagnostic = this.#one(error);
      if (diagnostic !== undefined) diagnostics.push(diagnostic);
    }
    return diagnostics;
  }

  type(): Diagnostic {
    const { node } = this.#place;
    const types = this.#site?.types ?? [];
    const expected =
      this.#place.path[0] === 'hyper' && this.#place.path.length > 1
        ? 'a number, true, false or a word'
        : alternatives(types.map((type) => TYPE_WORDS[type] ?? type));
    const empty = node.kind === 'scalar' && node.value === null;
    const bracketed = types.includes('number') && types.includes('string') && node.kind !== 'scalar';
    return {
      code: 'schema/type',
      severity: 'error',
      message: empty
        ? `${this.#subject()} has no value`
        : `${this.#subject()} must be ${expected}, but this is ${actual(node)}`,
      span: this.#valueSpan(),
      note: this.#meaning(),
      help:
        this.#otherSpelling() ??
        this.#example() ??
        (bracketed ? `write one value without ${node.kind === 'sequence' ? '[ ]' : '{ }'}` : undefined),
    };
  }

  /** What is nearly right: `200_000`, "16" in quotes, `elu:` with a colon. */
  #otherSpelling(): string | undefined {
    const { node, entry } = this.#place;
    if (entry === undefined || node.kind !== 'scalar') return undefined;
    const types = this.#site?.types ?? [];
    if (typeof node.value === 'string' && (types.includes('integer') || types.includes('number'))) {
      const digits = node.value.replaceAll(/[_, ]/g, '');
      if (/^[-+]?[0-9.]+(e[-+]?[0-9]+)?$/i.test(digits)) return `write \`${entry.key}: ${digits}\``;
    }
    const inLayer = typeof this.#place.path.at(-2) === 'number';
    const rule = Object.hasOwn(LAYER_TABLE, entry.key) ? LAYER_TABLE[entry.key] : undefined;
    if (inLayer && rule?.bare === true) return `write \`${entry.key}\` alone, without colon and value`;
    return undefined;
  }

  #one(error: ErrorObject): Diagnostic | undefined {
    const parameters = error.params as Readonly<Record<string, unknown>>;
    const { node } = this.#place;
    switch (error.keyword) {
      case 'additionalProperties':
        return undefined;
      case 'required':
        return this.#missing(String(parameters['missingProperty']));
      case 'dependentRequired':
        return this.#dependent(String(parameters['property']), String(parameters['missingProperty']));
      case 'anyOf': {
        const entry = entryOf(node, 'layers');
        return {
          code: 'schema/unknown-key',
          severity: 'error',
          message: '`layers` can only stand beside `repeat` or `when`',
          span: entry?.keySpan ?? node.span,
          help: 'give the nested layers to `repeat`, `when` or `residual`, or remove them',
        };
      }
      case 'propertyNames':
        return this.#badName(String(parameters['propertyName']));
      case 'enum':
        return this.#word((error.schema as readonly unknown[]).map(String));
      case 'const':
        return this.#value(`${this.#subject()} must be ${String(error.schema)}, but this is ${actual(node)}`);
      case 'pattern':
        return this.#badText();
      case 'minimum':
        return this.#value(
          `${this.#subject()} must be at least ${String(error.schema)}, but it is ${content(node)}`,
        );
      case 'maximum':
        return this.#value(
          `${this.#subject()} must be at most ${String(error.schema)}, but it is ${content(node)}`,
        );
      case 'minItems':
      case 'maxItems':
        return this.#length(Number(error.schema));
      case 'minLength':
      case 'minProperties':
        return this.#value(`${this.#subject()} is empty`);
      default:
        return this.#value(`${this.#subject()} ${error.message ?? 'is not allowed'}`);
    }
  }

  #value(message: string): Diagnostic {
    return {
      code: 'schema/value',
      severity: 'error',
      message,
      span: this.#valueSpan(),
      note: this.#meaning(),
      help: this.#example(),
    };
  }

  #length(wanted: number): Diagnostic {
    const { node } = this.#place;
    const count = node.kind === 'sequence' ? node.items.length : 0;
    if (count === 0) return this.#value(`${this.#subject()} is empty`);
    return this.#value(`${this.#subject()} must have ${wanted} items, but this has ${count}`);
  }

  #missing(key: string): Diagnostic {
    const property = this.#property(key);
    const example = property === undefined ? undefined : exampleOf(this.#schema, property);
    return {
      code: 'schema/missing-key',
      severity: 'error',
      message: `${this.#where()} has no \`${key}\``,
      span: this.#headSpan(),
      note: property?.description,
      help: example === undefined ? `add \`${key}:\`` : `add \`${key}: ${printFlow(example)}\``,
    };
  }

  #dependent(key: string, needed: string): Diagnostic {
    const entry = entryOf(this.#place.node, key);
    const property = this.#property(needed === 'layers' ? needed : key);
    return {
      code: needed === 'layers' ? 'schema/missing-key' : 'schema/unknown-key',
      severity: 'error',
      message:
        needed === 'layers'
          ? `\`${key}\` has no \`layers\``
          : `\`${key}\` can only stand beside \`${needed}\``,
      span: entry?.keySpan ?? this.#headSpan(),
      note: property?.description,
      help:
        needed === 'layers'
          ? 'add `layers: [elu, { conv: 32 }]` beside it'
          : `add \`${needed}\`, or remove \`${key}\``,
    };
  }

  #unknown(key: string): { diagnostic: Diagnostic; meant: string | undefined } {
    const known = Object.keys(this.#site?.resolved.properties ?? {});
    const layer = this.#optionOfNeighbour(key);
    if (layer !== undefined) return { diagnostic: layer, meant: undefined };
    const meant = this.#meant(key, known);
    const said =
      meant === undefined ? SYNONYMS.get(key.toLowerCase())?.find((name) => known.includes(name)) : undefined;
    const inGroup = key === 'repeat' && this.#place.path.at(-2) === 'together';
    return {
      meant,
      diagnostic: {
        code: 'schema/unknown-key',
        severity: 'error',
        message: `${this.#where()} does not know the key ${quote(key)}`,
        span: this.#keySpan(key),
        note: inGroup
          ? 'the updates of a group are taken at the same weights, so they run equally often'
          : meant === undefined
            ? undefined
            : this.#property(meant)?.description,
        help: inGroup
          ? 'put `repeat` beside `together`'
          : meant !== undefined
            ? `did you mean \`${meant}\`?`
            : said !== undefined
              ? `remove it; \`${said}\` says this here`
              : `it knows ${enumerate(known)}`,
      },
    };
  }

  /** `{ conv: 32, stride: 2 }`: the option stands beside the kind instead of inside. */
  #optionOfNeighbour(key: string): Diagnostic | undefined {
    if (this.#site?.resolved.properties?.['residual'] === undefined) return undefined;
    for (const { key: kind, value } of entriesOf(this.#place.node)) {
      const rule = LAYER_TABLE[kind];
      if (rule === undefined || rule.flat === true) continue;
      if (!Object.hasOwn(rule.options, key)) continue;
      const option = entryOf(this.#place.node, key)!.value;
      const inside = [
        ...(value.kind === 'scalar' && value.value !== null && rule.shorthand !== undefined
          ? [`${rule.shorthand}: ${value.text.text}`]
          : []),
        `${key}: ${option.kind === 'scalar' ? option.text.text : '...'}`,
      ];
      return {
        code: 'schema/unknown-key',
        severity: 'error',
        message: `\`${key}\` is an option of \`${kind}\` and must stand inside it`,
        span: this.#keySpan(key),
        note: rule.options[key]?.description,
        help: `write \`${kind}: { ${inside.join(', ')} }\``,
      };
    }
    return undefined;
  }

  /** A mapping whose one kind key is missing, misspelt or there twice. */
  #kind(error: ErrorObject, unknown: readonly string[]): Diagnostic {
    const kinds = (error.schema as readonly JsonSchema[]).map((branch) => branch.required![0]!);
    const present = entriesOf(this.#place.node).filter(({ key }) => kinds.includes(key));
    const noun = this.#noun();
    const [first, second] = present;
    if (first !== undefined && second !== undefined) {
      const isLayer = kinds.includes('residual');
      return {
        code: 'schema/value',
        severity: 'error',
        message: `${noun} has one kind, but this has ${enumerate(present.map(({ key }) => key))}`,
        span: second.keySpan,
        related: [{ message: 'the first kind is here', span: first.keySpan }],
        help: isLayer
          ? `start a layer of its own with a dash: \`- ${second.key}${LAYER_TABLE[second.key]?.bare === true ? '' : ': ...'}\``
          : 'remove one of them',
      };
    }
    const candidates = unknown.length > 0 ? unknown : entriesOf(this.#place.node).map(({ key }) => key);
    for (const key of candidates) {
      const meant = this.#meant(key, kinds);
      if (meant === undefined) continue;
      return {
        code: 'schema/unknown-key',
        severity: 'error',
        message: `${quote(key)} is no kind of ${bareNoun(noun)}`,
        span: this.#keySpan(key),
        note: this.#property(meant)?.description,
        help: `did you mean \`${meant}\`?`,
      };
    }
    const only = candidates.length === 1 ? candidates[0] : undefined;
    if (only !== undefined) {
      return {
        code: 'schema/unknown-key',
        severity: 'error',
        message: `${quote(only)} is no kind of ${bareNoun(noun)}`,
        span: this.#keySpan(only),
        help: `the kinds are ${enumerate(kinds)}`,
      };
    }
    return {
      code: 'schema/missing-key',
      severity: 'error',
      message: `${noun} must say its kind: ${enumerate(kinds, 'or')}`,
      span: this.#headSpan(),
      help: this.#example() ?? `add ${enumerate(kinds, 'or')}`,
    };
  }

  #word(words: readonly string[]): Diagnostic {
    const { node } = this.#place;
    const written = node.kind === 'scalar' ? String(node.value) : '';
    const isLayer = words.includes('elu');
    const rule = isLayer && Object.hasOwn(LAYER_TABLE, written) ? LAYER_TABLE[written] : undefined;
    if (rule !== undefined) {
      return {
        code: 'schema/value',
        severity: 'error',
        message: `the layer \`${written}\` cannot stand without options`,
        span: node.span,
        note: rule.description,
        help: layerExample(written, rule),
      };
    }
    const meant = this.#meant(written, isLayer ? Object.keys(LAYER_TABLE) : words);
    return {
      code: 'schema/value',
      severity: 'error',
      message: isLayer
        ? `${quote(written)} is no kind of layer`
        : `${this.#subject()} must be ${enumerate(words, 'or')}, but this is ${quote(written)}`,
      span: this.#valueSpan(),
      note: isLayer ? undefined : this.#meaning(),
      help:
        meant !== undefined
          ? `did you mean \`${meant}\`?`
          : isLayer
            ? `the layers are ${enumerate(Object.keys(LAYER_TABLE))}`
            : `write \`${words[0]!}\``,
    };
  }

  #badName(name: string): Diagnostic {
    const isLet = this.#site?.resolved.propertyNames?.pattern === LET_PATTERN;
    const cleaned = identifierFrom(name);
    return {
      code: 'schema/value',
      severity: 'error',
      message:
        isLet && name.includes('(')
          ? `${quote(name)} is not the head of a function`
          : `${quote(name)} is not a name`,
      span: this.#keySpan(name),
      note:
        isLet && name.includes('(')
          ? 'a function has a name and, in parentheses, the names of its parameters'
          : 'names are made of the letters a-z and A-Z, digits and `_`, and do not start with a digit',
      help:
        isLet && name.includes('(')
          ? 'write for example `energy(v)`'
          : cleaned === undefined
            ? undefined
            : `write \`${cleaned}\``,
    };
  }

  #badText(): Diagnostic {
    const { node } = this.#place;
    const text = node.kind === 'scalar' ? String(node.value) : '';
    const isLibrary = this.#site?.resolved.pattern?.includes('/') === true;
    if (isLibrary) return this.#value(`${quote(text)} is not the name of a library entry`);
    const inHyper = this.#place.path[0] === 'hyper';
    const cleaned = identifierFrom(text);
    return {
      code: 'schema/value',
      severity: 'error',
      message: inHyper
        ? `${this.#subject()} must be a number, true, false or a word, but this is the text ${quote(text)}`
        : `${this.#subject()} must be a name, but this is ${quote(text)}`,
      span: this.#valueSpan(),
      note: inHyper
        ? 'hyper values are plain values; expressions belong in `schedules`, `let` or the place where they are used'
        : 'names are made of the letters a-z and A-Z, digits and `_`, and do not start with a digit',
      help: inHyper
        ? /^(true|false|[-+]?[0-9.]+(e[-+]?[0-9]+)?)$/i.test(text)
          ? 'remove the quotes'
          : undefined
        : cleaned === undefined
          ? undefined
          : `write \`${cleaned}\``,
    };
  }

  #meant(key: string, known: readonly string[]): string | undefined {
    const free = known.filter((name) => entryOf(this.#place.node, name) === undefined);
    const synonym = SYNONYMS.get(key.toLowerCase())?.find((name) => free.includes(name));
    return synonym ?? suggest(key, free);
  }

  #property(key: string): JsonSchema | undefined {
    return this.#site === undefined ? undefined : propertyOf(this.#site.resolved, key);
  }

  #meaning(): string | undefined {
    return this.#site?.declared.description ?? this.#site?.resolved.description;
  }

  #example(): string | undefined {
    const site = this.#site;
    if (site === undefined) return undefined;
    const example = exampleOf(this.#schema, site.declared) ?? exampleOf(this.#schema, site.resolved);
    if (example === undefined) return undefined;
    const key = this.#place.entry?.key;
    return `write \`${key === undefined ? '' : `${key}: `}${printFlow(example)}\``;
  }

  /** What is spoken about: the key, the item, the file. */
  #subject(): string {
    const last = this.#place.path.at(-1);
    if (last === undefined) return 'the file';
    if (typeof last === 'string') return quote(last);
    const list = this.#place.path.findLast((segment) => typeof segment === 'string');
    return list === undefined ? `item ${last + 1}` : `item ${last + 1} of ${quote(list)}`;
  }

  /** The mapping that a key is in. */
  #where(): string {
    return this.#place.path.length === 0 ? 'the file' : this.#subject();
  }

  #noun(): string {
    const { path } = this.#place;
    const kinds = this.#site?.resolved.oneOf?.map((branch) => branch.required?.[0]);
    if (kinds?.includes('residual') === true) return 'a layer';
    if (kinds?.includes('adam') === true) return 'an optimizer';
    if (path[0] === 'data') return 'a data source';
    if (path[0] === 'noise') return 'a noise input';
    return 'a library entry';
  }

  #keySpan(key: string): Span {
    return entryOf(this.#place.node, key)?.keySpan ?? this.#headSpan();
  }

  /** Where a whole mapping is meant: its own key, or its first one. */
  #headSpan(): Span {
    return this.#place.entry?.keySpan ?? entriesOf(this.#place.node)[0]?.keySpan ?? this.#place.node.span;
  }

  #valueSpan(): Span {
    const { node, entry } = this.#place;
    if (node.kind === 'scalar' && node.span.end > node.span.start) return node.span;
    return node.kind === 'scalar' && entry !== undefined ? entry.keySpan : node.span;
  }
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  object: 'a mapping of keys',
  array: 'a list',
  string: 'text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
};

function alternatives(words: readonly string[]): string {
  const value = ['a number', 'text', 'true or false'];
  const isValue = value.every((word) => words.includes(word));
  const list = isValue
    ? [...words.filter((word) => !value.includes(word)), 'a number or an expression']
    : words;
  return list.join(', or ');
}

function actual(node: YamlNode): string {
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

function content(node: YamlNode): string {
  if (node.kind !== 'scalar') return '';
  return quote(typeof node.value === 'string' ? node.value : node.text.text);
}

function unknownKey(error: ErrorObject): string {
  return String(error.params['additionalProperty']);
}

function bareNoun(noun: string): string {
  return noun.replace(/^an? /, '');
}

function identifierFrom(text: string): string | undefined {
  const cleaned = text.replace(/[^A-Za-z0-9_]+/g, '_').replace(/^(?=[0-9])/, '_');
  return /[A-Za-z0-9]/.test(cleaned) ? cleaned : undefined;
}

function layerExample(kind: string, rule: LayerRule): string {
  if (kind === 'use') return 'write `{ use: began/decoder, with: { size: 32 } }`';
  if (rule.flat === true) return `write \`{ ${kind}: 2, layers: [elu, { conv: 32 }] }\``;
  if (rule.nests === true) return `write \`${kind}: [elu, { conv: 32 }]\``;
  const option = rule.shorthand === undefined ? undefined : rule.options[rule.shorthand];
  const isWidth = rule.shorthand === 'filters' || rule.shorthand === 'units';
  const value =
    option?.type === 'name'
      ? 'h0'
      : option?.type === 'list'
        ? '[8, 8, 32]'
        : kind === 'activation'
          ? 'elu'
          : isWidth
            ? '32'
            : '2';
  return `write \`${kind}: ${value}\``;
}
