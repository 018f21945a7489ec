/**
 * GFLOP/s of the wasm engine's contractions on one thread, packing, transforms and joining included, as shares of the
 * peak of a core that is measured in the same rounds:
 *   npx rolldown test/bench/kernels.ts --platform node --format esm --file /tmp/kernels.mjs && node /tmp/kernels.mjs [NAME]
 * Rates are those of the plain sum's arithmetic, so Winograd's may exceed the peak.
 */
import { setFlagsFromString } from 'node:v8';
import { GraphBuilder } from '../../compiler/graph/builder.js';
import type { NodeId, Shape } from '../../compiler/graph/graph.js';
import { planGraphs } from '../../compiler/plan/plan.js';
import { loadPlan } from '../../runtimes/wasm/engine.js';
import { measurePeak } from '../../runtimes/wasm/measure-peak.js';

// Of Node 20; later ones have it without.
setFlagsFromString('--experimental-wasm-relaxed-simd');

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
  ...convolutions(16, 32, 32, 32, 1),
  ...convolutions(16, 32, 64, 64, 1),
  ...convolutions(16, 64, 64, 64, 1),
  ...convolutions(16, 16, 64, 64, 1),
  ...convolutions(16, 8, 96, 96, 1),
  ...convolutions(16, 32, 16, 16, 1),
  ...convolutions(16, 16, 32, 32, 1),
  ...convolutions(16, 8, 48, 48, 1),
  ...convolutions(16, 32, 3, 16, 1),
  ...convolutions(16, 32, 16, 3, 1),
  ...convolutions(16, 32, 3, 32, 1),
  ...convolutions(16, 32, 32, 3, 1),
  ...convolutions(16, 32, 16, 32, 2),
  ...convolutions(16, 16, 32, 48, 2),
  dot(16, 64, 1024, false, false),
  dot(16, 1024, 64, false, true),
  dot(64, 16, 1024, true, false),
  dot(512, 512, 512, false, false),
];

/** Ways to run a case. */
const WAYS = [
  { name: 'plain', relaxed: false, winograd: 'never' },
  { name: 'relaxed', relaxed: true, winograd: 'never' },
  { name: 'Winograd', relaxed: true, winograd: 'always' },
  { name: 'Winograd plain', relaxed: false, winograd: 'always' },
  { name: 'chosen', relaxed: true, winograd: 'faster' },
] as const;

const only = process.argv[2] ?? '';
const rounds = Number(process.argv[3] ?? 8);
/** Milliseconds of processor time: other programs on the machine count only by what they do to caches. */
const clock = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};
console.log('direct-equivalent GFLOP/s, and share of the peak'.padEnd(44));
for (const { name, build } of CASES) {
  if (!name.includes(only)) continue;
  const builder = new GraphBuilder();
  const feeds = new Map<string, Float32Array>();
  const y = build(builder, (feed, shape) => {
    feeds.set(
      feed,
      Float32Array.from({ length: shape.reduce((p, s) => p * s, 1) }, () => Math.random() - 0.5),
    );
    return builder.emit('input', [], { source: 'feed', name: feed, shape });
  });
  const graph = builder.build('run', [{ kind: 'value', name: 'y', node: y }]);
  const ways = [];
  for (const { name: way, relaxed, winograd } of WAYS) {
    const plan = planGraphs([graph], [], { winograd });
    const { launches } = plan.graphs[0]!.plan;
    const uses = launches.some(({ kernel }) => kernel.kind.startsWith('winograd'));
    if (winograd === 'always' && !uses) continue;
    const executable = await loadPlan(plan, { relaxed });
    executable.runNow('run', { feeds, scalars: new Map() });
    const calls = executable.launchesOf('run');
    const flops = 2 * launches.reduce((sum, launch) => sum + launch.multiplyAdds, 0);
    const run = (): void => calls.forEach((call) => call());
    const warmUntil = clock() + 120;
    while (clock() < warmUntil) run();
    const label = way === 'chosen' ? `chosen ${uses ? 'W' : '-'}` : way;
    ways.push({ way: label, run, flops, repeats: Math.max(1, Math.round(2e7 / flops)), best: Infinity });
  }
  // The least of many short rounds in which all take turns: what the machine does when nothing else runs on it.
  let peak = 0;
  for (let round = 0; round < rounds; round++) {
    peak = Math.max(peak, (await measurePeak(clock)).flops / 1e9);
    for (const way of ways) {
      const until = clock() + 25;
      do {
        const start = clock();
        for (let i = 0; i < way.repeats; i++) way.run();
        way.best = Math.min(way.best, (clock() - start) / way.repeats);
      } while (clock() < until);
    }
  }
  const columns = ways.map(({ way, flops, best }) => {
    const rate = flops / best / 1e6;
    return `${way} ${rate.toFixed(1)} (${((100 * rate) / peak).toFixed(0)} %)`.padEnd(24);
  });
  console.log(`${name.padEnd(40)} peak ${peak.toFixed(0)}  ${columns.join('')}`);
}
