/** What is said about a value: of the wrong type, not one of the words, out of range. */
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import { enumerate, quote } from '../diagnostics/quote.js';
import { LET_PATTERN, TRAINED_PATTERN } from './definitions.js';
import { LAYER_KINDS, layerExample, layerRule } from './layer-rule.js';
import { actual, content } from './subject.js';
import type { Subject } from './subject.js';

const NAME_RULE = 'Names are made of the letters a-z and A-Z, digits and `_`, and do not start with a digit.';
const NUMBER = /^[-+]?[0-9.]+(e[-+]?[0-9]+)?$/i;

export function wrongType(subject: Subject): Diagnostic {
  const { node } = subject;
  const types = subject.site?.types ?? [];
  const expected = subject.isHyperValue
    ? 'a number, true, false or a word'
    : alternatives(types.map((type) => TYPE_WORDS[type] ?? type));
  const empty = node.kind === 'scalar' && node.value === null;
  const bracketed = types.includes('number') && types.includes('string') && node.kind !== 'scalar';
  return {
    code: 'schema/type',
    severity: 'error',
    message: empty
      ? `${subject.name} has no value`
      : `${subject.name} must be ${expected}, but this is ${actual(node)}`,
    span: subject.valueSpan(),
    note: subject.meaning(),
    help:
      otherSpelling(subject) ??
      subject.example() ??
      (bracketed ? `Write one value without \`${node.kind === 'sequence' ? '[ ]' : '{ }'}\`.` : undefined),
  };
}

/** What is nearly right: `200_000`, "16" in quotes, `elu:` with a colon. */
function otherSpelling(subject: Subject): string | undefined {
  const { node, entry } = subject.place;
  if (entry === undefined) return undefined;
  const inLayer = typeof subject.place.path.at(-2) === 'number';
  const rule = inLayer ? layerRule(entry.key) : undefined;
  if (node.kind !== 'scalar') {
    const isBeside = rule?.flat === true && rule.nests === true;
    return isBeside ? `Write \`${layerExample(entry.key, rule)}\`.` : undefined;
  }
  if (typeof node.value === 'string' && isLibraryName(subject, node.value)) {
    return `Write \`${entry.key}: { use: ${node.value} }\`.`;
  }
  const types = subject.site?.types ?? [];
  if (typeof node.value === 'string' && (types.includes('integer') || types.includes('number'))) {
    const digits = node.value.replaceAll(/[_, ]/g, '');
    if (NUMBER.test(digits)) return `Write \`${entry.key}: ${digits}\`.`;
  }
  if (rule?.bare === true) return `Write \`${entry.key}\` alone, without colon and value.`;
  return undefined;
}

/** What looks like an entry of the library where one may be used: an objective, or a block in the place of a network. */
function isLibraryName({ place: { path } }: Subject, text: string): boolean {
  if (path.length === 1 && path[0] === 'objective') return /^[a-z]\w*$/.test(text);
  return path.length === 2 && path[0] === 'networks' && /^[a-z]\w*\/\w+$/.test(text);
}

/** Anything else that is wrong with the value. */
export function wrongValue(subject: Subject, problem: string): Diagnostic {
  return {
    code: 'schema/value',
    severity: 'error',
    message: `${subject.name} ${problem}`,
    span: subject.valueSpan(),
    note: subject.meaning(),
    help: subject.example(),
  };
}

export function wrongLength(subject: Subject, wanted: number): Diagnostic {
  const { node } = subject;
  const count = node.kind === 'sequence' ? node.items.length : 0;
  if (count === 0) return wrongValue(subject, `is empty`);
  return wrongValue(subject, `must have ${wanted} items, but this has ${count}`);
}

export function wrongWord(subject: Subject, words: readonly string[]): Diagnostic {
  const { node } = subject;
  const written = node.kind === 'scalar' ? String(node.value) : '';
  const isLayer = words.includes('elu');
  const rule = isLayer ? layerRule(written) : undefined;
  if (rule !== undefined) {
    return {
      code: 'schema/value',
      severity: 'error',
      message: `The layer \`${written}\` cannot stand without options`,
      span: node.span,
      note: rule.description,
      help: `Write \`${layerExample(written, rule)}\`.`,
    };
  }
  const meant = subject.meant(written, isLayer ? LAYER_KINDS : words);
  return {
    code: 'schema/value',
    severity: 'error',
    message: isLayer
      ? `${quote(written)} is no kind of layer`
      : `${subject.name} must be ${enumerate(words, 'or')}, but this is ${quote(written)}`,
    span: subject.valueSpan(),
    note: isLayer ? undefined : subject.meaning(),
    help:
      meant !== undefined
        ? `Did you mean \`${meant}\`?`
        : isLayer
          ? `The layers are ${enumerate(LAYER_KINDS)}.`
          : words.length === 1
            ? `Write \`${words[0]!}\`.`
            : undefined,
  };
}

/** A key of the user's choice that is no name. */
export function wrongName(subject: Subject, name: string): Diagnostic {
  const wrong = { code: 'schema/value', severity: 'error', span: subject.keySpan(name) } as const;
  if (subject.site?.resolved.propertyNames?.pattern === LET_PATTERN && name.includes('(')) {
    return {
      ...wrong,
      message: `${quote(name)} is not the head of a function`,
      note: 'A function has a name and, in parentheses, the names of its parameters.',
      help: 'Write for example `energy(v)`.',
    };
  }
  return { ...wrong, message: `${quote(name)} is not a name`, note: NAME_RULE, help: cleaned(name) };
}

/** A text that should be a name, a word or the name of a library entry. */
export function wrongText(subject: Subject): Diagnostic {
  const { node } = subject;
  const text = node.kind === 'scalar' ? String(node.value) : '';
  if (subject.site?.resolved.pattern?.includes('/') === true) {
    return wrongValue(subject, 'must be the name of a library entry, but this is ' + actual(node));
  }
  const wrong = { code: 'schema/value', severity: 'error', span: subject.valueSpan() } as const;
  if (subject.site?.resolved.pattern === TRAINED_PATTERN) {
    return {
      ...wrong,
      message: `${subject.name} must be the name of a network, or of a branch of one, but this is ${content(node)}`,
      note: 'What the branch `q` of the network `D` makes is written `D.q`.',
      help: /^\s*\w+\s*,/.test(text) ? `Write \`[${text}]\`.` : undefined,
    };
  }
  if (subject.isHyperValue) {
    return {
      ...wrong,
      message: `${subject.name} must be a number, true, false or a word, but this is ${actual(node)}`,
      note: 'Hyper values are plain values; expressions belong in `schedules`, `let` or the place where they are used.',
      help: NUMBER.test(text) || text === 'true' || text === 'false' ? 'Remove the quotes.' : undefined,
    };
  }
  return {
    ...wrong,
    message: `${subject.name} must be a name, but this is ${content(node)}`,
    note: NAME_RULE,
    help: cleaned(text),
  };
}

function cleaned(text: string): string | undefined {
  const name = text.replace(/[^A-Za-z0-9_]+/g, '_').replace(/^(?=[0-9])/, '_');
  return /[A-Za-z0-9]/.test(name) ? `Write \`${name}\`.` : undefined;
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
