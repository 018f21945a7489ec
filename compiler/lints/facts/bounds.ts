/**
 * Between which numbers a term lies, from the range of the data, the last activations and the functions in between.
 *
 * One assumption goes in: an auto-encoder without an activation at its end (its output has the shape of a stream that
 * it is called on) is taken to give numbers in the range of that stream. That is what it is trained to do, and
 * without it nothing could be said about the energies of EBGAN and BEGAN.
 */
import type { DataSpec } from '../../../spec/spec.js';
import { constantValue } from '../../model/constant.js';
import type { Model } from '../../model/model.js';
import { elementCount, perSample, sameShape } from '../../model/symbolic-shape.js';
import type { Term } from '../../model/term.js';
import { EVERYTHING, intervalOf, type Interval } from './interval.js';
import { ACTIVATION_RANGE, lastActivationOf } from './last-activation.js';

/** The values a stream's examples have; undefined where the spec does not say. */
export function dataRange(data: DataSpec): Interval | undefined {
  return 'range' in data ? data.range : undefined;
}

/** A function that gives the interval of any term of `model`. Remembers what it has seen. */
export function boundsOf(model: Model): (term: Term) => Interval {
  const streams = new Map(model.streams.map((stream) => [stream.name, stream]));
  const known = new Map<Term, Interval>();

  const bounds = (term: Term): Interval => {
    const seen = known.get(term);
    if (seen !== undefined) return seen;
    const interval = find(term);
    known.set(term, interval);
    return interval;
  };

  const find = (term: Term): Interval => {
    const constant = constantValue(term);
    if (constant !== undefined && !Number.isNaN(constant)) return [constant, constant];
    switch (term.kind) {
      case 'data': {
        const stream = streams.get(term.stream);
        return (stream && dataRange(stream.data)) ?? EVERYTHING;
      }
      case 'noise': {
        if (term.noise.distribution === 'bernoulli') return [0, 1];
        if (term.noise.distribution === 'categorical') return classes(term.classes);
        if (term.noise.distribution !== 'uniform') return EVERYTHING;
        const [low, high] = term.noise.parameters.map(bounds) as [Interval, Interval];
        return [low[0], high[1]];
      }
      case 'labels':
        return classes(term.classes);
      case 'network': {
        const last = lastActivationOf(term.network);
        const range = last === undefined ? EVERYTHING : ACTIVATION_RANGE[last.kind];
        return range === EVERYTHING ? autoEncoded(term) : range;
      }
      case 'field': {
        const last = lastActivationOf(term.of.network, term.key);
        return last === undefined ? EVERYTHING : ACTIVATION_RANGE[last.kind];
      }
      case 'schedule':
        return bounds(term.body);
      case 'register': {
        const phase = model.phases.find(({ name }) => name === term.phase);
        const read = phase?.registers.get(term.name);
        return read === undefined ? EVERYTHING : bounds(read);
      }
      case 'apply':
        return intervalOf(term.function, term.arguments.map(bounds), {
          extent: term.extent,
          count: term.extent === 'sample' ? sampleSize(term.arguments[0]!) : undefined,
        });
      default:
        return EVERYTHING;
    }
  };

  const autoEncoded = (call: Extract<Term, { kind: 'network' }>): Interval => {
    const network = call.network;
    for (const stream of streams.values()) {
      const range = dataRange(stream.data);
      if (range === undefined || !sameShape(network.outputShape, ['B', ...stream.shape])) continue;
      const input = network.inputs[0];
      if (input !== undefined && sameShape(input.shape, network.outputShape)) return range;
    }
    return EVERYTHING;
  };

  return bounds;
}

const classes = (count: number | undefined): Interval => (count === undefined ? EVERYTHING : [0, count - 1]);

/** How many numbers one sample of a term has. */
function sampleSize(term: Term): number | undefined {
  return term.shape[0] === 'B' ? elementCount(perSample(term.shape)) : undefined;
}
