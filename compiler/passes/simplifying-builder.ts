/**
 * A builder that simplifies what it is asked to emit, by the rules of simplify-rules.ts. What the rules themselves
 * emit is simplified as well; every rule gives something smaller or moves work to fewer elements, so this ends.
 */
import { GraphBuilder } from '../graph/builder.js';
import type { NodeId, OpAttributes, OpName } from '../graph/graph.js';
import { RULES } from './simplify-rules.js';

export class SimplifyingBuilder extends GraphBuilder {
  override emit<K extends OpName>(op: K, inputs: readonly NodeId[], attributes: OpAttributes[K]): NodeId {
    for (const rule of RULES[op] ?? []) {
      const simpler = rule(this, inputs, attributes, op);
      if (simpler !== undefined) return simpler;
    }
    return super.emit(op, inputs, attributes);
  }
}
