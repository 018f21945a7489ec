/** The value that an output of a program gives. */
import type { Graph, Shape } from '../../compiler/graph/graph.js';
import type { ProgramGraph } from '../../compiler/program.js';

/** The value that bears the output's name, or its only one. */
function valueOf({ name, graph }: ProgramGraph): Graph['outputs'][number] | undefined {
  const values = graph.outputs.filter(({ kind }) => kind === 'value');
  return values.find((value) => value.name === name) ?? values[0];
}

/** Its shape, with the batch. */
export function valueShape(output: ProgramGraph): Shape | undefined {
  const value = valueOf(output);
  return value && output.graph.nodes[value.node]?.shape;
}

/** Its name, where it gives something for every example of a batch. */
export const batchedValue = (output: ProgramGraph, batch: number): string | undefined =>
  valueShape(output)?.[0] === batch ? valueOf(output)?.name : undefined;
