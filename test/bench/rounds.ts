/** What benches of training steps have in common: routes that take turns, and the program of a spec stepped on made-up inputs. */
import { initialState } from '../../compiler/random/initialise.js';
import { elementCount } from '../../compiler/ops/shape-checks.js';
import type { Program } from '../../compiler/program.js';
import type { Executable, GraphInputs } from '../../runtimes/engine.js';

/** One way to take a step. */
export interface Route {
  readonly name: string;
  readonly step: () => Promise<void>;
}

/** Milliseconds of one call. */
export interface Timed {
  readonly wall: number;
  readonly processor: number;
}

/** Calls so often, and gives the time of one. */
export async function timed(call: () => Promise<void> | void, times: number): Promise<Timed> {
  const [begun, before] = [performance.now(), process.cpuUsage()];
  for (let i = 0; i < times; i++) await call();
  const wall = (performance.now() - begun) / times;
  const { user, system } = process.cpuUsage(before);
  return { wall, processor: (user + system) / 1000 / times };
}

/** Milliseconds of a step, of each round. */
export interface Times {
  readonly wall: readonly number[];
  readonly processor: readonly number[];
}

/** After `warmUp` steps of each, `rounds` rounds in which every route takes `steps` steps. */
export async function alternate(
  routes: readonly Route[],
  { warmUp, rounds, steps }: { readonly warmUp: number; readonly rounds: number; readonly steps: number },
): Promise<readonly Times[]> {
  for (const { step } of routes) for (let i = 0; i < warmUp; i++) await step();
  const times = routes.map(() => ({ wall: [] as number[], processor: [] as number[] }));
  for (let round = 0; round < rounds; round++) {
    for (const [i, { step }] of routes.entries()) {
      const { wall, processor } = await timed(step, steps);
      times[i]!.wall.push(wall);
      times[i]!.processor.push(processor);
    }
  }
  return times;
}

export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1]!;

export const noise = (length: number): Float32Array =>
  Float32Array.from({ length }, () => Math.random() * 2 - 1);

export const parameterCount = ({ state }: Program): number =>
  state.filter(({ role }) => role === 'parameter').reduce((sum, { shape }) => sum + elementCount(shape), 0);

/** A training step with what a session reads of it: `finite` of every phase, and the metrics. Writes the initial state. */
export async function trainingStep(program: Program, executable: Executable): Promise<Route['step']> {
  for (const state of program.state) await executable.writeState(state.name, initialState(state, 1));
  const inputs = program.phases.map(({ name, feeds, scalars }): [string, GraphInputs] => [
    name,
    {
      feeds: new Map(feeds.map((feed) => [feed.name, noise(elementCount(feed.shape))])),
      scalars: new Map(scalars.map((scalar) => [scalar.name, 1e-4])),
    },
  ]);
  const controller = program.phases.at(-1)!.name;
  return async () => {
    for (const [phase, given] of inputs) {
      await executable.run(phase, given);
      await executable.read(phase, 'finite');
    }
    for (const metric of program.metrics) await executable.read(controller, `metric/${metric}`);
  };
}
