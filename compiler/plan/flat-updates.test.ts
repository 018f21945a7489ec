import { describe, expect, it } from 'vitest';
import { programOf } from '../../test/language/run-spec.js';
import { SYSTEMS } from '../../test/library/systems.js';
import { GraphBuilder } from '../graph/builder.js';
import { add, equal, constant, input, mul, reshape, scale, select, sub, sum } from '../graph/construct.js';
import { dumpGraph } from '../graph/dump.js';
import type { Graph, GraphOutput, NodeId, Shape } from '../graph/graph.js';
import { verifyGraph } from '../graph/verify.js';
import { optimize } from '../passes/optimize.js';
import { programGraphs } from '../program.js';
import { flattenUpdates } from './flat-updates.js';
import { planProgram } from './plan.js';

interface Parameter {
  readonly name: string;
  readonly shape: Shape;
  readonly rate?: number;
}

/** p <- p - rate * gradient for each parameter, where the sum of all gradients is 0. */
function descent(name: string, parameters: readonly Parameter[], waits = true): Graph {
  const b = new GraphBuilder();
  const gradients = parameters.map(({ name: of, shape }) => input(b, 'feed', `gradient of ${of}`, shape));
  const total = gradients.map((own) => sum(b, own)).reduce((left, right) => add(b, left, right));
  const flag = equal(b, total, constant(b, 0));
  const outputs = parameters.map(({ name: of, shape, rate = 0.5 }, i): GraphOutput => {
    const p = input(b, 'state', of, shape);
    const next = sub(b, p, scale(b, gradients[i]!, rate));
    return { kind: 'state', name: of, node: waits ? select(b, flag, next, p) : next };
  });
  return b.build(name, [...outputs, { kind: 'value', name: 'finite', node: flag }]);
}

const WEIGHT: Parameter = { name: 'D/weight', shape: [2, 3] };
const BIAS: Parameter = { name: 'D/bias', shape: [16] };

describe('flat updates', () => {
  it('move all parameters at once, those of whole cache lines first', () => {
    const { graphs, flat } = flattenUpdates([descent('step', [WEIGHT, BIAS])]);
    expect(flat).toEqual([
      {
        name: 'D/*',
        elements: 22,
        parts: [
          { name: 'D/bias', at: 0 },
          { name: 'D/weight', at: 16 },
        ],
      },
    ]);
    expect(dumpGraph(graphs[0]!)).toMatchInlineSnapshot(`
      "graph step (16 nodes)
        %0 = input feed 'gradient of D/weight' : [2, 3]
        %1 = input feed 'gradient of D/bias' : [16]
        %2 = reduce_sum(%0) axes=[0,1] : []
        %3 = reduce_sum(%1) axes=[0] : []
        %4 = add(%2, %3) : []
        %5 = constant 0 : []
        %6 = equal(%4, %5) : []
        %7 = constant 0.5 : []
        %8 = broadcast(%6) axes=[] : [22]  # D/*
        %9 = input state 'D/*' : [22]  # D/*
        %10 = reshape(%0) : [6]  # D/*
        %11 = concat(%1, %10) axis=0 : [22]  # D/*
        %12 = broadcast(%7) axes=[] : [22]  # D/*
        %13 = mul(%11, %12) : [22]  # D/*
        %14 = sub(%9, %13) : [22]  # D/*
        %15 = select(%8, %14, %9) : [22]  # D/*
      outputs
        value 'finite' = %6
        state 'D/*' = %15
      "
    `);
  });

  it('are the graph as it was where there is nothing to gain', () => {
    const same = (...graphs: readonly Graph[]): void =>
      expect(flattenUpdates(graphs)).toEqual({ graphs, flat: [] });
    // One tensor is flat already.
    same(descent('step', [WEIGHT]));
    // What waits for nothing is best done where the gradient is made.
    same(descent('step', [WEIGHT, BIAS], false));
    // Each with a rate of its own.
    same(descent('step', [WEIGHT, { ...BIAS, rate: 0.25 }]));
  });

  it('leave out what some other graph treats in its own way', () => {
    const others = [
      { name: 'D/third', shape: [4] },
      { name: 'D/fourth', shape: [5] },
    ];
    const step = descent('step', [WEIGHT, BIAS, ...others]);
    const { graphs, flat } = flattenUpdates([step, descent('other', others)]);
    expect(flat.map(({ parts }) => parts.map(({ name }) => name))).toEqual([
      ['D/bias', 'D/weight'],
      ['D/third', 'D/fourth'],
    ]);
    expect(graphs.map(({ outputs }) => outputs.map(({ name }) => name))).toEqual([
      ['finite', 'D/*', 'D/* 2'],
      ['finite', 'D/* 2'],
    ]);
  });

  it('keep state in its place for graphs that move a part of it by itself', () => {
    const b = new GraphBuilder();
    const sums = [WEIGHT, BIAS].map(({ name, shape }): GraphOutput => {
      const before = input(b, 'state', name, shape);
      const node = add(b, before, input(b, 'feed', `of ${name}`, shape));
      return { kind: 'state', name, node };
    });
    const part = b.build('part', sums);
    const { graphs, flat } = flattenUpdates([part, descent('step', [WEIGHT, BIAS])]);
    expect(flat).toHaveLength(1);
    expect(graphs[0]).toBe(part);
    expect(graphs[1]!.outputs.map(({ name }) => name)).toEqual(['finite', 'D/*']);
  });

  it('leave state alone that becomes something of another making', () => {
    const b = new GraphBuilder();
    const [p, q] = [input(b, 'state', 'p', [4]), input(b, 'state', 'q', [4])];
    const flag = equal(b, sum(b, p), constant(b, 0));
    const turned = (x: NodeId): NodeId =>
      reshape(
        b,
        b.emit('dot', [reshape(b, x, [2, 2]), reshape(b, x, [2, 2])], {
          transposeA: true,
          transposeB: false,
        }),
        [4],
      );
    const graph = b.build('step', [
      { kind: 'state', name: 'p', node: turned(p) },
      { kind: 'state', name: 'q', node: select(b, flag, mul(b, q, p), q) },
    ]);
    expect(flattenUpdates([graph])).toEqual({ graphs: [graph], flat: [] });
  });

  it('never meet a graph of the library that does not verify afterwards', () => {
    for (const { text } of SYSTEMS) {
      const { graphs } = flattenUpdates(programGraphs(programOf(text)).map(({ graph }) => graph));
      for (const graph of graphs) expect(() => verifyGraph(graph)).not.toThrow();
    }
  });
});

describe('an optimiser step is one launch for all parameters and moments', () => {
  const spec = (optimizer: string, more = '', train = 'batch: 4'): string => `version: 1
data: { x: { points: ring, count: 64 } }
noise: { z: { uniform: [-1, 1], shape: [4] } }
networks:
  G: [{ dense: 8 }, elu, { dense: 2 }]
  D: [{ dense: 8 }, elu, { dense: 3 }]
objective:
  updates:
    - { name: critic, minimize: mean(D(G(z))) - mean(D(x)), train: D, optimizer: ${optimizer}${more} }
    - { name: generator, minimize: -mean(D(G(z))), train: G, optimizer: ${optimizer} }
outputs: { generate: G(z) }
train: { ${train}, steps: 10 }
`;
  /** By graph, the launches that write state of rank 1 or more: how many states each writes. */
  const writers = (text: string): Record<string, readonly number[]> => {
    const { graphs } = planProgram(programOf(text), optimize);
    return Object.fromEntries(
      graphs.map(({ plan }) => [
        plan.name,
        plan.launches.flatMap(({ writes }) => {
          const states = writes.filter((id) => {
            const { kind, elements } = plan.buffers[id]!;
            return kind === 'state' && elements > 1;
          });
          return states.length === 0 ? [] : [states.length];
        }),
      ]),
    );
  };

  it.each([
    ['sgd', '{ sgd: { rate: 0.1 } }', 1],
    ['momentum', '{ sgd: { rate: 0.1, momentum: 0.9 } }', 2],
    ['rmsprop', '{ rmsprop: { rate: 0.1 } }', 2],
    ['adam', '{ adam: { rate: 0.1 } }', 3],
    ['adam with weight decay', '{ adam: { rate: 0.1, weight_decay: 0.01 } }', 3],
  ])('%s', (_, optimizer, states) => {
    expect(writers(spec(optimizer))).toMatchObject({ critic: [states], generator: [states] });
  });

  it('also where gradients are clipped or parameters projected', () => {
    const adam = '{ adam: { rate: 0.1 } }';
    expect(writers(spec(adam, ', clip_gradients: { norm: 1 }')).critic).toEqual([3]);
    expect(writers(spec(adam, ', project: { clip: [-0.01, 0.01] }')).critic).toEqual([3]);
  });

  it('and of micro-batches only the last: their gradients are added where they are made', () => {
    const { 'critic/part': part, critic } = writers(
      spec('{ adam: { rate: 0.1 } }', '', 'batch: 4, micro_batch: 2'),
    );
    expect(part).toHaveLength(4);
    // Then the sums are set to 0.
    expect(critic).toEqual([3, 1]);
  });
});
