/** Times a program launch by launch: each is called from the host, in the order of a run and on what those before it left. */
import { launchCost } from '../../compiler/plan/cost.js';
import type { GraphInputs } from '../engine.js';
import type { Absent, Clock, Peak, Piece, PieceTimer, PieceUnit, Span } from '../profilable.js';
import type { WasmExecutable } from './engine.js';
import { measurePeak } from './measure-peak.js';

export class LaunchTimer implements PieceTimer {
  readonly unit: PieceUnit = 'launch';
  readonly method =
    'Every launch is called by itself from JavaScript on one thread, in the order of a run, with the clock read before and after. ' +
    'The call and the reading are in its time.';
  readonly elementBytes = 4;
  readonly absent: Absent = {};
  readonly #executable: WasmExecutable;
  readonly #clock: Clock;
  readonly #pieces = new Map<string, readonly Piece[]>();
  readonly #calls = new Map<string, readonly (() => void)[]>();

  constructor(executable: WasmExecutable, clock: Clock) {
    this.#executable = executable;
    this.#clock = clock;
    for (const { name, plan } of executable.plan.graphs) {
      this.#pieces.set(
        name,
        plan.launches.map((launch) => ({
          name: launch.name,
          kind: launch.kernel.kind,
          shape: launch.shape,
          cost: launchCost(launch),
        })),
      );
      this.#calls.set(name, executable.launchesOf(name));
    }
  }

  pieces(graph: string): readonly Piece[] {
    return this.#pieces.get(graph)!;
  }

  async run(graph: string, inputs: GraphInputs): Promise<readonly Span[]> {
    const clock = this.#clock;
    const calls = this.#calls.get(graph)!;
    const [starts, ends] = [new Float64Array(calls.length), new Float64Array(calls.length)];
    const begun = clock();
    this.#executable.writeInputs(graph, inputs);
    for (let i = 0; i < calls.length; i++) {
      starts[i] = clock();
      calls[i]!();
      ends[i] = clock();
    }
    return calls.map((_, i) => ({ start: starts[i]! - begun, duration: ends[i]! - starts[i]! }));
  }

  async settle(): Promise<void> {
    // A run is over when it returns.
  }

  async peak(): Promise<Peak> {
    return await measurePeak(this.#clock);
  }
}
