/** Terms as graph nodes. Each term is lowered once per graph: that is what makes a `let` one value and one draw. */
import { gradient } from '../autodiff/gradient.js';
import { constant, scale, sum } from '../graph/construct.js';
import type { NodeId } from '../graph/graph.js';
import { functionRule } from '../model/functions.js';
import { boundOperations } from '../model/limits.js';
import { bindBatch, type SymbolicShape } from '../model/symbolic-shape.js';
import { reachableTerms, type Term } from '../model/term.js';
import type { GraphInputs } from './graph-inputs.js';
import { hostOf } from './graph-inputs.js';
import { lowerNetwork, type NetworkCall } from './network.js';

export class TermLowering {
  readonly inputs: GraphInputs;
  readonly #lowered = new Map<Term, NodeId>();
  /**
   * What each network computed, by its name and the nodes it was called on: `D(x)` and `D(x).class` are one execution,
   * with one draw of dropout and one step of the running statistics, wherever they stand.
   */
  readonly #calls: Map<string, NetworkCall>;
  readonly #outer: TermLowering | undefined;
  readonly #locals: ReadonlyMap<string, NodeId>;

  constructor(inputs: GraphInputs, outer?: TermLowering, locals: ReadonlyMap<string, NodeId> = new Map()) {
    this.inputs = inputs;
    this.#outer = outer;
    this.#calls = outer === undefined ? new Map<string, NetworkCall>() : outer.#calls;
    this.#locals = locals;
  }

  lower(term: Term): NodeId {
    // Options of layers that do not read the call's own tensors mean the same in every call.
    if (this.#outer !== undefined && !readsLocals(term)) return this.#outer.lower(term);
    const known = this.#lowered.get(term);
    if (known !== undefined) return known;
    const node = this.#lower(term);
    boundOperations(this.inputs.builder.size, term.span);
    this.#lowered.set(term, node);
    return node;
  }

  /** For the layers of one call of a network, whose inputs, taps and branches are `locals`. */
  within(locals: ReadonlyMap<string, NodeId>): TermLowering {
    return new TermLowering(this.inputs, this, locals);
  }

  #call(term: Extract<Term, { kind: 'network' }>): NetworkCall {
    const nodes = term.arguments.map((argument) => this.lower(argument));
    const key = `${term.network.name}(${nodes.join()})`;
    const known = this.#calls.get(key);
    if (known !== undefined) return known;
    const call = lowerNetwork(this, term.network, nodes);
    this.#calls.set(key, call);
    return call;
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
      case 'labels':
        return this.inputs.labels(term.stream);
      case 'local': {
        const node = this.#locals.get(term.key);
        if (node === undefined) throw new Error(`internal: no tensor ${term.key} here`);
        return node;
      }
      case 'network':
        return this.#call(term).output;
      case 'field': {
        const node = this.#call(term.of).named.get(term.key);
        if (node === undefined) throw new Error(`internal: the call has no ${term.key}`);
        return node;
      }
      case 'gradient': {
        const of = this.lower(term.of);
        const total = builder.shape(of).length === 0 ? of : sum(builder, of);
        return gradient(builder, total, [this.lower(term.wrt)])[0]!;
      }
      case 'apply': {
        const rule = functionRule(term.function);
        const { lower } = rule;
        if (lower === undefined) return this.inputs.hostCall(term.function, hostOf(term));
        const nodes = term.arguments.map((argument) => {
          const node = this.lower(argument);
          return rule.pointwise ? this.#stretch(node, argument.shape, term.shape) : node;
        });
        return builder.withOrigin({ label: term.function, span: term.span }, () =>
          this.#ofWholeBatch(
            term,
            lower(builder, nodes, {
              extent: term.extent,
              classes: term.arguments.map((argument) => argument.classes),
            }),
          ),
        );
      }
      default:
        throw new Error(`internal: unknown term ${String(term satisfies never)}`);
    }
  }

  /**
   * In a part of a batch, as many times what counts examples (`sum`, `samples`) as there are parts: then the mean of all parts
   * is the whole batch's, as it is with means.
   */
  #ofWholeBatch(term: Extract<Term, { kind: 'apply' }>, node: NodeId): NodeId {
    const { builder, parts } = this.inputs;
    const counts =
      term.function === 'samples' ||
      (term.function === 'sum' && term.extent !== 'sample' && term.arguments[0]!.shape[0] === 'B');
    return counts && parts > 1 ? scale(builder, node, parts) : node;
  }

  /** Brings a single number, or one number per sample, to the common shape of a pointwise function. */
  #stretch(node: NodeId, from: SymbolicShape, to: SymbolicShape): NodeId {
    const shape = bindBatch(to, this.inputs.batch);
    if (from.length === to.length) return node;
    return this.inputs.builder.emit('broadcast', [node], { shape, axes: from.map((_, axis) => axis) });
  }
}

const LOCAL = new WeakMap<Term, boolean>();

function readsLocals(term: Term): boolean {
  let known = LOCAL.get(term);
  if (known === undefined) {
    known = reachableTerms([term]).some((part) => part.kind === 'local');
    LOCAL.set(term, known);
  }
  return known;
}
