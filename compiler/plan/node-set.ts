/** A set of nodes as bits: unions of whole sets are what the fusion does most. */
import type { NodeId } from '../graph/graph.js';

export class NodeSet {
  readonly #words: Uint32Array;

  /** For node ids below `capacity`. */
  constructor(capacity: number) {
    this.#words = new Uint32Array(Math.ceil(capacity / 32));
  }

  has(node: NodeId): boolean {
    return ((this.#words[node >>> 5]! >>> (node & 31)) & 1) === 1;
  }

  add(node: NodeId): void {
    this.#words[node >>> 5]! |= 1 << (node & 31);
  }

  include(other: NodeSet): void {
    const [own, more] = [this.#words, other.#words];
    for (let i = 0; i < own.length; i++) own[i]! |= more[i]!;
  }

  exclude(other: NodeSet): void {
    const [own, less] = [this.#words, other.#words];
    for (let i = 0; i < own.length; i++) own[i]! &= ~less[i]!;
  }
}
