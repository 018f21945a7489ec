/**
 * A view: how a tensor's elements are found in the contiguous buffer of another one. Each axis is a list of factors
 * (outermost first), so that nearest upsampling - broadcast into [H, 2], reshape to 2H - stays a view: [(H, W), (2, 0)].
 */
import type { Node, Shape } from '../graph/graph.js';
import type { Factor } from './kernel.js';

export interface View {
  /** In elements. */
  readonly offset: number;
  readonly axes: readonly (readonly Factor[])[];
}

export function contiguous(shape: Shape): View {
  let stride = 1;
  const axes: Factor[][] = [];
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = shape[axis]!;
    axes.unshift(size === 1 ? [] : [{ size, stride }]);
    stride *= size;
  }
  return { offset: 0, axes };
}

export type ViewNode = Extract<Node, { op: 'broadcast' | 'reshape' | 'transpose' | 'slice' | 'stop' }>;

export function isView(node: Node): node is ViewNode {
  switch (node.op) {
    case 'broadcast':
    case 'reshape':
    case 'transpose':
    case 'slice':
    case 'stop':
      return true;
    default:
      return false;
  }
}

/** The view of `node` onto what `view` (of its input) is a view of; undefined where strides cannot say it. */
export function throughNode(view: View, node: ViewNode): View | undefined {
  switch (node.op) {
    case 'stop':
      return view;
    case 'transpose':
      return { offset: view.offset, axes: node.attributes.permutation.map((axis) => view.axes[axis]!) };
    case 'broadcast': {
      const { shape, axes } = node.attributes;
      return {
        offset: view.offset,
        axes: shape.map((size, axis) => {
          const from = axes.indexOf(axis);
          const factors = from < 0 ? [] : view.axes[from]!;
          return factors.length === 0 && size > 1 ? [{ size, stride: 0 }] : factors;
        }),
      };
    }
    case 'slice':
      return slice(view, node);
    case 'reshape':
      return reshape(view, node.shape);
    default:
      return node satisfies never;
  }
}

function slice(view: View, node: Extract<Node, { op: 'slice' }>): View | undefined {
  const { start, stride } = node.attributes;
  let offset = view.offset;
  const axes: (readonly Factor[])[] = [];
  for (let axis = 0; axis < view.axes.length; axis++) {
    const factors = view.axes[axis]!;
    const size = node.shape[axis]!;
    const whole = factors.reduce((product, factor) => product * factor.size, 1);
    if (size === whole && (size === 1 || stride[axis] === 1)) axes.push(factors);
    else if (size === 1) {
      let rest = start[axis]!;
      for (const factor of factors.toReversed()) {
        offset += (rest % factor.size) * factor.stride;
        rest = Math.floor(rest / factor.size);
      }
      axes.push([]);
    } else if (factors.length === 1) {
      offset += start[axis]! * factors[0]!.stride;
      axes.push([{ size, stride: factors[0]!.stride * stride[axis]! }]);
    } else return undefined;
  }
  return { offset, axes };
}

function reshape(view: View, shape: Shape): View | undefined {
  // All factors in order, innermost last; neighbours that are one run are joined, so that they can be cut anew.
  const pending = joined(view.axes.flat());
  const axes: Factor[][] = [];
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    let wanted = shape[axis]!;
    const factors: Factor[] = [];
    while (wanted > 1) {
      const last = pending.pop();
      if (last === undefined) return undefined;
      if (wanted % last.size === 0) {
        factors.unshift(last);
        wanted /= last.size;
      } else if (last.size % wanted === 0) {
        factors.unshift({ size: wanted, stride: last.stride });
        pending.push({ size: last.size / wanted, stride: last.stride * wanted });
        wanted = 1;
      } else return undefined;
    }
    axes.unshift(joined(factors));
  }
  return { offset: view.offset, axes };
}

/** True if places that follow each other along an axis lie side by side. */
export const areNeighbours = (factors: readonly Factor[]): boolean =>
  factors.length === 0 || (factors.length === 1 && factors[0]!.stride === 1);

/** Neighbouring factors that are one run of memory, joined. */
export function joined(factors: readonly Factor[]): Factor[] {
  const result: Factor[] = [];
  for (const factor of factors) {
    if (factor.size === 1) continue;
    const outer = result.at(-1);
    if (outer !== undefined && outer.stride === factor.size * factor.stride)
      result[result.length - 1] = { size: outer.size * factor.size, stride: factor.stride };
    else result.push(factor);
  }
  return result;
}

/** The stride of each axis where every axis is a single run, else undefined; axes of size 1 have stride 0. */
export function plainStrides(view: View): number[] | undefined {
  const strides: number[] = [];
  for (const factors of view.axes) {
    const run = joined(factors);
    if (run.length > 1) return undefined;
    strides.push(run[0]?.stride ?? 0);
  }
  return strides;
}
