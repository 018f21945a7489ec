/** Pad and concat: their parts are computed, or copied, into strided places of the result. */
import type { NodeId, NodeOf } from '../../graph/graph.js';
import { BodyWriter } from '../body.js';
import { elementsOf } from '../fuse.js';
import type { Place } from '../kernel.js';
import { denseStrides } from '../scratch.js';
import type { View } from '../view.js';
import type { LaunchList } from './launch-list.js';
import { launchPointwise } from './pointwise.js';

export function lowerPad(list: LaunchList, id: NodeId, node: NodeOf<'pad'>): void {
  const place = list.placeOf(id);
  const name = list.nameOf(list.fusion.clusterOf(id), []);
  list.launch(
    { kind: 'fill', parameters: 1, tiles: 1, elements: elementsOf(node.shape), value: 0 },
    [place],
    new Set([0]),
    name,
    node.shape,
  );
  const { low, interior } = node.attributes;
  const strides = denseStrides(node.shape);
  const inner = list.fusion.node(node.inputs[0]!).shape;
  let offset = place.offset;
  const axes = inner.map((size, axis) => {
    offset += low[axis]! * strides[axis]!;
    return size === 1 ? [] : [{ size, stride: strides[axis]! * (interior[axis]! + 1) }];
  });
  moveInto(list, node.inputs[0]!, { buffer: place.buffer, offset }, axes, name);
}

export function lowerConcat(list: LaunchList, id: NodeId, node: NodeOf<'concat'>): void {
  const place = list.placeOf(id);
  const name = list.nameOf(list.fusion.clusterOf(id), []);
  const strides = denseStrides(node.shape);
  const parts = list.parts.get(id);
  let offset = place.offset;
  node.inputs.forEach((input, i) => {
    const { shape } = list.fusion.node(input);
    const part = parts?.[i];
    const isThere = part !== undefined && list.places.get(list.fusion.source(input).root)?.buffer === part;
    if (!isThere) {
      const axes = shape.map((size, axis) => (size === 1 ? [] : [{ size, stride: strides[axis]! }]));
      const target = part === undefined ? { buffer: place.buffer, offset } : { buffer: part, offset: 0 };
      moveInto(list, input, target, axes, name);
    }
    offset += shape[node.attributes.axis]! * strides[node.attributes.axis]!;
  });
}

/** Computes or copies `input` into a strided part of a buffer. */
function moveInto(list: LaunchList, input: NodeId, place: Place, axes: View['axes'], name: string): void {
  const writer = new BodyWriter(list.fusion, new Set(), undefined);
  const value = writer.value(input, []);
  launchPointwise(list, writer, [{ value, place, axes }], list.fusion.node(input).shape, name);
}
