/**
 * Concats of channels that are never stored: convolutions read the parts where they lie. A skip connection joins what is
 * there already with what is mostly an upsampled view, which need not be laid out in full then.
 */
import type { Node, NodeId } from '../graph/graph.js';
import type { ViewNode } from './view.js';

/** A reader of a value: which of its operands the value is, and the views through which it is seen. */
export interface Use {
  readonly user: NodeId;
  readonly operand: number;
  readonly chain: readonly ViewNode[];
}

/** Each part is gone through by itself: where a layer joins what dozens have made, storing it once costs less. */
const MOST_PARTS = 8;
/** Channels are loaded so many at a time; where parts are whole vectors, none has channels of two parts. */
const VECTOR = 4;

/** True of a concat whose readers, all of `uses`, can read its parts. */
export function isReadInParts(nodes: readonly Node[], id: NodeId, uses: readonly Use[]): boolean {
  const node = nodes[id]!;
  if (node.op !== 'concat' || node.shape.length !== 4 || node.attributes.axis !== 3) return false;
  const all = node.shape[3]!;
  return (
    node.inputs.length <= MOST_PARTS &&
    node.inputs.slice(0, -1).every((part) => nodes[part]!.shape[3]! % VECTOR === 0) &&
    uses.every(
      ({ user, operand, chain }) =>
        operand === 0 &&
        convolves(nodes[user]!) &&
        chain.every((view) => ofPart(view, all, all) !== undefined),
    )
  );
}

function convolves({ op }: Node): boolean {
  return op === 'conv' || op === 'conv_input_gradient' || op === 'conv_filter_gradient';
}

/** A view of `all` channels as one of a part with `channels`; undefined where it does not leave the channels alone. */
export function ofPart(view: ViewNode, all: number, channels: number): ViewNode | undefined {
  const ofChannels = (sizes: readonly number[]): number[] => [...sizes.slice(0, -1), channels];
  switch (view.op) {
    case 'stop':
      return { ...view, shape: ofChannels(view.shape) };
    case 'slice': {
      if (view.shape.at(-1) !== all) return undefined;
      const { start, limit, stride } = view.attributes;
      const attributes = { start, limit: ofChannels(limit), stride };
      return { ...view, shape: ofChannels(view.shape), attributes };
    }
    case 'broadcast':
    case 'reshape':
    case 'transpose':
      return undefined;
    default:
      return view satisfies never;
  }
}
