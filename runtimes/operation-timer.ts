/** Times programs that are computed operation by operation: each node of a graph is a piece. */
import { nodeCost } from '../compiler/graph/cost.js';
import type { Graph, Node, NodeId } from '../compiler/graph/graph.js';
import { programGraphs, type Program } from '../compiler/program.js';
import type { GraphInputs } from './engine.js';
import type { Absent, Clock, Peak, Piece, PieceTimer, PieceUnit, Span } from './profilable.js';

/** Told before a node is computed and after. */
export interface OperationObserver {
  begins(id: NodeId): void;
  ended(id: NodeId): void;
}

export interface OperationTimerOptions {
  readonly method: string;
  readonly elementBytes: number;
  readonly absent: Absent;
  /** Runs a graph and tells of its nodes. */
  readonly run: (graph: string, inputs: GraphInputs, observer: OperationObserver) => Promise<void>;
  readonly peak?: (() => Promise<Peak>) | undefined;
}

export class OperationTimer implements PieceTimer {
  readonly unit: PieceUnit = 'operation';
  readonly method: string;
  readonly elementBytes: number;
  readonly absent: Absent;
  readonly peak: (() => Promise<Peak>) | undefined;
  readonly #pieces: ReadonlyMap<string, readonly Piece[]>;
  readonly #clock: Clock;
  readonly #run: OperationTimerOptions['run'];

  constructor(program: Program, clock: Clock, options: OperationTimerOptions) {
    this.method = options.method;
    this.elementBytes = options.elementBytes;
    this.absent = options.absent;
    this.peak = options.peak;
    this.#run = options.run;
    this.#clock = clock;
    this.#pieces = new Map(programGraphs(program).map(({ name, graph }) => [name, piecesOf(graph)]));
  }

  pieces(graph: string): readonly Piece[] {
    return this.#pieces.get(graph)!;
  }

  async run(graph: string, inputs: GraphInputs): Promise<readonly Span[]> {
    const clock = this.#clock;
    const count = this.pieces(graph).length;
    const [starts, ends] = [new Float64Array(count), new Float64Array(count)];
    const begun = clock();
    await this.#run(graph, inputs, {
      begins: (id) => {
        starts[id] = clock();
      },
      ended: (id) => {
        ends[id] = clock();
      },
    });
    return [...starts].map((start, i) => ({ start: start - begun, duration: ends[i]! - start }));
  }

  async settle(): Promise<void> {
    // A run is over when it returns.
  }
}

/** One for each node, in order. */
const piecesOf = (graph: Graph): readonly Piece[] =>
  graph.nodes.map((node, id) => ({
    name: node.origin?.label ?? nameOf(node),
    kind: node.op,
    shape: node.shape,
    cost: nodeCost(graph, id),
  }));

const nameOf = (node: Node): string => (node.op === 'input' ? node.attributes.name : '');
