/**
 * A program small enough to be computed by hand, and an executable that does so in float32: what a session needs to
 * be tested without a compiler or an engine. Phase `fit` pulls w towards noisy data twice a step with momentum, the
 * controller moves k. The hyper value `poison_at` makes the loss NaN at that step.
 */
import type { Graph, GraphOutput, Node, Shape } from '../../compiler/graph/graph.js';
import type { HostExpression, Program } from '../../compiler/program.js';
import type { Executable, GraphInputs } from '../../runtimes/engine.js';
import type { PackedImages } from '../../runtimes/training/example-source.js';
import type { FacesjsData } from '../../spec/spec.js';

const number = (value: number): HostExpression => ({ kind: 'number', value });
const apply = (
  name: Extract<HostExpression, { kind: 'apply' }>['function'],
  ...args: HostExpression[]
): HostExpression => ({ kind: 'apply', function: name, arguments: args });
const hyper = (name: string): HostExpression => ({ kind: 'hyper', name });

/** A graph that only says what it gives: the fake below does the work. */
export function outputsOnly(name: string, values: Readonly<Record<string, Shape>>): Graph {
  const entries = Object.entries(values);
  return {
    name,
    nodes: entries.map(([node, shape]): Node => ({
      op: 'input',
      inputs: [],
      attributes: { source: 'feed', name: node, shape },
      shape,
    })),
    outputs: entries.map(([value], node): GraphOutput => ({ kind: 'value', name: value, node })),
  };
}

export const BATCH = 3;
export const LATENTS = 2;

const file = { name: 'tiny.yaml', text: 'data: { x: facesjs }\n' };
const span = { file, start: 8, end: 9 };
const zero = { kind: 'number', value: 0, span } as const;
const data: FacesjsData = {
  kind: 'facesjs',
  span,
  count: 7,
  seed: 1,
  background: 'plain',
  size: { height: zero, width: zero },
  channels: zero,
  range: [-1, 1],
  flip: 'horizontal',
};

const latent = {
  name: 'z',
  shape: [BATCH, LATENTS],
  source: { kind: 'noise', site: 'z', distribution: 'normal', parameters: [number(0), number(1)] },
} as const;
const examples = { name: 'x', shape: [BATCH, 2, 2, 1], source: { kind: 'data', stream: 'x' } } as const;

export const tinyProgram: Program = {
  batch: BATCH,
  steps: 40,
  seed: 11,
  hyper: new Map([
    ['rate', 0.1],
    ['poison_at', -1],
  ]),
  metrics: ['loss', 'k'],
  streams: new Map([['x', { shape: [BATCH, 2, 2, 1], data }]]),
  state: [
    { name: 'w', shape: [4], role: 'parameter', init: { kind: 'uniform', low: -1, high: 1 } },
    { name: 'm/w', shape: [4], role: 'moment', init: { kind: 'constant', value: 0 } },
    { name: 'state/k', shape: [], role: 'controller', init: { kind: 'constant', value: 0.25 } },
    { name: 'value/fit/loss', shape: [], role: 'register', init: { kind: 'constant', value: 0 } },
  ],
  phases: [
    {
      name: 'fit',
      batch: BATCH,
      repeat: number(2),
      graph: outputsOnly('fit', { finite: [], 'check/loss/fit': [], 'check/fit/w': [4] }),
      feeds: [examples, latent],
      scalars: [
        // rate * (1 - step / steps)
        {
          name: 'rate',
          value: apply(
            'mul',
            hyper('rate'),
            apply('sub', number(1), apply('div', { kind: 'step' }, { kind: 'steps' })),
          ),
        },
        // 1 - 0.9 ** (execution + 1)
        {
          name: 'correction',
          value: apply(
            'sub',
            number(1),
            apply('pow', number(0.9), apply('add', { kind: 'execution' }, number(1))),
          ),
        },
        {
          name: 'poison',
          value: apply('where', apply('equal', { kind: 'step' }, hyper('poison_at')), number(NaN), number(0)),
        },
      ],
    },
    {
      name: 'controller',
      batch: BATCH,
      repeat: number(1),
      graph: outputsOnly('controller', { finite: [], 'metric/loss': [], 'metric/k': [] }),
      feeds: [],
      scalars: [],
    },
  ],
  outputs: [
    {
      name: 'generate',
      graph: outputsOnly('generate', { generate: [BATCH, 2, 2, 1] }),
      feeds: [latent],
      scalars: [{ name: 'gain', value: apply('add', { kind: 'step' }, number(1)) }],
    },
    { name: 'same', graph: outputsOnly('same', { same: [BATCH, 2, 2, 1] }), feeds: [examples], scalars: [] },
    { name: 'whole', graph: outputsOnly('whole', { whole: [] }), feeds: [examples], scalars: [] },
  ],
};

/** `count` different pictures of 2 x 2 x 1. */
export function tinyImages(count = 7): PackedImages {
  const pixels = Uint8Array.from({ length: count * 4 }, (_, i) => (i * 37) % 256);
  return { count, height: 2, width: 2, channels: 1, pixels };
}

export class TinyExecutable implements Executable {
  readonly state: Map<string, Float32Array>;
  readonly values = new Map<string, Float32Array>();
  /** Every run in order, with copies of its inputs. */
  readonly runs: { readonly name: string; readonly inputs: GraphInputs }[] = [];

  /** The state may be declared otherwise; then only its initial values are of use. */
  constructor({ state }: Pick<Program, 'state'> = tinyProgram) {
    this.state = new Map(
      state.map(({ name, shape }) => [
        name,
        new Float32Array(shape.reduce((product, size) => product * size, 1)),
      ]),
    );
  }

  async run(name: string, inputs: GraphInputs): Promise<void> {
    const feeds = new Map([...inputs.feeds].map(([feed, values]) => [feed, values.slice()]));
    this.runs.push({ name, inputs: { feeds, scalars: new Map(inputs.scalars) } });
    const give = (value: string, numbers: readonly number[]) =>
      this.values.set(`${name}/${value}`, Float32Array.from(numbers));
    const state = (key: string) => this.state.get(key)!;
    const scalar = (key: string) => inputs.scalars.get(key)!;
    switch (name) {
      case 'fit': {
        const x = feeds.get('x')!;
        const z = feeds.get('z')!;
        const gradient = Float32Array.from({ length: 4 }, (_, i) => {
          let sum = scalar('poison');
          for (let b = 0; b < BATCH; b++)
            sum += state('w')[i]! - x[b * 4 + i]! + 0.1 * z[b * LATENTS + (i % 2)]!;
          return sum / BATCH;
        });
        const loss = gradient.reduce((sum, g) => sum + g * g, 0);
        const finite = Number.isFinite(loss);
        give('finite', [finite ? 1 : 0]);
        // The loss itself stays finite here: the gradient is what a message has to name.
        give('check/loss/fit', [0]);
        give(
          'check/fit/w',
          [...gradient].map((g) => (Number.isFinite(g) ? 0 : NaN)),
        );
        if (!finite) return;
        const momentum = state('m/w').map((m, i) => 0.9 * m + gradient[i]!);
        const rate = scalar('rate') / scalar('correction');
        this.state.set('w', state('w').map((w, i) => w - rate * momentum[i]!)); // prettier-ignore
        this.state.set('m/w', momentum);
        this.state.set('value/fit/loss', Float32Array.of(loss));
        return;
      }
      case 'controller': {
        const [loss] = state('value/fit/loss') as unknown as [number];
        const k = Math.fround(Math.min(1, state('state/k')[0]! + 0.01 * loss));
        this.state.set('state/k', Float32Array.of(k));
        give('finite', [1]);
        give('metric/loss', [loss]);
        give('metric/k', [k]);
        return;
      }
      case 'generate': {
        const z = feeds.get('z')!;
        give(
          'generate',
          Array.from(
            { length: BATCH * 4 },
            (_, i) => scalar('gain') * z[Math.floor(i / 4) * LATENTS + (i % 2)]! + state('w')[i % 4]!,
          ),
        );
        return;
      }
      case 'same':
        give('same', [...feeds.get('x')!]);
        return;
      default:
        throw new RangeError(`no phase or output '${name}'`);
    }
  }

  async read(name: string, value: string): Promise<Float32Array> {
    const values = this.values.get(`${name}/${value}`);
    if (values === undefined) throw new RangeError(`'${name}' gave no value '${value}'`);
    return values.slice();
  }

  async readState(name: string): Promise<Float32Array> {
    return this.state.get(name)!.slice();
  }

  async writeState(name: string, values: ArrayLike<number>): Promise<void> {
    const state = this.state.get(name);
    if (state?.length !== values.length)
      throw new RangeError(`${values.length} numbers do not fit '${name}'`);
    state.set(values);
  }

  dispose(): void {
    this.state.clear();
  }
}
