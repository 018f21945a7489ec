/** Which values of a data stream are paths: each is relative to the file that says it. Pure data. */
import { DATA_KIND_NAMES } from './schema/data-kinds.js';
import type { DataSpec } from './spec.js';
import { entryOf } from './yaml/node.js';
import type { YamlNode } from './yaml/node.js';

/** Keys that lead from the stream to the path. */
const DATA_PATHS: Readonly<Record<DataSpec['kind'], readonly (readonly string[])[]>> = {
  images: [['images'], ['labels']],
  facesjs: [],
  mnist: [],
  fashion_mnist: [['folder']],
  idx: [
    ['idx', 'images'],
    ['idx', 'labels'],
  ],
  points: [],
  text: [['text']],
  labels: [],
};

/** Words that stand where a path may. */
const NO_PATHS: ReadonlySet<string> = new Set(['folders']);

/** The nodes of one stream under `data` that are paths. */
export function dataPaths(stream: YamlNode): readonly YamlNode[] {
  const kind = DATA_KIND_NAMES.find((name) => entryOf(stream, name) !== undefined);
  if (kind === undefined) return [];
  return DATA_PATHS[kind].flatMap((keys) => {
    const node = keys.reduce<YamlNode | undefined>((below, key) => entryOf(below, key)?.value, stream);
    return node?.kind === 'scalar' && !NO_PATHS.has(String(node.value)) ? [node] : [];
  });
}
