/** Times a program dispatch by dispatch: by the device's own clock where it has timestamp queries, else by waiting for each. */
import { addCosts, NOTHING } from '../../compiler/graph/cost.js';
import type { Launch } from '../../compiler/plan/kernel.js';
import { launchCost } from '../../compiler/plan/cost.js';
import type { ProgramPlan } from '../../compiler/plan/plan.js';
import { wavesOf } from '../../compiler/plan/waves.js';
import type { Dispatch, WebgpuProgram } from '../../compiler/webgpu/program.js';
import type { GraphInputs } from '../engine.js';
import type { Absent, Clock, Peak, Piece, PieceTimer, PieceUnit, Span } from '../profilable.js';
import type { WebgpuExecutable } from './executable.js';
import { measurePeak } from './measure-peak.js';
import { TimestampQueries } from './timestamp-queries.js';

export class DispatchTimer implements PieceTimer {
  readonly unit: PieceUnit = 'dispatch';
  readonly method: string;
  readonly elementBytes = 4;
  readonly absent: Absent = {};
  readonly #device: GPUDevice;
  readonly #executable: WebgpuExecutable;
  readonly #clock: Clock;
  readonly #pieces: ReadonlyMap<string, readonly Piece[]>;
  readonly #queries: TimestampQueries | undefined;

  private constructor(
    device: GPUDevice,
    executable: WebgpuExecutable,
    pieces: ReadonlyMap<string, readonly Piece[]>,
    clock: Clock,
    emptyWait: number,
  ) {
    this.#device = device;
    this.#executable = executable;
    this.#clock = clock;
    this.#pieces = pieces;
    const most = Math.max(0, ...[...pieces.values()].map(({ length }) => length));
    this.#queries = device.features.has('timestamp-query') ? new TimestampQueries(device, most) : undefined;
    this.method =
      this.#queries === undefined
        ? 'This device has no timestamp queries: every dispatch is submitted by itself and waited for, which is in its time ' +
          `(${(1000 * emptyWait).toFixed(0)} us where there is nothing to do).`
        : 'Every dispatch is a compute pass of its own between two timestamps of the device, all in one submission.';
  }

  static async create(
    device: GPUDevice,
    executable: WebgpuExecutable,
    plan: ProgramPlan,
    program: WebgpuProgram,
    clock: Clock,
  ): Promise<DispatchTimer> {
    const pieces = new Map(
      plan.graphs.map((graph) => {
        const launches = wavesOf(graph).flat();
        return [graph.name, piecesOf(program.graphs.get(graph.name)!, launches)];
      }),
    );
    const waits: number[] = [];
    for (let i = 0; i < 9; i++) {
      const before = clock();
      device.queue.submit([device.createCommandEncoder().finish()]);
      await device.queue.onSubmittedWorkDone();
      waits.push(clock() - before);
    }
    const [emptyWait] = waits.sort((a, b) => a - b).slice(4);
    return new DispatchTimer(device, executable, pieces, clock, emptyWait!);
  }

  pieces(graph: string): readonly Piece[] {
    return this.#pieces.get(graph)!;
  }

  async run(graph: string, inputs: GraphInputs): Promise<readonly Span[]> {
    this.#executable.writeInputs(graph, inputs);
    await this.settle();
    const { dispatches, collect } = this.#executable.parts(graph);
    const spans = await (this.#queries?.time(dispatches) ?? this.#oneByOne(dispatches));
    const encoder = this.#device.createCommandEncoder();
    collect(encoder);
    this.#device.queue.submit([encoder.finish()]);
    await this.settle();
    return spans;
  }

  async settle(): Promise<void> {
    await this.#device.queue.onSubmittedWorkDone();
  }

  async peak(): Promise<Peak> {
    return await measurePeak(this.#device, this.#clock);
  }

  async #oneByOne(dispatches: readonly ((pass: GPUComputePassEncoder) => void)[]): Promise<readonly Span[]> {
    const spans: Span[] = [];
    const begun = this.#clock();
    for (const record of dispatches) {
      const encoder = this.#device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      record(pass);
      pass.end();
      const commands = encoder.finish();
      const start = this.#clock();
      this.#device.queue.submit([commands]);
      await this.settle();
      spans.push({ start: start - begun, duration: this.#clock() - start });
    }
    return spans;
  }
}

/** Dispatches take the launches of the waves in order, each as many as it has names. */
function piecesOf(dispatches: readonly Dispatch[], launches: readonly Launch[]): readonly Piece[] {
  let taken = 0;
  return dispatches.map(({ names }) => {
    const own = launches.slice(taken, (taken += names.length));
    const kinds = new Set(own.map(({ kernel }) => kernel.kind));
    const [first] = own;
    return {
      name: own.length === 1 ? first!.name : `${first!.name} and ${own.length - 1} more`,
      kind: kinds.size === 1 ? first!.kernel.kind : 'wave',
      shape: own.length === 1 ? first!.shape : undefined,
      cost: own.map((launch) => launchCost(launch)).reduce(addCosts, NOTHING),
    };
  });
}
