/**
 * GFLOP/s of the wasm engine's contractions, one thread, packing and joining included:
 *   npx rolldown test/bench/kernels.ts --platform node --format esm --file /tmp/kernels.mjs && node /tmp/kernels.mjs
 */
import { GraphBuilder } from '../../compiler/graph/builder.js';
import type { NodeId, Shape } from '../../compiler/graph/graph.js';
import { planGraphs } from '../../compiler/plan/plan.js';
import { loadPlan } from '../../runtimes/wasm/engine.js';

interface Case {
  readonly name: string;
  readonly build: (builder: GraphBuilder, input: (name: string, shape: Shape) => NodeId) => NodeId;
}

function convolutions(batch: number, size: number, from: number, to: number, stride: number): Case[] {
  const out = size / stride;
  const padding =
    stride === 1
      ? ([
          [1, 1],
          [1, 1],
        ] as const)
      : ([
          [0, 1],
          [0, 1],
        ] as const);
  const strides = [stride, stride] as const;
  const label = `${batch}x${size}x${size}x${from}->${to}${stride === 1 ? '' : ` /${stride}`}`;
  return [
    {
      name: `${label} conv`,
      build: (b, input) =>
        b.emit('conv', [input('x', [batch, size, size, from]), input('w', [3, 3, from, to])], {
          strides,
          padding,
        }),
    },
    {
      name: `${label} input gradient`,
      build: (b, input) =>
        b.emit('conv_input_gradient', [input('g', [batch, out, out, to]), input('w', [3, 3, from, to])], {
          strides,
          padding,
          size: [size, size],
        }),
    },
    {
      name: `${label} filter gradient`,
      build: (b, input) =>
        b.emit(
          'conv_filter_gradient',
          [input('x', [batch, size, size, from]), input('g', [batch, out, out, to])],
          {
            strides,
            padding,
            kernel: [3, 3],
          },
        ),
    },
  ];
}

function dot(m: number, k: number, n: number, transposeA: boolean, transposeB: boolean): Case {
  return {
    name: `dot ${m}x${k}x${n}${transposeA ? ' A^T' : ''}${transposeB ? ' B^T' : ''}`,
    build: (b, input) =>
      b.emit('dot', [input('a', transposeA ? [k, m] : [m, k]), input('b', transposeB ? [n, k] : [k, n])], {
        transposeA,
        transposeB,
      }),
  };
}

const CASES: readonly Case[] = [
  ...convolutions(16, 32, 16, 16, 1),
  ...convolutions(32, 32, 16, 16, 1),
  ...convolutions(16, 16, 32, 32, 1),
  ...convolutions(16, 8, 48, 48, 1),
  ...convolutions(16, 32, 32, 32, 1),
  ...convolutions(16, 32, 3, 16, 1),
  ...convolutions(16, 32, 16, 3, 1),
  ...convolutions(16, 32, 16, 32, 2),
  ...convolutions(16, 16, 32, 48, 2),
  dot(16, 64, 1024, false, false),
  dot(16, 1024, 64, false, true),
  dot(64, 16, 1024, true, false),
  dot(512, 512, 512, false, false),
];

const only = process.argv[2];
for (const { name, build } of CASES) {
  if (only !== undefined && !name.includes(only)) continue;
  const builder = new GraphBuilder();
  const feeds = new Map<string, Float32Array>();
  const y = build(builder, (feed, shape) => {
    feeds.set(
      feed,
      Float32Array.from({ length: shape.reduce((p, s) => p * s, 1) }, () => Math.random() - 0.5),
    );
    return builder.emit('input', [], { source: 'feed', name: feed, shape });
  });
  const plan = planGraphs([builder.build('run', [{ kind: 'value', name: 'y', node: y }])], []);
  const executable = await loadPlan(plan);
  executable.runNow('run', { feeds, scalars: new Map() });
  const { launches } = plan.graphs[0]!.plan;
  const runAll = (): void => launches.forEach((_, at) => executable.runLaunch('run', at));
  const flops = 2 * launches.reduce((sum, launch) => sum + launch.multiplyAdds, 0);
  const warmUntil = performance.now() + 150;
  while (performance.now() < warmUntil) runAll();
  // The least of many short rounds: what the machine does when nothing else runs on it.
  let best = Infinity;
  const repeats = Math.max(1, Math.round(5e6 / flops));
  const until = performance.now() + 1000;
  while (performance.now() < until) {
    const start = performance.now();
    for (let i = 0; i < repeats; i++) runAll();
    best = Math.min(best, (performance.now() - start) / repeats);
  }
  const rate = flops / best / 1e6;
  console.log(`${name.padEnd(44)} ${rate.toFixed(1).padStart(6)} GFLOP/s ${best.toFixed(3).padStart(8)} ms`);
}
