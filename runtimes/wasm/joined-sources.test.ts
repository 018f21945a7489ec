/**
 * Kernels that read joined channels in parts, against the reference and against what they give where the channels are
 * stored together: the same numbers are added in the same order, so it must be the same bits.
 */
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../compiler/graph/builder.js';
import { concat, samePadding } from '../../compiler/graph/construct.js';
import type { Graph, GraphOutput, NodeId, Shape } from '../../compiler/graph/graph.js';
import type { Kernel, SourcePart } from '../../compiler/plan/kernel.js';
import { planGraphs } from '../../compiler/plan/plan.js';
import type { ProgramPlan } from '../../compiler/plan/plan.js';
import type { WinogradUse } from '../../compiler/plan/winograd-choice.js';
import { buildPart, partShape, showParts } from '../../test/ops/joined-cases.js';
import type { JoinedPart, PartKind } from '../../test/ops/joined-cases.js';
import { nmse } from '../../test/ops/nmse.js';
import { integer, pick, seededRandom, type Random } from '../../test/ops/random.js';
import { randomFeeds } from '../../test/ops/random-feeds.js';
import { evaluateGraph } from '../reference/evaluate-graph.js';
import { loadPlan } from './engine.js';

const OPS = ['conv', 'conv_input_gradient', 'conv_filter_gradient'] as const;

interface Problem {
  readonly op: (typeof OPS)[number];
  readonly picture: readonly [batch: number, height: number, width: number];
  readonly parts: readonly JoinedPart[];
  /** The channels at the other side of the filter. */
  readonly others: number;
  readonly kernel: 1 | 3 | 5;
  readonly stride: 1 | 2;
}

/** Value `y` of one op on joined channels; the channels are a value as well where they are to be stored. */
function graphOf({ op, picture, parts, others, kernel, stride }: Problem, stored: boolean): Graph {
  const b = new GraphBuilder();
  const input = (name: string, shape: Shape): NodeId => b.emit('input', [], { source: 'feed', name, shape });
  const [batch, height, width] = picture;
  const x = concat(
    b,
    parts.map((part, i) => buildPart(b, input(`part${i}`, partShape(picture, part)), part)),
    3,
  );
  const channels = b.shape(x)[3]!;
  const strides = [stride, stride] as const;
  const emit = (): NodeId => {
    switch (op) {
      case 'conv': {
        const padding = samePadding([height, width], [kernel, kernel], strides);
        return b.emit('conv', [x, input('w', [kernel, kernel, channels, others])], { strides, padding });
      }
      case 'conv_input_gradient': {
        const size = [height * stride, width * stride] as const;
        const padding = samePadding(size, [kernel, kernel], strides);
        const filter = input('w', [kernel, kernel, others, channels]);
        return b.emit('conv_input_gradient', [x, filter], { strides, padding, size });
      }
      case 'conv_filter_gradient': {
        const padding = samePadding([height, width], [kernel, kernel], strides);
        const cotangent = input('g', [batch, Math.ceil(height / stride), Math.ceil(width / stride), others]);
        return b.emit('conv_filter_gradient', [x, cotangent], {
          strides,
          padding,
          kernel: [kernel, kernel],
        });
      }
      default:
        return op satisfies never;
    }
  };
  const outputs: GraphOutput[] = [{ kind: 'value', name: 'y', node: emit() }];
  if (stored) outputs.push({ kind: 'value', name: 'joined', node: x });
  return b.build('f', outputs);
}

function partsOf(kernel: Kernel): readonly SourcePart[] {
  switch (kernel.kind) {
    case 'convolution':
    case 'winograd':
      return kernel.source;
    case 'filter_gradient':
    case 'winograd_filter_gradient':
      return kernel.input;
    default:
      return [];
  }
}

const kernelsOf = (plan: ProgramPlan): Kernel[] => plan.graphs[0]!.plan.launches.map(({ kernel }) => kernel);

async function run(plan: ProgramPlan, feeds: ReadonlyMap<string, Float32Array>): Promise<Float32Array> {
  const executable = await loadPlan(plan);
  executable.runNow('f', { feeds, scalars: new Map() });
  const y = Float32Array.from(await executable.read('f', 'y'));
  executable.dispose();
  return y;
}

/** What is wrong with it, if anything is. */
async function complaint(problem: Problem, winograd: WinogradUse): Promise<string | undefined> {
  const label = `${JSON.stringify({ ...problem, parts: showParts(problem.parts) })}, ${winograd}`;
  const graph = graphOf(problem, false);
  const feeds = randomFeeds(graph, label);
  const plan = planGraphs([graph], [], { winograd });
  const numbers = kernelsOf(plan).map((kernel) => partsOf(kernel).length);
  if (!numbers.includes(problem.parts.length)) return `${label}: is not read in parts`;
  const y = await run(plan, feeds);
  const error = nmse(y, evaluateGraph(graph, { feeds }).values.get('y')!.data);
  if (!(error <= 5e-12)) return `${label}: is off by ${error}`;
  const stored = planGraphs([graphOf(problem, true)], [], { winograd });
  if (kernelsOf(stored).some((kernel) => partsOf(kernel).length > 1)) return `${label}: is not stored`;
  const alike = await run(stored, feeds);
  return y.every((value, i) => Object.is(value, alike[i])) ? undefined : `${label}: other bits than stored`;
}

const KINDS: readonly PartKind[] = ['plain', 'upsampled', 'sliced', 'computed'];

function randomProblem(random: Random): Problem {
  const count = integer(random, 2, 3);
  return {
    op: pick(random, OPS),
    picture: [integer(random, 1, 3), 2 * integer(random, 1, 6), 2 * integer(random, 1, 6)],
    // Only the last part may end inside a vector of 4.
    parts: Array.from({ length: count }, (_, i) => ({
      kind: pick(random, KINDS),
      channels: i < count - 1 ? pick(random, [4, 8, 12, 16, 24]) : pick(random, [1, 3, 4, 5, 7, 8, 12, 24]),
    })),
    others: pick(random, [1, 3, 4, 5, 8, 12, 17, 24]),
    kernel: pick(random, [1, 3, 3, 3, 5]),
    stride: pick(random, [1, 1, 2]),
  };
}

describe.each(['never', 'always'] as const)('channels read in parts, Winograd %s', (winograd) => {
  it('are those of each part, at every edge of a vector of channels and of a picture', async () => {
    const random = seededRandom('joined');
    const found: (string | undefined)[] = [];
    for (let i = 0; i < 120; i++) found.push(await complaint(randomProblem(random), winograd));
    expect(found.filter((message) => message !== undefined)).toEqual([]);
  });
});

describe('groups of channels of a filter gradient', () => {
  const problem = (parts: readonly JoinedPart[]): Problem => ({
    op: 'conv_filter_gradient',
    picture: [6, 8, 8],
    parts,
    others: 24,
    kernel: 3,
    stride: 1,
  });
  const groupsOf = (parts: readonly JoinedPart[]): number[] =>
    kernelsOf(planGraphs([graphOf(problem(parts), false)], [], { winograd: 'always' })).flatMap((kernel) =>
      kernel.kind === 'winograd_filter_gradient' ? [kernel.groups] : [],
    );

  it.each([
    [64, 192],
    [192, 64],
  ])('each read the part that they lie in, of %i and %i channels', async (first, second) => {
    const parts = [
      { kind: 'upsampled', channels: first },
      { kind: 'sliced', channels: second },
    ] as const;
    expect(groupsOf(parts)).toEqual([4]);
    expect(await complaint(problem(parts), 'always')).toBeUndefined();
  });

  it('are none where every cut would go through a part', async () => {
    const parts = [
      { kind: 'plain', channels: 80 },
      { kind: 'upsampled', channels: 48 },
    ] as const;
    expect(groupsOf(parts)).toEqual([1]);
    expect(await complaint(problem(parts), 'always')).toBeUndefined();
  });
});
