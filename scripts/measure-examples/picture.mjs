// Samples as one small PNG: a grid of eight, or a class per row.
import { bytesOfValues, encodePng, imageGrid } from '../../dist/runtimes/node/index.js';

const COLUMNS = 8;
/** Smaller samples are enlarged by whole factors. */
const LEAST_SIDE = 32;

/**
 * @param rows a class per row, given to `feed`; `rowOrder` says which class (or category) stands in which row
 * @returns PNG bytes
 */
export async function samplePicture(
  { session, program },
  { output, rows, columns = COLUMNS, feed },
  rowOrder,
) {
  const count = (rows ?? columns) * columns;
  const feeds = new Map();
  if (rows !== undefined) {
    const classes = Array.from({ length: rows }, (_, row) =>
      rowOrder === undefined ? row : rowOrder.indexOf(row),
    );
    feeds.set(
      feed,
      Float32Array.from({ length: count }, (_, i) => classes[Math.floor(i / columns)]),
    );
  }
  const { values, shape } = await session.generate(output, { count, seed: 1, feeds });
  const [, height, width, channels] = shape;
  const { range } = [...program.streams.values()].find(({ data }) => 'range' in data).data;
  const zoom = Math.max(1, Math.floor(LEAST_SIDE / height));
  const pixels = bytesOfValues(values, range);
  return encodePng(imageGrid({ pixels, height, width, channels, columns, zoom }));
}
