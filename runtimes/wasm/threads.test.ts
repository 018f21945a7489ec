/** Programs on several threads: the same bits as on one. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { overrideSpec } from '../../spec/override.js';
import { compile } from '../../compiler/compile.js';
import type { Graph } from '../../compiler/graph/graph.js';
import type { HandOver } from '../../compiler/plan/stages.js';
import { programGraphs, type Program } from '../../compiler/program.js';
import { OP_CASES } from '../../test/ops/cases.js';
import { COMPOSITE_CASES } from '../../test/ops/composite-cases.js';
import { caseGraph, gradientGraph, type OpCase } from '../../test/ops/op-case.js';
import { programOf } from '../../test/ops/program-of.js';
import { randomGraph } from '../../test/ops/random-graph.js';
import { seededRandom } from '../../test/ops/random.js';
import { initialState } from '../../compiler/random/initialise.js';
import { folderLibrary } from '../node/library-source.js';
import { nodeThreads } from '../node/worker-threads.js';
import { WasmEngine, type WasmEngineOptions, type WasmExecutable } from './engine.js';

/** Every graph is shared, and every launch of several tiles split. */
const FREE: HandOver = { stage: 0, run: -Infinity };
const COUNTS = [2, 3, 8];

type Optimise = WasmEngineOptions['optimise'];

const numbers = (seed: string, shape: readonly number[]): Float32Array => {
  const random = seededRandom(seed);
  return Float32Array.from({ length: shape.reduce((p, s) => p * s, 1) }, () => random() * 2 - 1);
};

/** Bytes of all that a program computes in some runs of each of its graphs, from the same beginning. */
async function bytesOf(
  program: Program,
  executable: WasmExecutable,
  runs: number,
): Promise<Map<string, Buffer>> {
  for (const state of program.state) {
    const initial =
      state.init.kind === 'constant' ? numbers(state.name, state.shape) : initialState(state, 1);
    await executable.writeState(state.name, initial);
  }
  const found = new Map<string, Buffer>();
  for (let run = 0; run < runs; run++) {
    for (const { name, graph, feeds, scalars } of programGraphs(program)) {
      await executable.run(name, {
        feeds: new Map(feeds.map((feed) => [feed.name, numbers(`${run} ${feed.name}`, feed.shape)])),
        scalars: new Map(scalars.map((scalar) => [scalar.name, 0.25])),
      });
      for (const output of graph.outputs) {
        if (output.kind !== 'value') continue;
        found.set(
          `${run} ${name} ${output.name}`,
          Buffer.from((await executable.read(name, output.name)).buffer),
        );
      }
    }
  }
  for (const { name } of program.state)
    found.set(name, Buffer.from((await executable.readState(name)).buffer));
  return found;
}

async function differences(program: Program, runs: number, optimise?: Optimise): Promise<string[]> {
  const alone = await new WasmEngine({ optimise }).load(program);
  const expected = await bytesOf(program, alone, runs);
  const found: string[] = [];
  for (const count of COUNTS) {
    const threads = { host: nodeThreads, count, cost: FREE };
    const executable = await new WasmEngine({ optimise, threads }).load(program);
    if (executable.threads !== count) found.push(`${executable.threads} threads instead of ${count}`);
    const given = await bytesOf(program, executable, runs);
    executable.dispose();
    for (const [name, bytes] of expected)
      if (!given.get(name)!.equals(bytes)) found.push(`${name} on ${count} threads`);
  }
  return found;
}

/** Graphs of one program share state by its name. */
const stateOfItsOwn = (graph: Graph): Graph => ({
  ...graph,
  nodes: graph.nodes.map((node) =>
    node.op === 'input' && node.attributes.source === 'state'
      ? { ...node, attributes: { ...node.attributes, name: `${graph.name} ${node.attributes.name}` } }
      : node,
  ),
  outputs: graph.outputs.map((output) =>
    output.kind === 'state' ? { ...output, name: `${graph.name} ${output.name}` } : output,
  ),
});

describe('threads', () => {
  it('give the bits of one thread for every op and its gradients', async () => {
    const cases: readonly OpCase[] = [...OP_CASES, ...COMPOSITE_CASES];
    const graphs = cases.flatMap((opCase) => [
      caseGraph(opCase),
      ...(opCase.inputs.some(({ differentiable }) => differentiable) ? [gradientGraph(opCase)] : []),
    ]);
    const renamed = graphs.map((graph, i) => ({ ...graph, name: `${i} ${graph.name}` }));
    expect(await differences(programOf(...renamed), 1, (graph) => graph)).toEqual([]);
  });

  it('give the bits of one thread for random graphs with state', async () => {
    const graphs = Array.from({ length: 40 }, (_, i) => randomGraph(`threads/${i}`, 60));
    expect(await differences(programOf(...graphs.map(stateOfItsOwn)), 3)).toEqual([]);
  });

  it('give the bits of one thread for training steps of a BEGAN', async () => {
    const path = 'examples/faces-32.yaml';
    const spec = { name: path, text: readFileSync(path, 'utf8') };
    const smaller = overrideSpec(spec, [
      { path: 'hyper.n', value: '6' },
      { path: 'train.batch', value: '5' },
    ]);
    const { program } = compile(smaller, folderLibrary());
    expect(await differences(program!, 2)).toEqual([]);
  });
});
