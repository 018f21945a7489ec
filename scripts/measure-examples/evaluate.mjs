// Numbers of trained runs.
import { bestMatching } from './class-matching.mjs';

const SAMPLES = 1000;
const CERTAIN = 0.9;

/** An output that reads data, on every example of its stream. */
export async function onAllData({ session, program }, output) {
  const graph = program.outputs.find(({ name }) => name === output);
  const data = graph.feeds.find(({ source }) => source.kind === 'data' || source.kind === 'labels');
  const stream = session.streams.get(data.source.stream ?? data.source.of);
  const { values } = await session.generate(output, { count: stream.count });
  return { values, classes: [...(stream.labels?.of ?? [])], count: stream.count };
}

/** The mean of an output that is 1 where a held-out example is misread. */
export async function errorOf(run) {
  const { values, count } = await onAllData(run, 'wrong');
  return values.reduce((sum, wrong) => sum + wrong, 0) / count;
}

/** Held-out examples right under the best matching of what `output` says to classes. */
export async function matchedAccuracy(run, output, classCount) {
  const { values, classes } = await onAllData(run, output);
  return bestMatching([...values], classes, classCount);
}

/** What a judge says of pictures. */
async function judged(judge, pixels, count) {
  const feeds = new Map([['x', pixels]]);
  const { values: classes } = await judge.session.generate('class', { count, feeds });
  const { values: certainty } = await judge.session.generate('certainty', { count, feeds });
  return { classes, certainty };
}

/** How many samples are read with certainty, and how often the rarest class is among those. */
export async function readability(run, judge, classCount) {
  const { values } = await run.session.generate('generate', { count: SAMPLES, seed: 7 });
  return readable(await judged(judge, values, SAMPLES), classCount);
}

/** The same of the pictures that the judge never saw. */
export async function readabilityOfData(judge, classCount) {
  const stream = judge.session.streams.get('held_out');
  const { count } = stream;
  const all = stream.examples(Array.from({ length: count }, (_, i) => i));
  return readable(await judged(judge, all, count), classCount);
}

function readable({ classes, certainty }, classCount) {
  const histogram = new Array(classCount).fill(0);
  let certain = 0;
  classes.forEach((label, i) => {
    if (certainty[i] <= CERTAIN) return;
    certain++;
    histogram[label]++;
  });
  return { share: certain / classes.length, rarest: Math.min(...histogram) / Math.max(1, certain) };
}

/** Samples of which the judge says the class that `output` was given, classes in turn. */
export async function classAccuracy(run, output, judge, classCount) {
  const { values } = await run.session.generate(output, { count: SAMPLES, seed: 7 });
  const { classes } = await judged(judge, values, SAMPLES);
  return classes.reduce((right, label, i) => right + (label === i % classCount ? 1 : 0), 0) / SAMPLES;
}
