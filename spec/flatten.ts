/** A spec and the files it extends as one text: what a run keeps, so that it needs no other file. */
import { Document, isMap, isScalar, isSeq, Pair, parseDocument, Scalar, visit, YAMLMap, YAMLSeq } from 'yaml';
import type { Node } from 'yaml';
import { dataPaths } from './data-paths.js';
import { DiagnosticError } from './diagnostics/diagnostic.js';
import type { SourceFile, Span } from './diagnostics/diagnostic.js';
import { extendSpec } from './extend.js';
import type { ReadSpec } from './extend.js';
import { entriesOf, entryOf, toJson, valueOf } from './yaml/node.js';
import type { YamlEntry, YamlMapping, YamlNode, YamlScalar, YamlSequence } from './yaml/node.js';
import { readYaml, YAML_OPTIONS } from './yaml/read.js';

export interface FlattenOptions {
  readonly readSpec: ReadSpec;
  /** A path that stands in the file `from`, which the spec extends, as it is written in the spec itself. */
  readonly rebase: (path: string, from: SourceFile) => string;
}

/**
 * The same spec without `extends`, under the same name; the file itself where it extends nothing. Keys stand in the order in
 * which the spec is read, so that it trains the same bits. Comments stay with the keys and values that count. Throws
 * DiagnosticError (yaml/..., schema/extends) where a file cannot be read or extended.
 */
export function flattenSpec(source: SourceFile, { readSpec, rebase }: FlattenOptions): SourceFile {
  const { root, diagnostics } = readYaml(source);
  if (diagnostics.length > 0) throw new DiagnosticError(diagnostics);
  if (root === undefined || valueOf(root, 'extends') === undefined) return source;
  const whole = extendSpec(source, root, readSpec);
  if (whole.diagnostics.length > 0) throw new DiagnosticError(whole.diagnostics);

  const rebased = new Map<YamlNode, string>();
  for (const { value: stream } of entriesOf(valueOf(whole.root, 'data'))) {
    for (const node of dataPaths(stream)) {
      const { file } = node.span;
      if (file !== source && node.kind === 'scalar') rebased.set(node, rebase(String(node.value), file));
    }
  }
  const copier = new Copier([source, ...whole.bases], rebased);
  const copy = copier.copy(whole.root);
  const document = new Document(null, YAML_OPTIONS);
  document.contents = copy;
  const from = whole.bases.map(({ name }) => name).join(' and ');
  document.commentBefore = joinComments(
    ` ${source.name} and ${from}, which it extends, as one file.`,
    copier.commentAbove(entryOf(root, 'extends')!),
  );
  const flat: SourceFile = { name: source.name, text: document.toString({ lineWidth: 0 }) };

  const again = readYaml(flat).root;
  if (again === undefined || JSON.stringify(toJson(again)) !== JSON.stringify(copy.toJSON())) {
    throw new TypeError(`internal: the text of ${source.name} changes where it is written as one file`);
  }
  return flat;
}

/** Nodes as the YAML library writes them, with the comments and quotes of the file each comes from; aliases are followed. */
class Copier {
  readonly #roots: readonly (YamlNode | undefined)[];
  readonly #nodes: ReadonlyMap<SourceFile, FileNodes>;
  readonly #rebased: ReadonlyMap<YamlNode, string>;

  constructor(files: readonly SourceFile[], rebased: ReadonlyMap<YamlNode, string>) {
    this.#roots = files.map((file) => readYaml(file).root);
    this.#nodes = new Map(files.map((file) => [file, nodesOf(file)]));
    this.#rebased = rebased;
  }

  /** @param path keys that lead to the node */
  copy(node: YamlNode, path: readonly string[] = []): Node {
    switch (node.kind) {
      case 'scalar':
        return this.#scalar(node);
      case 'sequence':
        return this.#sequence(node);
      case 'mapping':
        return this.#mapping(node, path);
      default:
        throw new TypeError(`internal: no such node ${String(node satisfies never)}`);
    }
  }

  commentAbove({ keySpan }: YamlEntry): string | undefined {
    return this.#nodesOf(keySpan).scalars.get(keySpan.start)?.commentBefore ?? undefined;
  }

  #scalar(node: YamlScalar): Scalar {
    const copy = copyOf(this.#nodesOf(node.span).scalars.get(node.span.start)) ?? new Scalar(node.value);
    const path = this.#rebased.get(node);
    if (path !== undefined) copy.value = path;
    return copy;
  }

  #sequence({ span, items }: YamlSequence): YAMLSeq {
    const copy = dress(new YAMLSeq(), this.#nodesOf(span).collections.get(span.start));
    copy.items = items.map((item) => this.copy(item));
    return copy;
  }

  #mapping(node: YamlMapping, path: readonly string[]): YAMLMap {
    const { span, entries } = node;
    const copy = dress(new YAMLMap(), this.#nodesOf(span).collections.get(span.start));
    // Comments of several files do not fit between { }.
    if (!isOfOneFile(node, span.file)) copy.flow = false;
    for (const { key, keySpan, value } of entries) {
      const at = [...path, key];
      const written = copyOf(this.#nodesOf(keySpan).scalars.get(keySpan.start)) ?? new Scalar(key);
      // What is said of a mapping is said of the completed one too, but not of one that took its place.
      if (!isOfOneFile(value, keySpan.file)) written.commentBefore ??= this.#commentOf(at) ?? null;
      copy.items.push(new Pair(written, this.copy(value, at)));
    }
    return copy;
  }

  /** The nearest comment above a key. */
  #commentOf(path: readonly string[]): string | undefined {
    for (const root of this.#roots) {
      const owner = path.slice(0, -1).reduce(valueOf, root);
      const entry = entryOf(owner, path.at(-1)!);
      const comment = entry && this.commentAbove(entry);
      if (comment !== undefined) return comment;
    }
    return undefined;
  }

  #nodesOf({ file }: Span): FileNodes {
    return this.#nodes.get(file)!;
  }
}

/** By the offset they start at; a block mapping starts where its first key does. */
interface FileNodes {
  readonly scalars: ReadonlyMap<number, Scalar>;
  readonly collections: ReadonlyMap<number, YAMLMap | YAMLSeq>;
}

function nodesOf(file: SourceFile): FileNodes {
  const scalars = new Map<number, Scalar>();
  const collections = new Map<number, YAMLMap | YAMLSeq>();
  visit(parseDocument(file.text, YAML_OPTIONS), {
    Node: (_key, node) => {
      const start = node.range?.[0];
      if (start === undefined) return;
      if (isScalar(node)) scalars.set(start, node);
      if (isMap(node)) giveCommentToFirstKey(node);
      if (isMap(node) || isSeq(node)) collections.set(start, node);
    },
  });
  return { scalars, collections };
}

/** What stands above a mapping was written above its first key, which may not be the first of the whole. */
function giveCommentToFirstKey(map: YAMLMap): void {
  const key = map.items[0]?.key;
  if (map.flow === true || !isScalar(key)) return;
  key.commentBefore = joinComments(map.commentBefore, key.commentBefore);
  map.commentBefore = null;
}

const joinComments = (...comments: readonly (string | null | undefined)[]): string | null => {
  const said = comments.filter((comment) => typeof comment === 'string');
  return said.length === 0 ? null : said.join('\n');
};

function copyOf(node: Scalar | undefined): Scalar | undefined {
  const copy = node?.clone() as Scalar | undefined;
  if (copy !== undefined) delete copy.anchor;
  return copy;
}

/** Comments, empty lines and brackets of another collection. */
function dress<T extends YAMLMap | YAMLSeq>(bare: T, like: YAMLMap | YAMLSeq | undefined): T {
  const { flow, comment, commentBefore, spaceBefore } = like ?? {};
  return Object.assign(bare, { flow, comment, commentBefore, spaceBefore });
}

function isOfOneFile(node: YamlNode, file: SourceFile): boolean {
  if (node.span.file !== file) return false;
  switch (node.kind) {
    case 'scalar':
      return true;
    case 'sequence':
      return node.items.every((item) => isOfOneFile(item, file));
    case 'mapping':
      return node.entries.every(({ keySpan, value }) => keySpan.file === file && isOfOneFile(value, file));
    default:
      throw new TypeError(`internal: no such node ${String(node satisfies never)}`);
  }
}
