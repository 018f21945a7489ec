/** Data for steps that are only timed: a step costs the same whatever it trains on. */
import type { Program } from '../../compiler/program.js';
import { classCount } from '../../spec/data-classes.js';
import type { DataSpec } from '../../spec/spec.js';
import type { PackedExamples } from '../training/example-source.js';

/** For every stream of a program as many examples as its largest batch. */
export function randomExamples(program: Program): ReadonlyMap<string, PackedExamples> {
  const largestBatch = Math.max(program.batch, ...program.phases.map(({ batch }) => batch));
  return new Map(
    [...program.streams].map(([name, { shape, data }]) => [name, noise(shape, data, largestBatch)]),
  );
}

/** One batch of random examples and classes. */
function noise(shape: readonly number[], data: DataSpec, count: number): PackedExamples {
  let state = 1;
  const random = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0);
  const classes = Array.from({ length: classCount(data) ?? 1 }, (_, label) => String(label));
  const labels = { classes, of: Uint32Array.from({ length: count }, (_, i) => i % classes.length) };
  if (data.kind === 'points') {
    const values = Float32Array.from({ length: 2 * count }, () => random() / 2 ** 31 - 1);
    return { count, shape: [2], values, labels };
  }
  if (data.kind === 'text') {
    const { alphabet } = data;
    const length = shape.at(-2)!;
    const symbols = Uint16Array.from({ length: count * length }, () => random() % (1 + alphabet.length));
    return { count, length, alphabet, symbols };
  }
  const [height, width, channels] = shape.slice(-3) as [number, number, number];
  const pixels = Uint8Array.from({ length: count * height * width * channels }, () => random() >>> 24);
  return { count, height, width, channels, pixels, labels };
}
