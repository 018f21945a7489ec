/** Times a program phase by phase: a call of TensorFlow is all that its C interface lets one see. */
import { addCosts, nodeCost, NOTHING } from '../../compiler/graph/cost.js';
import { programGraphs, type Program } from '../../compiler/program.js';
import type { Executable, GraphInputs } from '../engine.js';
import type { Absent, Clock, Piece, PieceTimer, PieceUnit, Span } from '../profilable.js';

export class PhaseTimer implements PieceTimer {
  readonly unit: PieceUnit = 'phase';
  readonly method =
    'Every phase is one call of TensorFlow and has one time, from its feeds to its values on the host. TensorFlow does not tell ' +
    'what the kernels inside took; `--engine tfjs` runs and times them one by one.';
  readonly elementBytes = 4;
  readonly absent: Absent = {
    bytes: 'TensorFlow decides by itself which results inside a graph are ever stored.',
    peak: 'What the machine of this backend could do at most is not known.',
  };
  readonly #executable: Executable;
  readonly #clock: Clock;
  readonly #pieces: ReadonlyMap<string, readonly Piece[]>;

  /** `program`: with the graphs that were written. */
  constructor(executable: Executable, program: Program, clock: Clock) {
    this.#executable = executable;
    this.#clock = clock;
    this.#pieces = new Map(
      programGraphs(program).map(({ name, graph }) => {
        const cost = graph.nodes.map((_, id) => nodeCost(graph, id)).reduce(addCosts, NOTHING);
        return [name, [{ name: `all of ${name.replace(/^@/, '')}`, kind: 'graph', cost }]];
      }),
    );
  }

  pieces(graph: string): readonly Piece[] {
    return this.#pieces.get(graph)!;
  }

  async run(graph: string, inputs: GraphInputs): Promise<readonly Span[]> {
    const begun = this.#clock();
    await this.#executable.run(graph, inputs);
    return [{ start: 0, duration: this.#clock() - begun }];
  }

  async settle(): Promise<void> {
    // A call returns with its values.
  }
}
