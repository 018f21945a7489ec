/** Outputs of a program as a TensorFlow SavedModel in which the state they read stands as constants: what samples. */
import type { Shape } from '../graph/graph.js';
import type { ProgramGraph, StateDeclaration } from '../program.js';
import { LOWERINGS, type Lowerings } from './lowerings.js';
import { NodeList, type Operand } from './node-list.js';
import { addProgramGraph, placeholder } from './program-graph.js';
import type { SavedModel, SignatureDef } from './protobuf.js';
import { SERVE } from './saved-model.js';

export interface FrozenOutput {
  readonly source: ProgramGraph;
  /** The host's numbers, all that it declares. */
  readonly scalars: ReadonlyMap<string, number>;
}

/**
 * One signature per output, under its name: every feed by its name, in the declared shape, to every value by its name.
 * `state` holds at least what the outputs read, row-major; tensors and feeds that several outputs read are there
 * once. `lowerings` are TensorFlow's where left out.
 */
export function frozenModel(
  outputs: readonly FrozenOutput[],
  declarations: readonly StateDeclaration[],
  state: ReadonlyMap<string, ArrayLike<number>>,
  lowerings: Lowerings = LOWERINGS,
): SavedModel {
  const list = new NodeList();
  const shapes = new Map(declarations.map(({ name, shape }) => [name, shape]));
  const constants = new Map<string, Operand>();
  const constant = (_scope: string, name: string): Operand => {
    const known = constants.get(name);
    if (known !== undefined) return known;
    const [shape, values] = [shapes.get(name), state.get(name)];
    if (shape === undefined || values === undefined) throw new Error(`internal: there is no state "${name}"`);
    const made = list.floats(`state/${name}`, values, shape);
    constants.set(name, made);
    return made;
  };
  const feeds = new Map<string, Operand>();
  const feed = (scope: string, name: string, shape: Shape): Operand => {
    const made = feeds.get(name) ?? placeholder(list, `feed/${name}`, shape);
    if (made.shape.join() !== shape.join()) {
      throw new Error(`internal: "${scope}" reads "${name}" in another shape than the outputs before it`);
    }
    feeds.set(name, made);
    return made;
  };
  const signatures = new Map<string, SignatureDef>();
  for (const { source, scalars } of outputs) {
    const assign = (): never => {
      throw new Error(`internal: the output "${source.name}" writes state`);
    };
    const scalar = (name: string): number | undefined => scalars.get(name);
    signatures.set(
      source.name,
      addProgramGraph(list, source, { lowerings, feed, state: constant, scalar, assign }),
    );
  }
  return { nodes: list.nodes, signatures, tags: [SERVE] };
}
