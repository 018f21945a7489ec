/** Writes the straight-line code of a cluster: each value once per view through which it is seen. */
import type { NodeId } from '../graph/graph.js';
import { isPointwise } from './fuse.js';
import type { Fusion } from './fuse.js';
import type { Instruction } from './kernel.js';
import { isView } from './view.js';
import type { View, ViewNode } from './view.js';

export interface PendingLoad {
  readonly leaf: NodeId;
  readonly view: View;
  /** The last view passed: storing it would make this load a plain one. */
  readonly seenAs: NodeId;
}

/** An instruction whose loads are not yet strides over a domain. */
export type PendingInstruction =
  { readonly op: 'load'; readonly load: number } | Exclude<Instruction, { readonly op: 'load' }>;

export class BodyWriter {
  readonly loads: PendingLoad[] = [];
  readonly instructions: PendingInstruction[] = [];
  readonly #fusion: Fusion;
  readonly #known = new Map<string, number>();
  /** Items that this body computes itself. */
  readonly #own: ReadonlySet<NodeId>;
  readonly #result: NodeId | undefined;

  constructor(fusion: Fusion, own: ReadonlySet<NodeId>, result: NodeId | undefined) {
    this.#fusion = fusion;
    this.#own = own;
    this.#result = result;
  }

  /** The instruction that gives item `id` itself. */
  item(id: NodeId): number {
    const node = this.#fusion.node(id);
    if (isView(node)) return this.value(node.inputs[0]!, [node]);
    return this.#remember(`${id}|`, () => {
      if (id === this.#result) return { op: 'result' };
      if (node.op === 'constant') return { op: 'constant', value: node.attributes.value };
      if (isPointwise(node))
        return { op: node.op, arguments: node.inputs.map((input) => this.value(input, [])) };
      throw new Error(`internal: ${node.op} is no item of a body`);
    });
  }

  /** The instruction that gives `id` seen through `chain`. */
  value(id: NodeId, chain: readonly ViewNode[]): number {
    const source = this.#fusion.source(id);
    const whole = source.chain.length === 0 ? chain : [...source.chain, ...chain];
    const { root } = source;
    const node = this.#fusion.node(root);
    if (this.#own.has(root) && whole.length === 0) return this.item(root);
    if (node.op === 'constant' && !this.#fusion.isItem(root)) {
      const { value } = node.attributes;
      return this.#remember(`constant ${Object.is(value, -0) ? '-0' : value}`, () => ({
        op: 'constant',
        value,
      }));
    }
    if (node.op === 'input' || this.#fusion.isItem(root)) return this.#load(root, whole);
    if (!isPointwise(node)) throw new Error(`internal: ${node.op} is neither stored nor pointwise`);
    const key = `${root}|${whole.map((view) => this.#fusion.idOf(view)).join()}`;
    return this.#remember(key, () => ({
      op: node.op,
      arguments: node.inputs.map((input) => this.value(input, whole)),
    }));
  }

  #load(leaf: NodeId, chain: readonly ViewNode[]): number {
    const view = this.#fusion.view(leaf, chain);
    return this.#remember(`load ${leaf} ${JSON.stringify(view)}`, () => {
      const last = chain.at(-1);
      this.loads.push({ leaf, view, seenAs: last === undefined ? leaf : this.#fusion.idOf(last) });
      return { op: 'load', load: this.loads.length - 1 };
    });
  }

  #remember(key: string, make: () => PendingInstruction): number {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const instruction = make();
    this.instructions.push(instruction);
    this.#known.set(key, this.instructions.length - 1);
    return this.instructions.length - 1;
  }
}
