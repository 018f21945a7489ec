/** One phase of BEGAN on tiny images, as the compiler lowers it: what gradients and passes are tested on. */
import { gradient } from '../../compiler/autodiff/gradient.js';
import { GraphBuilder } from '../../compiler/graph/builder.js';
import {
  abs,
  add,
  broadcastTo,
  concat,
  constant,
  conv,
  dot,
  elu,
  input,
  mean,
  mul,
  reshape,
  samePadding,
  sub,
} from '../../compiler/graph/construct.js';
import type { Graph, GraphOutput, NodeId } from '../../compiler/graph/graph.js';
import { elementCount } from '../../compiler/ops/shape-checks.js';
import type { ReferenceInputs } from '../../runtimes/reference/evaluate-graph.js';
import { upsample } from './upsample.js';
import { awayFromZero, uniform } from './draws.js';
import { seededRandom } from './random.js';

export interface BeganOptions {
  /** z_D and z_G drawn separately, as in the paper, or one draw for both. */
  readonly latents: 'shared' | 'separate';
}

const BATCH = 3;
const SIZE = 4;
const FILTERS = 5;
const EMBEDDING = 6;

class Networks {
  readonly #builder: GraphBuilder;
  readonly parameters = new Map<string, NodeId>();

  constructor(builder: GraphBuilder) {
    this.#builder = builder;
  }

  of(network: string): NodeId[] {
    return [...this.parameters].filter(([name]) => name.startsWith(`${network}/`)).map(([, id]) => id);
  }

  generate(z: NodeId): NodeId {
    return this.#decoder('G', z);
  }

  autoencode(x: NodeId): NodeId {
    const b = this.#builder;
    const first = elu(b, this.#convolution('D/encoder/first', x, FILTERS));
    const carried = this.#carry('D/encoder/carry', first);
    const small = this.#convolution('D/encoder/down', carried, 2 * FILTERS, 2);
    const flat = reshape(b, elu(b, small), [BATCH, (SIZE / 2) ** 2 * 2 * FILTERS]);
    return this.#decoder('D', this.#dense('D/encoder/embedding', flat, EMBEDDING));
  }

  /** From a code to an image: two sizes, with a skip connection from the smallest map. */
  #decoder(network: string, code: NodeId): NodeId {
    const b = this.#builder;
    const half = SIZE / 2;
    const map = reshape(b, this.#dense(`${network}/decoder/dense`, code, half * half * FILTERS), [
      BATCH,
      half,
      half,
      FILTERS,
    ]);
    const low = elu(b, this.#convolution(`${network}/decoder/low`, map, FILTERS));
    const wide = concat(b, [upsample(b, low, 2), upsample(b, map, 2)], 3);
    const high = elu(b, this.#convolution(`${network}/decoder/high`, wide, FILTERS));
    return this.#convolution(`${network}/decoder/image`, high, 3);
  }

  #carry(name: string, x: NodeId): NodeId {
    const b = this.#builder;
    const carry = input(b, 'scalar', 'carry', []);
    const inner = elu(b, this.#convolution(name, x, b.shape(x)[3]!));
    return add(b, mul(b, carry, x), mul(b, sub(b, constant(b, 1), carry), inner));
  }

  #convolution(name: string, x: NodeId, filters: number, stride = 1): NodeId {
    const b = this.#builder;
    const [, height, width, channels] = b.shape(x) as [number, number, number, number];
    const weight = this.#parameter(`${name}/weight`, [3, 3, channels, filters]);
    const padding = samePadding([height, width], [3, 3], [stride, stride]);
    const y = conv(b, x, weight, { strides: [stride, stride], padding });
    return add(b, y, broadcastTo(b, this.#parameter(`${name}/bias`, [filters]), b.shape(y)));
  }

  #dense(name: string, x: NodeId, units: number): NodeId {
    const b = this.#builder;
    const y = dot(b, x, this.#parameter(`${name}/weight`, [b.shape(x)[1]!, units]));
    return add(b, y, broadcastTo(b, this.#parameter(`${name}/bias`, [units]), b.shape(y)));
  }

  #parameter(name: string, shape: readonly number[]): NodeId {
    const id = input(this.#builder, 'state', name, shape);
    this.parameters.set(name, id);
    return id;
  }
}

/** Losses, all gradients and the updated k. */
export function beganGraph({ latents }: BeganOptions): Graph {
  const b = new GraphBuilder();
  const networks = new Networks(b);
  const k = input(b, 'state', 'k', []);
  const x = input(b, 'feed', 'x', [BATCH, SIZE, SIZE, 3]);
  const error = (image: NodeId): NodeId => mean(b, abs(b, sub(b, image, networks.autoencode(image))));
  const fake = networks.generate(input(b, 'feed', 'z_D', [BATCH, EMBEDDING]));
  const fakeForG =
    latents === 'shared' ? fake : networks.generate(input(b, 'feed', 'z_G', [BATCH, EMBEDDING]));
  const realError = error(x);
  const fakeError = error(fake);
  const generatorError = error(fakeForG);
  const discriminator = sub(b, realError, mul(b, k, fakeError));

  const outputs: GraphOutput[] = [
    { kind: 'value', name: 'Lx', node: realError },
    { kind: 'value', name: 'Lg', node: generatorError },
    {
      kind: 'state',
      name: 'k',
      node: add(b, k, sub(b, mul(b, constant(b, 0.5), realError), generatorError)),
    },
  ];
  for (const [network, loss] of [
    ['D', discriminator],
    ['G', generatorError],
  ] as const) {
    const parameters = networks.of(network);
    const names = [...networks.parameters].filter(([, id]) => parameters.includes(id)).map(([name]) => name);
    gradient(b, loss, parameters).forEach((node, i) => {
      outputs.push({ kind: 'value', name: `gradient/${names[i]!}`, node });
    });
  }
  return b.build('step', outputs);
}

/** Numbers for every input of a graph, the same for the same names. */
export function drawnInputs(graph: Graph): Required<ReferenceInputs> {
  const state = new Map<string, Float64Array>();
  const feeds = new Map<string, Float64Array>();
  const scalars = new Map<string, number>();
  for (const node of graph.nodes) {
    if (node.op !== 'input') continue;
    const { source, name, shape } = node.attributes;
    const random = seededRandom(name);
    const values = Float64Array.from(
      (source === 'feed' ? awayFromZero() : uniform(-0.7, 0.7))(random, elementCount(shape)),
    );
    if (source === 'state') state.set(name, values);
    else if (source === 'feed') feeds.set(name, values);
    else scalars.set(name, 0.3 + 0.4 * random());
  }
  return { state, feeds, scalars };
}
