import { LAYERS } from './layers.js';
import type { LayerRule } from './layers.js';

const RULES: ReadonlyMap<string, LayerRule> = new Map(Object.entries(LAYERS));

/** The rule of a kind of layer that a user wrote, or undefined. */
export function layerRule(kind: string): LayerRule | undefined {
  return RULES.get(kind);
}

export const LAYER_KINDS: readonly string[] = [...RULES.keys()];

/** A way to write the layer, for help texts. */
export function layerExample(kind: string, rule: LayerRule): string {
  if (kind === 'use') return 'use: began/decoder';
  if (kind === 'branch') return '{ branch: q, layers: [{ dense: 10 }] }';
  if (rule.flat === true) return `{ ${kind}: 2, layers: [elu, { conv: 32 }] }`;
  if (rule.nests === true) return `${kind}: [elu, { conv: 32 }]`;
  switch (rule.shorthand) {
    case 'filters':
    case 'units':
      return `${kind}: 32`;
    case 'shape':
      return `${kind}: [8, 8, 32]`;
    case 'name':
      return { tap: 'tap: h0', norm: 'norm: batch_norm' }[kind] ?? `${kind}: elu`;
    case 'from':
    case 'with':
    case 'by':
    case 'to':
      return `${kind}: h0`;
    case 'rate':
    case 'deviation':
      return `${kind}: 0.5`;
    default:
      return `${kind}: 2`;
  }
}
