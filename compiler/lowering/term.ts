/** Terms as graph nodes. Each term is lowered once per graph: that is what makes a `let` one value and one draw. */
import { gradient } from '../autodiff/gradient.js';
import { constant, sum } from '../graph/construct.js';
import type { NodeId } from '../graph/graph.js';
import { functionRule } from '../model/functions.js';
import { bindBatch, type SymbolicShape } from '../model/symbolic-shape.js';
import type { Term } from '../model/term.js';
import type { GraphInputs } from './graph-inputs.js';
import { hostOf } from './graph-inputs.js';
import { lowerNetwork } from './network.js';

export class TermLowering {
  readonly inputs: GraphInputs;
  readonly #lowered = new Map<Term, NodeId>();

  constructor(inputs: GraphInputs) {
    this.inputs = inputs;
  }

  lower(term: Term): NodeId {
    const known = this.#lowered.get(term);
    if (known !== undefined) return known;
    const node = this.#lower(term);
    this.#lowered.set(term, node);
    return node;
  }

  #lower(term: Term): NodeId {
    const { builder } = this.inputs;
    switch (term.kind) {
      case 'number':
        return constant(builder, term.value);
      case 'boolean':
        return constant(builder, term.value ? 1 : 0);
      case 'word':
        throw new Error(`internal: the word ${term.value} reached a graph`);
      case 'hyper':
        return this.inputs.scalar(`hyper/${term.name}`, hostOf(term));
      case 'step':
      case 'steps':
        return this.inputs.scalar(term.kind, hostOf(term));
      case 'schedule':
        return this.inputs.scalar(`schedule/${term.name}`, hostOf(term));
      case 'state':
        return this.inputs.state(`state/${term.name}`, []);
      case 'register':
        return this.inputs.state(`value/${term.phase}/${term.name}`, []);
      case 'data':
        return this.inputs.data(term.stream, bindBatch(term.shape.slice(1), this.inputs.batch));
      case 'noise':
        return this.inputs.noise(term.noise, term.draw);
      case 'network':
        return lowerNetwork(this, term.network, this.lower(term.argument));
      case 'gradient': {
        const of = this.lower(term.of);
        const total = builder.shape(of).length === 0 ? of : sum(builder, of);
        return gradient(builder, total, [this.lower(term.wrt)])[0]!;
      }
      case 'apply': {
        const rule = functionRule(term.function);
        const nodes = term.arguments.map((argument) => {
          const node = this.lower(argument);
          return rule.pointwise ? this.#stretch(node, argument.shape, term.shape) : node;
        });
        return builder.withOrigin({ label: term.function, span: term.span }, () =>
          rule.lower(builder, nodes, term.extent),
        );
      }
      default:
        throw new Error(`internal: unknown term ${String(term satisfies never)}`);
    }
  }

  /** Brings a single number, or one number per sample, to the common shape of a pointwise function. */
  #stretch(node: NodeId, from: SymbolicShape, to: SymbolicShape): NodeId {
    const shape = bindBatch(to, this.inputs.batch);
    if (from.length === to.length) return node;
    return this.inputs.builder.emit('broadcast', [node], { shape, axes: from.map((_, axis) => axis) });
  }
}
