/** The same run on an engine of ours, with the examples and the noise that training draws. */
import type { Engine } from '../../runtimes/engine.js';
import { DataStream } from '../../runtimes/training/data-stream.js';
import { PhaseFeeds } from '../../runtimes/training/feeds.js';
import { recordRun, type RunRecord } from '../parity/run.js';
import type { FeedsOf } from '../parity/stepping.js';
import type { ExportedSpec } from './exported.js';

export async function ownRun(
  engine: Engine,
  { program, examples }: ExportedSpec,
  { steps, from }: { readonly steps: number; readonly from: number },
): Promise<RunRecord> {
  const { seed, hyper } = program;
  const streams = new Map(
    [...examples].map(([name, packed]) => {
      const { data } = program.streams.get(name)!;
      const encoding = 'range' in data ? { range: data.range, flip: data.flip } : undefined;
      return [name, new DataStream({ name, examples: packed, encoding, seed })] as const;
    }),
  );
  const feeds = new Map(program.phases.map((phase) => [phase.name, new PhaseFeeds(phase, streams)]));
  const feedsOf: FeedsOf = (graph, execution) =>
    feeds.get(graph.name)!.fill(seed, { hyper, step: from, steps: program.steps, execution }).feeds;
  return recordRun(engine, program, { steps, from, feeds: feedsOf });
}
