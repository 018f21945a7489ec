/** The value that an output of a program gives. */
import type { Shape } from '../../compiler/graph/graph.js';
import type { ProgramGraph } from '../../compiler/program.js';

/** Its shape, with the batch: of the value that bears the output's name, or of its only one. */
export function valueShape(output: ProgramGraph): Shape | undefined {
  const values = output.graph.outputs.filter(({ kind }) => kind === 'value');
  const value = values.find(({ name }) => name === output.name) ?? values[0];
  return value && output.graph.nodes[value.node]?.shape;
}
