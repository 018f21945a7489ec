/** A step that is fed NaN: it says so, and leaves all state as it was. */
import { expect } from 'vitest';
import type { Program } from '../../compiler/program.js';
import type { Engine } from '../../runtimes/engine.js';
import { madeUpFeeds } from '../library/made-up-feeds.js';
import { Stepping, type Numbers } from './stepping.js';

/** Of a program with a phase `critic` that reads the data `x`; its second step is the broken one. */
export async function expectFrozenByNaN(engine: Engine, program: Program): Promise<void> {
  const feeds = madeUpFeeds(program);
  const stepping = await Stepping.start(engine, program);
  const all = async (): Promise<ReadonlyMap<string, Numbers>> => {
    const state = new Map<string, Numbers>();
    for (const { name } of program.state) {
      // The flag itself is what is told.
      if (!name.startsWith('finite/')) state.set(name, await stepping.state(name));
    }
    return state;
  };
  await stepping.step(0, feeds);
  const before = await all();
  const broken = stepping.step(1, (graph, execution) => {
    const given = new Map(feeds(graph, execution));
    if (graph.name === 'critic') given.set('x', new Float32Array(given.get('x')!.length).fill(NaN));
    return given;
  });
  await expect(broken).rejects.toThrow('"critic" is not finite at step 2');
  expect(await all()).toEqual(before);
  stepping.dispose();
}
