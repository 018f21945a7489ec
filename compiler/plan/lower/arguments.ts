/** The places a kernel is launched with, each once, in the order of its parameters. */
import type { Place } from '../kernel.js';

export interface Parameters {
  readonly places: Place[];
  of(place: Place): number;
}

export function parameters(): Parameters {
  const places: Place[] = [];
  return {
    places,
    of(place) {
      const known = places.findIndex((p) => p.buffer === place.buffer && p.offset === place.offset);
      return known >= 0 ? known : places.push(place) - 1;
    },
  };
}
