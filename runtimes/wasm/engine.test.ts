import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../compiler/graph/builder.js';
import {
  abs,
  add,
  broadcastTo,
  conv,
  div,
  elu,
  greaterEqual,
  input,
  mean,
  mul,
  scale,
  select,
  sqrt,
  square,
  sub,
} from '../../compiler/graph/construct.js';
import type { Graph, NodeId } from '../../compiler/graph/graph.js';
import { gradient } from '../../compiler/autodiff/gradient.js';
import { programOf } from '../../test/ops/program-of.js';
import { seededRandom } from '../../test/ops/random.js';
import { evaluateGraph } from '../reference/evaluate-graph.js';
import { nmse } from '../../test/ops/nmse.js';
import { WasmEngine } from './engine.js';
import type { WasmExecutable } from './engine.js';
import { webAssembly } from './web-assembly.js';

const numbers = (seed: string, count: number, scaling = 1): Float32Array => {
  const random = seededRandom(seed);
  return Float32Array.from({ length: count }, () => (random() * 2 - 1) * scaling);
};

/** One training step of two convolutions with a blend between them: loss, gradients, Adam, frozen where not finite. */
function trainingGraph(): Graph {
  const b = new GraphBuilder();
  const x = input(b, 'feed', 'x', [4, 9, 10, 5]);
  const carry = input(b, 'scalar', 'carry', []);
  const parameters: { name: string; id: NodeId }[] = [];
  const parameter = (name: string, shape: number[]): NodeId => {
    const id = input(b, 'state', name, shape);
    parameters.push({ name, id });
    return id;
  };
  const layer = (from: NodeId, name: string, channels: number, stride: number): NodeId => {
    const y = conv(b, from, parameter(`${name}/w`, [3, 3, b.shape(from)[3]!, channels]), {
      strides: [stride, stride],
      padding: [
        [1, 1],
        [1, 1],
      ],
    });
    return elu(b, add(b, y, broadcastTo(b, parameter(`${name}/b`, [channels]), b.shape(y))));
  };
  const one = b.emit('constant', [], { value: 1 });
  const first = layer(x, 'first', 5, 1);
  const blended = add(b, mul(b, carry, x), mul(b, sub(b, one, carry), first));
  const second = layer(blended, 'second', 17, 2);
  const loss = mean(b, abs(b, second));
  const gradients = gradient(
    b,
    loss,
    parameters.map(({ id }) => id),
  );
  const finite = greaterEqual(b, loss, scale(b, loss, 0.5));
  return b.build('train', [
    { kind: 'value', name: 'loss', node: loss },
    { kind: 'value', name: 'first', node: first },
    ...parameters.flatMap(({ name, id }, i) => {
      const g = gradients[i]!;
      const [m, v] = [
        input(b, 'state', `m/${name}`, b.shape(id)),
        input(b, 'state', `v/${name}`, b.shape(id)),
      ];
      const newM = add(b, scale(b, m, 0.5), scale(b, g, 0.5));
      const newV = add(b, scale(b, v, 0.9), scale(b, square(b, g), 0.1));
      const step = scale(
        b,
        div(b, newM, add(b, sqrt(b, newV), b.emit('constant', [], { value: 1e-3 }))),
        0.01,
      );
      const keep = (next: NodeId, old: NodeId): NodeId =>
        select(b, broadcastTo(b, finite, b.shape(old)), next, old);
      return [
        { kind: 'state', name, node: keep(sub(b, id, step), id) },
        { kind: 'state', name: `m/${name}`, node: keep(newM, m) },
        { kind: 'state', name: `v/${name}`, node: keep(newV, v) },
      ] as const;
    }),
  ]);
}

const inputs = {
  feeds: new Map([['x', numbers('x', 4 * 9 * 10 * 5)]]),
  scalars: new Map([['carry', 0.25]]),
};

async function started(graph: Graph, engine = new WasmEngine()): Promise<WasmExecutable> {
  const program = programOf(graph);
  const executable = await engine.load(program);
  for (const { name, shape } of program.state) {
    if (!/^[mv]\//.test(name))
      await executable.writeState(
        name,
        numbers(
          name,
          shape.reduce((p, s) => p * s, 1),
          0.3,
        ),
      );
  }
  return executable;
}

async function stateOf(executable: WasmExecutable): Promise<Map<string, Float32Array>> {
  const state = new Map<string, Float32Array>();
  for (const name of executable.plan.state.keys()) state.set(name, await executable.readState(name));
  return state;
}

describe('WasmEngine', () => {
  it('trains five steps as the reference does', async () => {
    const graph = trainingGraph();
    const executable = await started(graph);
    let state: Map<string, ArrayLike<number>> = await stateOf(executable);
    for (let step = 0; step < 5; step++) {
      const expected = evaluateGraph(graph, { ...inputs, state });
      await executable.run('train', inputs);
      expect(nmse(await executable.read('train', 'loss'), expected.values.get('loss')!.data)).toBeLessThan(
        1e-10,
      );
      expect(nmse(await executable.read('train', 'first'), expected.values.get('first')!.data)).toBeLessThan(
        1e-10,
      );
      state = new Map([...expected.state].map(([name, { data }]) => [name, data]));
      for (const [name, values] of state)
        expect(nmse(await executable.readState(name), values), `${name} after ${step}`).toBeLessThan(1e-8);
    }
  });

  it('gives the same bits for the same program and inputs', async () => {
    const runs: Map<string, Float32Array>[] = [];
    for (let run = 0; run < 2; run++) {
      const executable = await started(trainingGraph());
      for (let step = 0; step < 3; step++) await executable.run('train', inputs);
      runs.push(await stateOf(executable));
    }
    expect(runs[0]).toEqual(runs[1]);
  });

  it('gives the same bits whatever order the tiles of a launch are done in', async () => {
    const [forward, backward] = [await started(trainingGraph()), await started(trainingGraph())];
    await forward.run('train', inputs);
    await backward.run('train', { ...inputs });
    // A second step, launch by launch; in the other executable tile by tile from the last to the first.
    const { launches } = forward.plan.graphs[0]!.plan;
    expect(launches.some(({ kernel }) => kernel.tiles > 1)).toBe(true);
    launches.forEach(({ kernel }, at) => {
      forward.runLaunch('train', at);
      for (let tile = kernel.tiles - 1; tile >= 0; tile--) backward.runLaunch('train', at, tile, tile + 1);
    });
    expect(await stateOf(backward)).toEqual(await stateOf(forward));
  });

  it('carries NaN to the outputs and keeps the last good state', async () => {
    const executable = await started(trainingGraph());
    await executable.run('train', inputs);
    const before = await stateOf(executable);
    const x = Float32Array.from(inputs.feeds.get('x')!);
    x[7] = NaN;
    await executable.run('train', { ...inputs, feeds: new Map([['x', x]]) });
    expect(await executable.read('train', 'loss')).toEqual(Float32Array.of(NaN));
    expect(await stateOf(executable)).toEqual(before);
  });

  it('lives in a memory it is given, from the base on, and leaves the rest alone', async () => {
    const memory = new webAssembly.Memory({ initial: 1 });
    const base = 4096;
    new Uint8Array(memory.buffer, 0, base).fill(0xab);
    const executable = await started(trainingGraph(), new WasmEngine({ memory, base }));
    const own = await started(trainingGraph());
    await executable.run('train', inputs);
    await own.run('train', inputs);
    expect(await stateOf(executable)).toEqual(await stateOf(own));
    expect(new Uint8Array(memory.buffer, 0, base).every((byte) => byte === 0xab)).toBe(true);
  });

  it('reads old state everywhere, also where states trade places', async () => {
    const b = new GraphBuilder();
    const [p, q] = [input(b, 'state', 'p', [70]), input(b, 'state', 'q', [70])];
    const graph = b.build('trade', [
      { kind: 'state', name: 'p', node: q },
      { kind: 'state', name: 'q', node: add(b, p, q) },
      { kind: 'value', name: 'old', node: p },
    ]);
    const executable = await new WasmEngine().load(programOf(graph));
    await executable.writeState('p', new Float32Array(70).fill(1));
    await executable.writeState('q', new Float32Array(70).fill(2));
    await executable.run('trade', { feeds: new Map(), scalars: new Map() });
    expect((await executable.readState('p'))[69]).toBe(2);
    expect((await executable.readState('q'))[69]).toBe(3);
    expect((await executable.read('trade', 'old'))[69]).toBe(1);
  });

  it('keeps values of one graph while another runs', async () => {
    const graph = (name: string, factor: number): Graph => {
      const b = new GraphBuilder();
      const x = input(b, 'feed', 'x', [1000]);
      return b.build(name, [{ kind: 'value', name: 'y', node: scale(b, mul(b, x, x), factor) }]);
    };
    const executable = await new WasmEngine().load(programOf(graph('one', 1), graph('two', 2)));
    const feeds = new Map([['x', new Float32Array(1000).fill(3)]]);
    await executable.run('one', { feeds, scalars: new Map() });
    await executable.run('two', { feeds, scalars: new Map() });
    expect((await executable.read('one', 'y'))[999]).toBe(9);
    expect((await executable.read('two', 'y'))[999]).toBe(18);
  });

  it('holds the same memory after 500 runs', async () => {
    const executable = await started(trainingGraph());
    for (let i = 0; i < 50; i++) executable.runNow('train', inputs);
    const before = process.memoryUsage().rss;
    for (let i = 0; i < 500; i++) executable.runNow('train', inputs);
    expect(process.memoryUsage().rss - before).toBeLessThan(8 * 2 ** 20);
  });

  it('says what is missing or misshapen', async () => {
    const executable = await started(trainingGraph());
    const scalars = inputs.scalars;
    await expect(executable.run('train', { feeds: new Map(), scalars })).rejects.toThrow(
      'train needs the feed x',
    );
    await expect(executable.run('train', { ...inputs, scalars: new Map() })).rejects.toThrow(
      'train needs the scalar carry',
    );
    const short = new Map([['x', new Float32Array(3)]]);
    await expect(executable.run('train', { feeds: short, scalars })).rejects.toThrow(
      'the feed x of train has 1800 elements, not 3',
    );
    await expect(executable.run('sample', inputs)).rejects.toThrow(
      'the program has no phase or output sample',
    );
    await expect(executable.read('train', 'accuracy')).rejects.toThrow('train has no value accuracy');
    await expect(executable.readState('z')).rejects.toThrow('the program has no state z');
    await expect(executable.writeState('first/b', [1])).rejects.toThrow(
      'the state first/b has 5 elements, not 1',
    );
    executable.dispose();
    await expect(executable.run('train', inputs)).rejects.toThrow('the program was disposed of');
  });
});
