/**
 * What the compiler hands to a runtime: the graphs of a training step and of the outputs, the state they share and
 * where their inputs come from. Plain data: no functions, so that it can be written to an artifact.
 */
import type { DataSpec } from '../spec/spec.js';
import type { Graph, Shape } from './graph/graph.js';

/** How a state tensor starts. Random ones draw from the stream keyed by (seed, 'init/' + state name). */
export type Initialiser =
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'uniform'; readonly low: number; readonly high: number }
  | { readonly kind: 'normal'; readonly mean: number; readonly deviation: number }
  /** A normal whose values beyond two deviations are drawn again. */
  | { readonly kind: 'truncated_normal'; readonly deviation: number };

export interface StateDeclaration {
  /** `G/dense/weight`, `discriminator/adam/m/D/conv_1/weight`, `state/k`, `value/step/Lx`. */
  readonly name: string;
  readonly shape: Shape;
  /** `buffer`: running statistics; `average`: averaged parameters; `sum`: of what the parts of a phase gave, 0 between steps. */
  readonly role: 'parameter' | 'moment' | 'controller' | 'register' | 'buffer' | 'average' | 'sum';
  readonly init: Initialiser;
  /** Starts with the random numbers of this state instead of its own. */
  readonly drawAs?: string | undefined;
}

/**
 * The state that is 1 while everything an execution of this phase made was finite. Every phase reads the flags of all: once
 * one is 0 no phase writes anything, until the host sets them to 1 again. So nobody has to look before the next run.
 */
export const finiteFlag = (phase: string): string => `finite/${phase}`;

/** A number the host computes before a run from what is known without reading anything back. In float64. */
export type HostExpression =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'hyper'; readonly name: string }
  /** Training steps finished so far. */
  | { readonly kind: 'step' }
  /** Training steps of the whole run. */
  | { readonly kind: 'steps' }
  /** Executions of this phase finished so far. */
  | { readonly kind: 'execution' }
  | {
      readonly kind: 'apply';
      readonly function: HostFunction;
      readonly arguments: readonly HostExpression[];
    };

export type HostFunction =
  | 'neg'
  | 'abs'
  | 'exp'
  | 'log'
  | 'log2'
  | 'sqrt'
  | 'floor'
  | 'cos'
  | 'not'
  | 'add'
  | 'sub'
  | 'mul'
  | 'div'
  | 'mod'
  | 'pow'
  | 'min'
  | 'max'
  | 'less'
  | 'less_equal'
  | 'equal'
  | 'and'
  | 'or'
  /** (condition, a, b) */
  | 'where';

export interface ScalarDeclaration {
  readonly name: string;
  readonly value: HostExpression;
}

export interface FeedDeclaration {
  readonly name: string;
  /** With the batch in front. */
  readonly shape: Shape;
  readonly source:
    | { readonly kind: 'data'; readonly stream: string }
    /** The classes of the examples that the data feed of this stream gives in the same execution. */
    | { readonly kind: 'labels'; readonly of: string }
    | {
        readonly kind: 'noise';
        /** Draws are keyed by (seed, site, execution count of the phase). */
        readonly site: string;
        readonly distribution: 'uniform' | 'normal' | 'categorical' | 'bernoulli';
        /** low, high of uniform; mean, deviation of normal; the number of classes, or the probability, twice. */
        readonly parameters: readonly [HostExpression, HostExpression];
      };
}

/** A graph with where its `input` nodes of source `feed` and `scalar` come from. */
export interface ProgramGraph {
  readonly name: string;
  readonly graph: Graph;
  readonly feeds: readonly FeedDeclaration[];
  readonly scalars: readonly ScalarDeclaration[];
}

export interface Phase extends ProgramGraph {
  /** Executions per training step. */
  readonly repeat: HostExpression;
  /** Samples it works on; a multiple of the program's batch. */
  readonly batch: number;
  /**
   * Runs before the phase, `count` times, each time on the next share of the batch: adds losses, gradients and registers to
   * state that the phase reads and sets to 0, and gives the values `loss/UPDATE` of its share. The phase itself then has no feeds.
   */
  readonly parts?: { readonly graph: ProgramGraph; readonly count: number } | undefined;
}

export interface Program {
  /** In the order a step runs them. The last is the controller: it reads the registers that the others wrote,
   * moves the controller state and gives the metrics as values named `metric/NAME`. Every phase gives the value
   * `finite` (1 or 0), and leaves the state as it was where that is 0. The controller gives `stop` (1 or 0) where
   * the spec says when to stop. */
  readonly phases: readonly Phase[];
  readonly outputs: readonly ProgramGraph[];
  readonly state: readonly StateDeclaration[];
  readonly streams: ReadonlyMap<string, { readonly shape: Shape; readonly data: DataSpec }>;
  readonly metrics: readonly string[];
  /** Hyper values that are read at run time, with the spec's values. */
  readonly hyper: ReadonlyMap<string, number>;
  readonly batch: number;
  /** Samples that outputs are computed for at once; as many as `batch` where left out. */
  readonly outputBatch?: number | undefined;
  readonly steps: number;
  readonly seed: number;
}

/** Samples that outputs are computed for at once. */
export const outputBatch = (program: Pick<Program, 'batch' | 'outputBatch'>): number =>
  program.outputBatch ?? program.batch;

/** The graph of a phase that reads its data and its noise. */
export const fedGraph = (phase: Phase): ProgramGraph => phase.parts?.graph ?? phase;

/** All graphs that are run by their names: of the phases in order, a phase's parts before it, and of the outputs. */
export function programGraphs({
  phases,
  outputs,
}: Pick<Program, 'phases' | 'outputs'>): readonly ProgramGraph[] {
  return [
    ...phases.flatMap((phase) => (phase.parts === undefined ? [phase] : [phase.parts.graph, phase])),
    ...outputs,
  ];
}

/** The program with something done to each of its graphs. */
export function mapGraphs(program: Program, change: (graph: Graph) => Graph): Program {
  const changed = <T extends ProgramGraph>(source: T): T => ({ ...source, graph: change(source.graph) });
  return {
    ...program,
    phases: program.phases.map((phase) => ({
      ...changed(phase),
      parts: phase.parts && { ...phase.parts, graph: changed(phase.parts.graph) },
    })),
    outputs: program.outputs.map(changed),
  };
}
