import { expect, it } from 'vitest';
import { FasterWay, type Way } from './faster-way.js';

/** How often each way was taken in some runs. */
function taken(way: FasterWay, runs: number, time: (way: Way) => number): Record<Way, number> {
  const counts = { alone: 0, together: 0 };
  for (let run = 0; run < runs; run++) {
    const next = way.next();
    counts[next]++;
    way.took(next, time(next));
  }
  return counts;
}

it('tries both ways, takes the faster one, and has another look at the slower one now and then', () => {
  for (const slower of ['alone', 'together'] as const) {
    const way = new FasterWay();
    const counts = taken(way, 2000, (done) => (done === slower ? 5 : 3));
    expect(counts[slower]).toBeGreaterThan(5 + 3);
    expect(counts[slower]).toBeLessThan(5 + 10);
  }
});

it('does not judge by first runs, in which code is compiled', () => {
  const way = new FasterWay();
  taken(way, 4, (done) => (done === 'together' ? 100 : 1));
  expect(taken(way, 100, (done) => (done === 'together' ? 1 : 2)).together).toBeGreaterThan(90);
});

it('changes over when the other way becomes the faster one, and not for one lucky run', () => {
  const way = new FasterWay();
  taken(way, 100, (done) => (done === 'together' ? 1 : 2));
  let lucky = true;
  const once = taken(way, 200, (done) => (done === 'together' ? 1 : lucky ? ((lucky = false), 0.5) : 2));
  expect(once.alone).toBeLessThan(10);
  const busy = taken(way, 1000, (done) => (done === 'together' ? 9 : 2));
  expect(busy.alone).toBeGreaterThan(900);
});
