/**
 * Changes single values of a spec's text: `hyper.gamma=0.7`, `train.steps=100`. Everything else stays as it is, comments and
 * line breaks included, so that diagnostics still point to the lines the user knows.
 */
import { parseDocument } from 'yaml';
import { DiagnosticError } from './diagnostics/diagnostic.js';
import type { Diagnostic, SourceFile } from './diagnostics/diagnostic.js';
import { enumerate, quote } from './diagnostics/quote.js';
import { suggest } from './diagnostics/suggest.js';
import { emptyFile } from './empty-file.js';
import { extendSpec } from './extend.js';
import type { ParseOptions } from './parse.js';
import { schemaAt } from './schema/resolve.js';
import type { PathSegment } from './schema/resolve.js';
import { SPEC_SCHEMA } from './schema/v1.js';
import { entryOf } from './yaml/node.js';
import type { YamlMapping, YamlNode } from './yaml/node.js';
import { readYaml, YAML_OPTIONS } from './yaml/read.js';

export interface Override {
  /** Keys from the top, joined by dots; items of lists by number, from 0: `objective.updates.0.minimize`. */
  readonly path: string;
  /** As it would stand in the file; quotes are added where YAML needs them. */
  readonly value: string;
}

/**
 * The file with the values replaced. A key that the language or an extended file knows but the file does not have is added.
 * Throws DiagnosticError where a file is not YAML (yaml/...), cannot be extended (schema/extends) or a path leads nowhere
 * (run/option, all of them at once).
 */
export function overrideSpec(
  source: SourceFile,
  overrides: readonly Override[],
  options: ParseOptions = {},
): SourceFile {
  let file = source;
  const refused: Diagnostic[] = [];
  for (const override of overrides) {
    const { root, diagnostics } = readYaml(file);
    if (root === undefined || diagnostics.length > 0) {
      throw new DiagnosticError(diagnostics.length > 0 ? diagnostics : emptyFile(file));
    }
    const extended = extendSpec(file, root, options.readSpec);
    if (extended.diagnostics.length > 0) throw new DiagnosticError(extended.diagnostics);
    const edit = findEdit({ file, root, whole: extended.root }, override);
    if ('code' in edit) refused.push(edit);
    else
      file = {
        name: file.name,
        text: file.text.slice(0, edit.start) + edit.text + file.text.slice(edit.end),
      };
  }
  if (refused.length > 0) throw new DiagnosticError(refused);
  return file;
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

interface Document {
  readonly file: SourceFile;
  readonly root: YamlNode;
  /** The same on top of what it extends. */
  readonly whole: YamlNode;
}

function findEdit(document: Document, { path, value }: Override): Edit | Diagnostic {
  const { file, root } = document;
  const segments = path.split('.');
  const walked: PathSegment[] = [];
  let node = root;
  for (const [index, segment] of segments.entries()) {
    const isLast = index === segments.length - 1;
    if (node.kind === 'sequence') {
      const item = /^[0-9]+$/.test(segment) ? node.items[Number(segment)] : undefined;
      if (item === undefined) return nowhere(path, walked, node, segment);
      walked.push(Number(segment));
      node = item;
      continue;
    }
    const entry = entryOf(node, segment);
    if (entry === undefined) {
      const refusal = refuseNewKey(document, path);
      if (node.kind !== 'mapping' || refusal !== undefined) {
        return refusal ?? nowhere(path, walked, node, segment);
      }
      return insertion(file, node, segments.slice(index), value);
    }
    walked.push(segment);
    node = entry.value;
    // `key:` without a value: the new one needs a space in front.
    if (isLast && node.span.start === node.span.end) {
      const colon = file.text.indexOf(':', entry.keySpan.end);
      return { start: colon + 1, end: colon + 1, text: ` ${scalar(value)}` };
    }
  }
  return { start: node.span.start, end: node.span.end, text: scalar(value) };
}

/** A key that is not there can be added where the whole spec has it or the language knows it. */
function refuseNewKey({ file, whole }: Document, path: string): Diagnostic | undefined {
  const segments = path.split('.');
  const walked: PathSegment[] = [];
  let node = whole;
  for (const [index, segment] of segments.entries()) {
    if (node.kind === 'sequence' && node.span.file === file) {
      walked.push(Number(segment));
      node = node.items[Number(segment)]!;
      continue;
    }
    if (node.kind === 'sequence') {
      return {
        code: 'run/option',
        severity: 'error',
        message: `${quote(path)} is an item of a list in a file that this one extends`,
        span: node.span,
        note: 'A list is replaced as a whole.',
        help: `Set ${quote(walked.join('.'))}, or write the list in this file.`,
      };
    }
    const entry = entryOf(node, segment);
    if (entry === undefined) {
      const known = schemaAt(SPEC_SCHEMA, whole, walked)?.resolved.properties ?? {};
      const isNew = index === segments.length - 1 && node.kind === 'mapping' && Object.hasOwn(known, segment);
      return isNew ? undefined : nowhere(path, walked, node, segment);
    }
    walked.push(segment);
    node = entry.value;
  }
  return undefined;
}

/** `keys` lead from the mapping to the value: `hyper`, `gamma` gives `hyper: { gamma: 0.7 }`. */
function insertion(file: SourceFile, mapping: YamlMapping, keys: readonly string[], value: string): Edit {
  const [key = '', ...inner] = keys;
  const text = `${key}: ${inner.reduceRight((below, name) => `{ ${name}: ${below} }`, scalar(value))}`;
  const last = mapping.entries.at(-1);
  if (last === undefined) {
    return { start: mapping.span.start, end: mapping.span.end, text: `{ ${text} }` };
  }
  const end = Math.max(last.value.span.end, last.keySpan.end);
  if (file.text[mapping.span.start] === '{') return { start: end, end, text: `, ${text}` };
  const newline = file.text.indexOf('\n', end);
  const at = newline === -1 ? file.text.length : newline;
  const first = mapping.entries[0]!.keySpan.start;
  const indentation = ' '.repeat(first - (file.text.lastIndexOf('\n', first - 1) + 1));
  return { start: at, end: at, text: `\n${indentation}${text}` };
}

/** The value as YAML that is safe between { } too. */
function scalar(value: string): string {
  const trimmed = value.trim();
  const document = parseDocument(trimmed, YAML_OPTIONS);
  const isYaml = document.errors.length === 0 && document.warnings.length === 0;
  if (isYaml && /^([[{].*[\]}]|"[^"\\]*"|'[^']*')$/.test(trimmed)) return trimmed;
  return !isYaml || /[,[\]{}\n]|:(\s|$)|\s#|^[-?!&*%@`"'>|#]\D/.test(trimmed)
    ? JSON.stringify(trimmed)
    : trimmed;
}

function nowhere(path: string, walked: readonly PathSegment[], node: YamlNode, segment: string): Diagnostic {
  const parent = walked.join('.');
  const where = parent === '' ? 'the spec' : quote(parent);
  const code = 'run/option';
  const severity = 'error';
  const { span } = node;
  const message = `${quote(path)} leads nowhere: ${where} `;
  switch (node.kind) {
    case 'sequence':
      return {
        code,
        severity,
        span,
        message: `${message}has no item ${quote(segment)}`,
        help: `Its items are numbered 0 to ${node.items.length - 1}.`,
      };
    case 'scalar':
      return {
        code,
        severity,
        span,
        message: `${message}is a plain value`,
        help: `Set ${quote(parent)} itself.`,
      };
    case 'mapping': {
      const keys = node.entries.map(({ key }) => key);
      const meant = suggest(segment, keys);
      return {
        code,
        severity,
        span: parent === '' ? undefined : span,
        message: `${message}has no ${quote(segment)}`,
        help:
          meant === undefined
            ? `It has ${enumerate(keys)}.`
            : `Did you mean ${quote(path.split('.').with(walked.length, meant).join('.'))}?`,
      };
    }
    default:
      throw new TypeError(`internal: no such node ${String(node satisfies never)}`);
  }
}
