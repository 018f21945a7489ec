/** Inputs for programs of any objective, without data: noise as training draws it, examples and classes made up. */
import type { FeedDeclaration, Program, ProgramGraph } from '../../compiler/program.js';
import { drawKey, fillCategorical, fillUniform } from '../../compiler/random/stream.js';
import { elementCount, fillNoise } from '../../runtimes/training/feeds.js';
import { classCount } from '../../spec/data-classes.js';
import type { FeedsOf } from '../parity/stepping.js';

/** Examples are uniforms of [-1.5, 1.5): the points and pictures that objectives are made for are of that size. */
export function madeUpFeeds(program: Program, seed = 7): FeedsOf {
  return (graph, execution) =>
    new Map(graph.feeds.map((feed) => [feed.name, madeUpFeed(program, graph, feed, seed, execution)]));
}

function madeUpFeed(
  program: Program,
  graph: ProgramGraph,
  { shape, source }: FeedDeclaration,
  seed: number,
  execution: number,
): Float32Array {
  const values = new Float32Array(elementCount(shape));
  const keyOf = (site: string) => drawKey(seed, `${graph.name}/made up/${site}`, execution);
  switch (source.kind) {
    case 'noise': {
      const scope = { hyper: program.hyper, step: 0, steps: program.steps, execution };
      fillNoise(values, source, seed, execution, scope);
      return values;
    }
    case 'data':
      fillUniform(values, keyOf(source.stream), -1.5, 1.5);
      return values;
    case 'labels': {
      const classes = classCount(program.streams.get(source.of)!.data);
      if (classes === undefined) throw new Error(`the stream ${source.of} has no classes`);
      fillCategorical(values, keyOf(`${source.of}/labels`), classes);
      return values;
    }
    default:
      return source satisfies never;
  }
}
