/**
 * A program as a TensorFlow SavedModel. Its state is variables, which all its signatures share:
 *
 * - every phase and every output under its own name (see `addProgramGraph`);
 * - `state/read` gives all state by name, `state/write` replaces all of it and gives `written`;
 * - the loader runs the init op, after which all state is zero.
 */
import { programGraphs, type Program } from '../program.js';
import { LOWERINGS } from './lowerings.js';
import { NodeList, tensorInfo } from './node-list.js';
import { addProgramGraph, barrier, identity, placeholder, PREDICT } from './program-graph.js';
import type { SavedModel, SignatureDef, TensorInfo } from './protobuf.js';
import { Variables } from './variables.js';

export const READ_STATE = 'state/read';
export const WRITE_STATE = 'state/write';
/** The tag by which loaders find the graph. */
export const SERVE = 'serve';
/** By this signature loaders know the init op; it holds the op's name in the place of a tensor's. */
const INIT_OP = '__saved_model_init_op';

/** Phases and outputs with variables: what trains. */
export function trainingModel(program: Program): SavedModel {
  const list = new NodeList();
  const variables = new Variables(list, program.state);
  const signatures = new Map<string, SignatureDef>();
  for (const source of programGraphs(program)) {
    signatures.set(
      source.name,
      addProgramGraph(list, source, {
        lowerings: LOWERINGS,
        feed: (scope, name, shape) => placeholder(list, `${scope}/feed/${name}`, shape),
        state: (scope, name) => variables.read(scope, name),
        scalar: () => undefined,
        assign: (scope, name, value, after) => variables.assign(scope, name, value, after),
      }),
    );
  }
  signatures.set(READ_STATE, readSignature(variables));
  signatures.set(WRITE_STATE, writeSignature(list, variables));
  signatures.set(INIT_OP, initSignature(list, variables));
  return { nodes: list.nodes, signatures, tags: [SERVE] };
}

function readSignature(variables: Variables): SignatureDef {
  const outputs = new Map<string, TensorInfo>();
  for (const { name } of variables.declarations) {
    outputs.set(name, tensorInfo(variables.read(READ_STATE, name)));
  }
  return { inputs: new Map(), outputs, method: PREDICT };
}

function writeSignature(list: NodeList, variables: Variables): SignatureDef {
  const inputs = new Map<string, TensorInfo>();
  const assigned = variables.declarations.map(({ name, shape }) => {
    const value = placeholder(list, `${WRITE_STATE}/${name}`, shape);
    inputs.set(name, tensorInfo(value));
    return variables.assign(WRITE_STATE, name, value, []);
  });
  const written = identity(list, `${WRITE_STATE}/written`, list.filled(1), assigned);
  return { inputs, outputs: new Map([['written', tensorInfo(written)]]), method: PREDICT };
}

function initSignature(list: NodeList, variables: Variables): SignatureDef {
  const assigned = variables.declarations.map(({ name, shape }) =>
    variables.assign('init', name, list.filled(0, shape), []),
  );
  const operation = barrier(list, 'init', assigned);
  return { inputs: new Map(), outputs: new Map([[INIT_OP, { operation }]]), method: '' };
}
