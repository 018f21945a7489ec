/** A spec with everything that it takes from the library written out: what a reader, or another tool, needs nothing else for. */
import { isMap, isSeq, Pair, parseDocument, Scalar, YAMLMap, YAMLSeq } from 'yaml';
import type { Document, Node } from 'yaml';
import { DiagnosticError } from '../diagnostics/diagnostic.js';
import type { SourceFile } from '../diagnostics/diagnostic.js';
import { AS_WRITTEN, formatSpec } from '../format.js';
import { parseLibraryEntry } from '../parse.js';
import type { LibraryBlock, LibraryEntry, LibraryObjective, LibrarySource } from '../spec.js';
import { readYaml } from '../yaml/read.js';
import { expandNetwork, givenIn, type BlockSource } from './layers.js';
import { expandObjective } from './objective.js';
import { expressionOf, withoutAliases } from './scalars.js';
import { NO_VALUES } from './values.js';

/**
 * The same spec without `use`, in our style. It means the same program. The spec is one without errors that extends no other.
 * Throws DiagnosticError run/option where a name of the library would hide one of the spec.
 */
export function expandSpec(source: SourceFile, library: LibrarySource): string {
  const { diagnostics } = readYaml(source);
  if (diagnostics.length > 0) throw new DiagnosticError(diagnostics);
  const document = documentOf(source.text);
  const root = document.contents;
  if (!isMap(root)) return source.text;
  const files = new LibraryFiles(library);
  const blocks: BlockSource = {
    block: (name) => files.block(name),
    hyperWords: wordsOf(root.get('hyper')),
  };
  const networks = root.get('networks');
  for (const pair of isMap(networks) ? networks.items : []) {
    pair.value = networkWithout(pair.value, document, blocks);
  }
  const objective = root.get('objective');
  if (isMap(objective) && objective.has('use')) {
    const name = String(objective.get('use'));
    const { entry, file, comment } = files.objective(name);
    const train = root.get('train');
    const expanded = expandObjective({
      entry,
      file,
      given: givenIn(objective.get('with'), NO_VALUES),
      hyperWords: blocks.hyperWords,
      stop: isMap(train) ? expressionOf(train.get('stop', true)) : undefined,
    });
    expanded.commentBefore = comment;
    root.items.find(({ key }) => String(key) === 'objective')!.value = expanded;
  }
  return formatSpec({ name: source.name, text: document.toString({ lineWidth: 0 }) });
}

/** A network's layers, in the place of a list, or of a mapping with `layers` or `use`. */
function networkWithout(network: unknown, document: Document, blocks: BlockSource): unknown {
  if (!usesBlocks(network)) return network;
  const own = withoutAliases(network as Node, (alias) => resolveIn(document, alias));
  if (isSeq(own)) return expandNetwork(own, blocks);
  if (!isMap(own)) return own;
  const layers = own.get('layers');
  if (isSeq(layers)) {
    own.set('layers', expandNetwork(layers, blocks));
    return own;
  }
  const inputs = own.get('inputs', true);
  own.delete('inputs');
  const list = new YAMLSeq();
  list.items = [own];
  const expanded = expandNetwork(list, blocks);
  if (inputs === undefined) return expanded;
  const map = new YAMLMap();
  map.items = [new Pair(new Scalar('inputs'), inputs), new Pair(new Scalar('layers'), expanded)];
  return map;
}

function usesBlocks(node: unknown): boolean {
  if (isSeq(node)) return node.items.some(usesBlocks);
  if (!isMap(node)) return false;
  return node.has('use') || node.items.some(({ value }) => usesBlocks(value));
}

const documentOf = (text: string): Document<Node> => parseDocument(text.replaceAll('\r\n', '\n'), AS_WRITTEN);

function resolveIn(document: Document, alias: Node): Node | undefined {
  return 'resolve' in alias
    ? (alias as { resolve(of: Document): Node | undefined }).resolve(document)
    : undefined;
}

/** Hyper values that are neither numbers nor true or false. */
function wordsOf(hyper: unknown): ReadonlySet<string> {
  const pairs = isMap(hyper) ? hyper.items : [];
  return new Set(
    pairs.filter(({ value }) => expressionOf(value)?.kind === 'name').map(({ key }) => String(key)),
  );
}

class LibraryFiles {
  readonly #library: LibrarySource;

  constructor(library: LibrarySource) {
    this.#library = library;
  }

  block(name: string): { readonly entry: LibraryBlock; readonly layers: YAMLSeq } {
    const { entry, document } = this.#read(name);
    if (entry.kind !== 'block') throw new TypeError(`internal: ${name} is no block`);
    const layers = (document.contents as YAMLMap).get('layers') as YAMLSeq;
    return { entry, layers };
  }

  objective(name: string): {
    readonly entry: LibraryObjective;
    readonly file: YAMLMap;
    /** What the file says about itself above its first key. */
    readonly comment: string | null;
  } {
    const { entry, document } = this.#read(name);
    if (entry.kind !== 'objective') throw new TypeError(`internal: ${name} is no objective`);
    const file = document.contents as YAMLMap;
    const places = [document, file, file.items[0]?.key as Scalar | undefined];
    const comments = places.flatMap((place) => place?.commentBefore ?? []);
    return { entry, file, comment: comments.length === 0 ? null : comments.join('\n') };
  }

  #read(name: string): { readonly entry: LibraryEntry; readonly document: Document } {
    const file = this.#library.read(name);
    if (file === undefined) throw new TypeError(`internal: the library has no ${name}`);
    const { entry, diagnostics } = parseLibraryEntry(file);
    if (entry === undefined) throw new DiagnosticError(diagnostics);
    const document = documentOf(file.text);
    const root = document.contents;
    if (root !== null) withoutAliases(root, (alias) => resolveIn(document, alias));
    return { entry, document };
  }
}
