/**
 * The reference engine: float64, slow, obvious. The oracle that every other engine is tested against. State is kept
 * in float64 between runs and rounded only where the interface hands out Float32Arrays.
 */
import type { Graph } from '../../compiler/graph/graph.js';
import { GraphError } from '../../compiler/ops/op.js';
import { elementCount, showShape } from '../../compiler/ops/shape-checks.js';
import { programGraphs, type Program } from '../../compiler/program.js';
import type { Executable, GraphInputs } from '../engine.js';
import { OperationTimer, type OperationObserver } from '../operation-timer.js';
import type { ProfilableEngine } from '../profilable.js';
import { evaluateGraph } from './evaluate-graph.js';

/** An executable whose numbers can also be read unrounded. */
export interface ReferenceExecutable extends Executable {
  read64(name: string, value: string): Float64Array;
  readState64(name: string): Float64Array;
}

export interface ReferenceEngine extends ProfilableEngine {
  load(program: Program): Promise<ReferenceExecutable>;
}

export const referenceEngine: ReferenceEngine = {
  name: 'reference',
  load: async (program) => Promise.resolve(new ReferenceProgram(program)),
  loadProfiled: async (program, clock) => {
    const executable = new ReferenceProgram(program);
    const timer = new OperationTimer(program, clock, {
      method:
        'Every operation of the graph by itself, computed in float64 by plain JavaScript, with the clock read before and after. ' +
        'The reference is there to be right: its times say nothing about other backends.',
      elementBytes: 8,
      absent: { peak: 'The reference has no kernels that could be held against a peak.' },
      run: (graph, inputs, observer) => executable.run(graph, inputs, observer),
    });
    return Promise.resolve({ executable, timer });
  },
};

class ReferenceProgram implements ReferenceExecutable {
  readonly #graphs: ReadonlyMap<string, Graph>;
  readonly #state: Map<string, Float64Array>;
  readonly #values = new Map<string, ReadonlyMap<string, Float64Array>>();

  constructor(program: Program) {
    const { state } = program;
    const graphs = programGraphs(program);
    this.#graphs = new Map(graphs.map(({ name, graph }) => [name, graph]));
    this.#state = new Map(state.map(({ name, shape }) => [name, new Float64Array(elementCount(shape))]));
    const shapes = new Map(state.map(({ name, shape }) => [name, shape]));
    for (const { graph } of graphs) {
      for (const output of graph.outputs) {
        if (output.kind !== 'state') continue;
        const declared = shapes.get(output.name);
        const written = graph.nodes[output.node]!.shape;
        if (declared === undefined || elementCount(declared) !== elementCount(written)) {
          throw new GraphError(
            `graph ${graph.name}: writes ${showShape(written)} to the state '${output.name}', which is ` +
              (declared === undefined ? 'not declared' : `declared as ${showShape(declared)}`),
          );
        }
      }
    }
  }

  // A refused input rejects the promise, as it does in engines that run elsewhere.
  run(name: string, { feeds, scalars }: GraphInputs, observer?: OperationObserver): Promise<void> {
    return new Promise((resolve) => {
      const graph = found(this.#graphs, 'phase or output', name);
      const results = evaluateGraph(graph, { state: this.#state, feeds, scalars }, observer);
      this.#values.set(name, new Map([...results.values].map(([value, { data }]) => [value, data.slice()])));
      for (const [state, { data }] of results.state) this.#state.set(state, data.slice());
      resolve();
    });
  }

  read64(name: string, value: string): Float64Array {
    return found(found(this.#values, 'finished run of', name), 'value', value).slice();
  }

  readState64(name: string): Float64Array {
    return found(this.#state, 'state', name).slice();
  }

  async read(name: string, value: string): Promise<Float32Array> {
    return Promise.resolve(Float32Array.from(this.read64(name, value)));
  }

  async readState(name: string): Promise<Float32Array> {
    return Promise.resolve(Float32Array.from(this.readState64(name)));
  }

  async writeState(name: string, values: ArrayLike<number>): Promise<void> {
    const state = found(this.#state, 'state', name);
    if (values.length !== state.length) {
      throw new GraphError(`the state '${name}' holds ${state.length} numbers, ${values.length} were given`);
    }
    state.set(Float64Array.from(values));
    return Promise.resolve();
  }

  dispose(): void {
    this.#state.clear();
    this.#values.clear();
  }
}

function found<T>(map: ReadonlyMap<string, T>, what: string, name: string): T {
  const value = map.get(name);
  if (value === undefined) throw new GraphError(`there is no ${what} '${name}'`);
  return value;
}
