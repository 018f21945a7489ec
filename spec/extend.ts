/** `extends: ./other.yaml`: puts a spec on top of the one it names. */
import type { Diagnostic, SourceFile, Span } from './diagnostics/diagnostic.js';
import { quote } from './diagnostics/quote.js';
import { DATA_KIND_NAMES } from './schema/data-kinds.js';
import type { YamlNode } from './yaml/node.js';
import { entryOf, valueOf } from './yaml/node.js';
import { mergeNodes, withoutKey } from './yaml/merge.js';
import { readYaml } from './yaml/read.js';

/**
 * Gives the file that `extends: path` in the file `from` names, or undefined where there is none. Equal files must have
 * equal names: circles are noticed by them.
 */
export type ReadSpec = (path: string, from: SourceFile) => SourceFile | undefined;

const MAXIMUM_FILES = 16;

export interface Extended {
  /** The document without `extends`; the original one where it could not be followed. */
  readonly root: YamlNode;
  /** The files below the first one, nearest first. */
  readonly bases: readonly SourceFile[];
  readonly diagnostics: readonly Diagnostic[];
  /** False where `extends` could not be followed. */
  readonly complete: boolean;
}

export function extendSpec(source: SourceFile, original: YamlNode, readSpec: ReadSpec | undefined): Extended {
  const files = [source];
  const diagnostics: Diagnostic[] = [];
  const give = (root: YamlNode, complete: boolean): Extended => ({
    root,
    bases: files.slice(1),
    diagnostics,
    complete,
  });
  for (let root = original; ;) {
    const value = entryOf(root, 'extends')?.value;
    if (value === undefined) return give(root, true);
    // Of the wrong type: the schema says so.
    if (value.kind !== 'scalar' || typeof value.value !== 'string' || value.value === '') {
      return give(root, false);
    }
    const base = readBase(files, value.value, value.span, readSpec, diagnostics);
    if (base === undefined) return give(original, false);
    root = mergeNodes(base, withoutKey(root, 'extends'), changesKind);
  }
}

function readBase(
  files: SourceFile[],
  path: string,
  span: Span,
  readSpec: ReadSpec | undefined,
  diagnostics: Diagnostic[],
): YamlNode | undefined {
  const refuse = (text: Pick<Diagnostic, 'message' | 'note' | 'help'>): undefined => {
    diagnostics.push({ code: 'schema/extends', severity: 'error', span, ...text });
  };
  if (readSpec === undefined) {
    return refuse({
      message: '`extends` cannot be followed here',
      note: 'The spec is read without access to other files.',
      help: 'Write the whole spec in one file.',
    });
  }
  const file = readSpec(path, files.at(-1)!);
  if (file === undefined) {
    return refuse({
      message: `There is no spec ${quote(path)}`,
      note: 'The path is relative to the file that says `extends`.',
      help: 'Correct the path.',
    });
  }
  const first = files.findIndex(({ name }) => name === file.name);
  if (first !== -1) {
    const circle = files.slice(first).map(({ name }) => quote(name));
    return refuse({
      message:
        circle.length === 1
          ? `${circle[0]!} extends itself`
          : `${circle[0]!} extends itself, by way of ${circle.slice(1).join(' and ')}`,
      help: 'Name another file, or remove `extends`.',
    });
  }
  if (files.length === MAXIMUM_FILES) {
    return refuse({
      message: `More than ${MAXIMUM_FILES} specs extend each other`,
      help: 'Extend a spec nearer to the last one.',
    });
  }
  files.push(file);
  const { root, diagnostics: yaml } = readYaml(file);
  diagnostics.push(...yaml);
  if (root?.kind === 'mapping') return root;
  if (yaml.length > 0) return undefined;
  return refuse({
    message: `${quote(path)} ${root === undefined ? 'is empty' : 'holds no spec'}`,
    note: 'A spec is a mapping of keys.',
    help: 'Name another file, or remove `extends`.',
  });
}

/** The keys that say what a mapping is, by the path that leads to it; `*` is a name of the user's choice. */
const KIND_KEYS: Readonly<Record<string, readonly string[]>> = {
  // `labels` is an option of the other kinds as well.
  'data.*': DATA_KIND_NAMES.filter((kind) => kind !== 'labels'),
  'noise.*': ['uniform', 'normal', 'categorical', 'bernoulli'],
  'networks.*': ['layers', 'use', 'average'],
  objective: ['updates', 'use'],
  'objective.state.*': ['next', 'plateau'],
};

/**
 * A mapping of another kind cannot complete one: `{ mnist: train }` takes the place of `{ images: ./faces, size: 32 }`. Nor can
 * another entry of the library: the parameters in `with` are those of the entry that was used.
 */
function changesKind(path: readonly string[], base: YamlNode, over: YamlNode): boolean {
  const kinds = KIND_KEYS[path.join('.')] ?? KIND_KEYS[[...path.slice(0, -1), '*'].join('.')] ?? [];
  const kind = kinds.find((key) => entryOf(over, key) !== undefined);
  if (kind === undefined) return false;
  const [before, after] = [valueOf(base, kind), valueOf(over, kind)];
  return before === undefined || (kind === 'use' && scalarOf(before) !== scalarOf(after));
}

const scalarOf = (node: YamlNode | undefined): unknown => (node?.kind === 'scalar' ? node.value : undefined);
