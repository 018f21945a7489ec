/** What a run and a state need, looked up for engines: anything that is missing or of another size is refused by its name. */
import type { GraphInputs } from './engine.js';

/** Throws where phase or output `graph` is not given the feed, or given one of another size. */
export function requireFeed(
  graph: string,
  feed: string,
  elements: number,
  { feeds }: GraphInputs,
): Float32Array {
  const values = feeds.get(feed);
  if (values === undefined) throw new Error(`${graph} needs the feed ${feed}`);
  if (values.length !== elements)
    throw new RangeError(`the feed ${feed} of ${graph} has ${elements} elements, not ${values.length}`);
  return values;
}

/** Throws where phase or output `graph` is not given the scalar. */
export function requireScalar(graph: string, scalar: string, { scalars }: GraphInputs): number {
  const value = scalars.get(scalar);
  if (value === undefined) throw new Error(`${graph} needs the scalar ${scalar}`);
  return value;
}

/** Throws where what is to be written is of another size than the state. */
export function requireStateSize(state: string, elements: number, values: ArrayLike<number>): void {
  if (values.length !== elements)
    throw new RangeError(`the state ${state} has ${elements} elements, not ${values.length}`);
}
