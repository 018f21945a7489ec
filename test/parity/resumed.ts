/** A run that is stopped and resumed, beside one that never stopped. */
import type { Program } from '../../compiler/program.js';
import type { Engine } from '../../runtimes/engine.js';
import { madeUpFeeds } from '../library/made-up-feeds.js';
import { Stepping } from './stepping.js';

type State = ReadonlyMap<string, readonly number[]>;

/** All state after twice `steps` steps: without a stop, and with one in the middle. */
export async function wholeAndResumed(
  engine: Engine,
  program: Program,
  steps: number,
): Promise<{ readonly whole: State; readonly resumed: State }> {
  const feeds = madeUpFeeds(program);
  const stateOf = async (stepping: Stepping): Promise<State> => {
    const state = new Map<string, readonly number[]>();
    for (const { name } of program.state) state.set(name, [...(await stepping.state(name))]);
    return state;
  };
  const whole = await Stepping.start(engine, program);
  for (let step = 0; step < steps; step++) await whole.step(step, feeds);
  const half = await stateOf(whole);
  for (let step = steps; step < 2 * steps; step++) await whole.step(step, feeds);

  const resumed = await Stepping.start(engine, program);
  // Whatever is not written is wrong in here.
  for (let step = 0; step < steps; step++)
    await resumed.step(step, (graph, execution) => feeds(graph, execution + 1000));
  for (const [name, values] of half) await resumed.write(name, values);
  for (let step = steps; step < 2 * steps; step++) await resumed.step(step, feeds);
  const states = { whole: await stateOf(whole), resumed: await stateOf(resumed) };
  whole.dispose();
  resumed.dispose();
  return states;
}
