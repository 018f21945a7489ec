/** What one function of the language is: the shapes it takes, its meaning as graph nodes, its meaning for the host. */
import type { GraphBuilder } from '../../graph/builder.js';
import type { NodeId } from '../../graph/graph.js';
import type { HostExpression, HostFunction } from '../../program.js';
import { commonShape, type SymbolicShape } from '../symbolic-shape.js';
import type { Extent } from '../term.js';

/** What a function may know of its arguments beside their nodes. */
export interface FunctionContext {
  readonly extent: Extent;
  /** Per argument: how many classes, where it is a class number. */
  readonly classes: readonly (number | undefined)[];
}

export interface FunctionRule {
  /** One line for documentation. */
  readonly doc: string;
  readonly parameters: readonly string[];
  /** Brought to one shape before `lower`: every pointwise function. */
  readonly pointwise: boolean;
  /** True where `per=` may be said. */
  readonly extent?: boolean;
  /** What the arguments must be, for the message where `shape` refuses. */
  readonly needs?: string;
  shape(arguments_: readonly SymbolicShape[], context: FunctionContext): SymbolicShape | undefined;
  /** Absent where only the host can compute it: its calls become scalars of the program. */
  lower?(builder: GraphBuilder, arguments_: readonly NodeId[], context: FunctionContext): NodeId;
  /** The same on numbers that the host knows; absent where only a graph can compute it. */
  host?(arguments_: readonly HostExpression[]): HostExpression;
}

export type GraphFunctionRule = FunctionRule & Required<Pick<FunctionRule, 'lower'>>;

export const host = (name: HostFunction, ...arguments_: readonly HostExpression[]): HostExpression => ({
  kind: 'apply',
  function: name,
  arguments: arguments_,
});

/** A function of numbers that share one shape. */
export function pointwise(
  doc: string,
  parameters: readonly string[],
  lower: (builder: GraphBuilder, arguments_: readonly NodeId[]) => NodeId,
  toHost?: (...arguments_: readonly HostExpression[]) => HostExpression,
): GraphFunctionRule {
  return {
    doc,
    parameters,
    pointwise: true,
    shape: commonShape,
    lower,
    ...(toHost && { host: (arguments_: readonly HostExpression[]) => toHost(...arguments_) }),
  };
}
