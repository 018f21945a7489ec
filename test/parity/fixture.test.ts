import { describe, expect, it } from 'vitest';
import { drawKey, fillUniform } from '../../compiler/random/stream.js';
import { compareRecorded } from './compare.js';
import { probeVector, readFixture, recordedSize } from './fixture.js';

describe.each(['adam', 'sgd', 'skip'] as const)('the recorded run %s', (name) => {
  const fixture = readFixture(name);

  it('started from the weights that compiler/random draws', () => {
    const weights = Object.entries(fixture.initial).filter(([tensor]) => tensor.endsWith('/weight'));
    expect(weights.length).toBeGreaterThan(8);
    for (const [tensor, recorded] of weights) {
      const values = new Float32Array(recordedSize(recorded));
      const bound = Math.sqrt(3 / recorded.shape.slice(0, -1).reduce((product, size) => product * size, 1));
      fillUniform(values, drawKey(fixture.seed, fixture.sites.initial + tensor, 0), -bound, bound);
      const probe = probeVector(fixture, values.length);
      expect(compareRecorded(tensor, values, recorded, probe, 1e-15)).toEqual([]);
    }
  });

  it('moves every tensor and never leaves the open range of k', () => {
    for (const [tensor, recorded] of Object.entries(fixture.change))
      expect(recorded.norm, tensor).toBeGreaterThan(1e-5);
    for (const k of fixture.trace['state/k']!) {
      expect(k).toBeGreaterThan(0.2);
      expect(k).toBeLessThan(0.4);
    }
    for (const trace of Object.values(fixture.trace)) expect(trace).toHaveLength(fixture.steps);
  });
});
