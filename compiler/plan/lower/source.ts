/** What convolutions and filter gradients read: a value as it lies, or all parts of channels that are joined for them. */
import type { NodeId } from '../../graph/graph.js';
import { NeedsStorage } from '../fuse.js';
import type { Place, SourcePart } from '../kernel.js';
import { areNeighbours } from '../view.js';
import type { Parameters } from './arguments.js';
import type { LaunchList } from './launch-list.js';

export interface PlacedPart extends Omit<SourcePart, 'parameter'> {
  readonly place: Place;
}

/**
 * The parts of `id`, of whose columns `read` are read. Columns that are not all read must be a plain run, and joined
 * channels neighbours, as they would be if they had been stored together. Throws NeedsStorage.
 */
export function sourceParts(
  list: LaunchList,
  id: NodeId,
  read: { readonly origin: number; readonly extent: number },
): readonly PlacedPart[] {
  const { fusion } = list;
  const columns = fusion.node(id).shape[2]!;
  const cropped = read.origin > 0 || read.origin + read.extent < columns;
  const parts = fusion.parts(id);
  let first = 0;
  return parts.map(({ id: part, root, chain, channels }) => {
    const view = fusion.view(root, chain);
    const apart = parts.length > 1 && !areNeighbours(view.axes[3]!);
    if (apart || (cropped && view.axes[2]!.length > 1)) throw new NeedsStorage(part);
    const placed = { place: list.placeOfLoad({ leaf: root, view }), first, channels, axes: view.axes };
    first += channels;
    return placed;
  });
}

/** The parts as a kernel of these parameters reads them. */
export function asParameters(parts: readonly PlacedPart[], own: Parameters): readonly SourcePart[] {
  return parts.map(({ place, ...part }) => ({ parameter: own.of(place), ...part }));
}
