/** Pictures of a program whose data are points: what was made, over the data, over what a critic says of the plane. */
import type { Program } from '../../compiler/program.js';
import { encodePng } from '../node/png.js';
import { fieldPlaces, pointsPicture, squareAround } from '../node/points-picture.js';
import type { PlaneField, PlaneSquare } from '../node/points-picture.js';
import type { TrainingSession } from '../training/session.js';
import { valueShape } from './output-value.js';

/** Points of the data and of the samples in one picture. */
export const PLANE_SAMPLES = 1024;
/** The field is known at this many places per axis. */
const FIELD_COLUMNS = 48;

/** PNG bytes of `points` (x and y of one after another), over data and field where the session has them. */
export async function drawPlane(session: TrainingSession, points: Float32Array): Promise<Uint8Array> {
  const stream = [...session.streams.values()].find(({ name }) => isPlane(session.program, name));
  const count = Math.min(PLANE_SAMPLES, stream?.count ?? 0);
  const data = stream?.examples(Array.from({ length: count }, (_, i) => i));
  const square = squareAround(data ?? points);
  const field = await fieldOf(session, square);
  return encodePng(pointsPicture({ square, samples: points, data, field }));
}

const isPlane = ({ streams }: Program, name: string): boolean => streams.get(name)?.data.kind === 'points';

/**
 * The first output that gives one number for every point and reads nothing else that changes from sample to sample
 * (`critic: D(x)`), over the square.
 */
async function fieldOf(session: TrainingSession, square: PlaneSquare): Promise<PlaneField | undefined> {
  const { program } = session;
  for (const output of program.outputs) {
    const [feed, ...others] = output.feeds;
    if (feed?.source.kind !== 'data' || others.length > 0 || !isPlane(program, feed.source.stream)) continue;
    const [, ...perSample] = valueShape(output) ?? [0, 0, 0];
    if (perSample.some((length) => length !== 1)) continue;
    const feeds = new Map([[feed.name, fieldPlaces(square, FIELD_COLUMNS)]]);
    const { values } = await session.generate(output.name, { count: FIELD_COLUMNS ** 2, feeds });
    return { columns: FIELD_COLUMNS, values };
  }
  return undefined;
}
