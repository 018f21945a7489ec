/**
 * A library objective on the smallest networks, with weights and inputs set by hand: what its equations are worth where
 * that can be computed on paper.
 */
import { compile } from '../../compiler/compile.js';
import type { Program } from '../../compiler/program.js';
import type { Engine } from '../../runtimes/engine.js';
import { folderLibrary } from '../../runtimes/node/library-source.js';
import { referenceEngine } from '../../runtimes/reference/engine.js';
import type { LibrarySource } from '../../spec/spec.js';
import { madeUpFeeds } from '../library/made-up-feeds.js';
import { Stepping, type FeedsOf } from '../parity/stepping.js';

/** G(z) = z: what is fed as z is the samples. */
export const SAMPLES_ARE_Z = { 'G/dense1/weight': [1, 0, 0, 1] } as const;

export interface StageOptions {
  /** `wgan_gp` or `wgan_gp, with: { lambda: 1 }`. */
  readonly use: string;
  readonly G?: string;
  readonly D: string;
  readonly z?: string;
  readonly noise?: string;
  readonly x?: string;
  readonly data?: string;
  readonly generate?: string;
  readonly batch: number;
  readonly train?: string;
}

const POINTS = '{ points: two_gaussians, count: 64 }';

/** A spec on points in the plane, where G is a linear map of z, unless options say otherwise. */
export function stage({
  use,
  D,
  batch,
  G = '[{ dense: 2 }]',
  z = '{ normal: [0, 1], shape: [2] }',
  noise = '',
  x = POINTS,
  data = '',
  generate = 'G(z)',
  train = '',
}: StageOptions): string {
  return `version: 1
data:
  x: ${x}${data}
noise:
  z: ${z}${noise}
networks:
  G: ${G}
  D: ${D}
objective: { use: ${use} }
outputs: { generate: '${generate}' }
train: { batch: ${batch}, steps: 1000${train} }
`;
}

export function programOf(text: string, library: LibrarySource = folderLibrary()): Program {
  const { program, diagnostics } = compile({ name: 'oracle.yaml', text }, library, { exposeGradients: true });
  if (program === undefined) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return program;
}

export interface Given {
  /** By the end of the parameter's name: `D/dense1/weight`. */
  readonly state?: Readonly<Record<string, readonly number[]>>;
  /** By the name of the feed; what is not given is drawn. */
  readonly feeds?: Readonly<Record<string, readonly number[]>>;
  readonly engine?: Engine;
}

/** A run at its start, its state set; step it by `feedsOf`. */
export async function start(
  program: Program,
  { state = {}, engine = referenceEngine }: Given,
): Promise<Stepping> {
  const stepping = await Stepping.start(engine, program);
  for (const [name, values] of Object.entries(state)) await stepping.write(name, values);
  return stepping;
}

export function feedsOf(program: Program, { feeds = {} }: Given): FeedsOf {
  const drawn = madeUpFeeds(program);
  return (graph, execution) => {
    const all = new Map(drawn(graph, execution));
    for (const [name, values] of Object.entries(feeds)) {
      if (all.has(name)) all.set(name, Float32Array.from(values));
    }
    return all;
  };
}

/** The first step of a text. */
export async function firstStep(text: string, given: Given, library?: LibrarySource): Promise<Stepping> {
  const program = programOf(text, library);
  const stepping = await start(program, given);
  await stepping.step(0, feedsOf(program, given));
  return stepping;
}

export async function lossOf(stepping: Stepping, update: string): Promise<number> {
  return (await stepping.value(update, `loss/${update}`))[0]!;
}
