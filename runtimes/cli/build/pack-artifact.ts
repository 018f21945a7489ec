/** The files of an artifact: outputs of a model with the weights they read, ready for a page. */
import { elementCount } from '../../../compiler/ops/shape-checks.js';
import { stateRead } from '../../../compiler/graph/state-read.js';
import { lowerOutputs } from '../../../compiler/lowering/lower-model.js';
import type { Model } from '../../../compiler/model/model.js';
import { optimize } from '../../../compiler/passes/optimize.js';
import type { GraphLayout, TensorPlace } from '../../../compiler/plan/layout.js';
import { planGraphs, type PlanOptions, type ProgramPlan } from '../../../compiler/plan/plan.js';
import type { FeedDeclaration, Program, ProgramGraph } from '../../../compiler/program.js';
import { emitProgram as emitModule } from '../../../compiler/wasm/module.js';
import { PROFILES } from '../../../compiler/webgpu/profile.js';
import { emitProgram as emitShaders } from '../../../compiler/webgpu/program.js';
import { classCount } from '../../../spec/data-classes.js';
import {
  FILES,
  FORMAT,
  shadersFile,
  type ArtifactBackend,
  type ArtifactFeed,
  type ArtifactGraph,
  type ArtifactLayout,
  type ArtifactOutput,
  type ArtifactProgram,
  type InputDescription,
  type Place,
  type ValueDescription,
  type WebgpuCode,
} from '../../artifact/format.js';
import { RESERVED } from '../../artifact/inputs.js';
import type { FolderFile } from '../../node/write-folder.js';
import { evaluateScalars } from '../../training/feeds.js';
import { evaluateHostExpression, type HostScope } from '../../training/host-expression.js';
import { encodeSafetensors } from '../../training/safetensors.js';
import type { ClassNames } from '../class-names.js';
import { batchedValue, valueShape } from '../output-value.js';
import { pictureOutputs } from '../pictures.js';
import { sampleInputs } from '../sample-inputs.js';
import { refuseOption } from '../refuse-option.js';
import { storedWeights } from '../stored-weights.js';

/**
 * Examples that one call of a graph works on: one for a slider that moves, sixteen for a grid. Smaller and larger counts are
 * made of these.
 */
const BATCHES = [1, 16] as const;

export interface ModelToPack {
  readonly title: string;
  readonly model: Model;
  readonly program: Program;
  /** Names of outputs. */
  readonly outputs: readonly string[];
  /** State by name. */
  readonly state: ReadonlyMap<string, Float32Array>;
  /** Where schedules and hyper values stand. */
  readonly scope: HostScope;
  readonly classNames: ClassNames;
}

export interface PackOptions {
  readonly backends: readonly ArtifactBackend[];
  readonly weights: 'float32' | 'float16';
}

export interface PackedModel {
  readonly description: ArtifactProgram;
  /** The one that names the others comes last. */
  readonly files: readonly FolderFile[];
}

/** Throws DiagnosticError run/option where an output cannot be sampled, or weights do not fit float16. */
export function packArtifact(source: ModelToPack, { backends, weights }: PackOptions): PackedModel {
  const lowered = new Map(BATCHES.map((batch) => [batch, lowerOutputs(source.model, batch)]));
  const graphs = source.outputs.flatMap((name) =>
    BATCHES.map((batch) => {
      const graph = lowered.get(batch)!.find((one) => one.name === name)!;
      return { ...optimize(graph.graph), name: graphName(name, batch) };
    }),
  );
  const read = stateRead(graphs);
  const declared = source.program.state.filter(({ name }) => read.has(name));
  const state = declared.map(({ name, shape }) => ({ name, elements: elementCount(shape) }));
  const plans = backends.map((backend) => ({ backend, plan: planGraphs(graphs, state, KERNELS[backend]) }));

  // Of more than one example: a first axis of 1 could be anything.
  const largest = lowered.get(BATCHES[1])!;
  const description: ArtifactProgram = {
    format: FORMAT,
    title: source.title,
    step: source.scope.step,
    backends,
    profiles: backends.includes('webgpu') ? Object.values(PROFILES).map(({ name }) => name) : [],
    outputs: source.outputs.map((name) =>
      describeOutput(
        source,
        largest.find((output) => output.name === name)!,
      ),
    ),
    layouts: Object.fromEntries(plans.map(({ backend, plan }) => [backend, describeLayout(plan)])),
  };
  const tensors = new Map(
    declared.map((declaration) => [declaration.name, storedWeights(declaration, source.state, weights)]),
  );
  return {
    description,
    files: [
      {
        name: FILES.weights,
        content: encodeSafetensors({ metadata: new Map([['format', FORMAT]]), tensors }),
      },
      ...plans.flatMap(({ backend, plan }) => CODE[backend](plan)),
      json(FILES.program, description),
    ],
  };
}

const KERNELS: Readonly<Record<ArtifactBackend, PlanOptions>> = {
  wasm: { winograd: 'faster' },
  webgpu: {},
};

const CODE: Readonly<Record<ArtifactBackend, (plan: ProgramPlan) => readonly FolderFile[]>> = {
  wasm: (plan) => [
    { name: FILES.module, content: emitModule(plan).bytes },
    { name: FILES.relaxedModule, content: emitModule(plan, { relaxed: true }).bytes },
  ],
  webgpu: (plan) =>
    Object.values(PROFILES).map((profile) => {
      const { shaders, graphs } = emitShaders(plan, profile);
      const code: WebgpuCode = { shaders, graphs: Object.fromEntries(graphs) };
      return json(shadersFile(profile.name), code);
    }),
};

const json = (name: string, value: unknown): FolderFile => ({
  name,
  content: new TextEncoder().encode(`${JSON.stringify(value)}\n`),
});

const graphName = (output: string, batch: number): string => `${output}@${batch}`;

const placeOf = ({ offset, elements }: TensorPlace): Place => [offset, elements];

const describeLayout = ({ memory, state, graphs }: ProgramPlan): ArtifactLayout => ({
  memory: { stateBytes: memory.stateBytes, plannedBytes: memory.plannedBytes },
  state: Object.fromEntries([...state].map(([name, place]) => [name, placeOf(place)])),
  graphs: graphs.map(describeGraph),
});

function describeGraph({ name, feeds, scalars, values }: GraphLayout): ArtifactGraph {
  const places = (of: ReadonlyMap<string, TensorPlace>): Readonly<Record<string, Place>> =>
    Object.fromEntries([...of].map(([key, place]) => [key, placeOf(place)]));
  const numbers = new Map([...scalars].map(([key, { offset }]) => [key, { offset, elements: 1 }]));
  return { name, feeds: places(feeds), scalars: places(numbers), values: places(values) };
}

function describeOutput(
  { program, model, scope, classNames }: ModelToPack,
  output: ProgramGraph,
): ArtifactOutput {
  const { name } = output;
  const value = batchedValue(output, BATCHES[1]);
  if (value === undefined) {
    throw refuseOption(
      `The output \`${name}\` does not give one value per example`,
      'Name the others with `--outputs`.',
    );
  }
  return {
    name,
    value: describeValue(program, output),
    inputs: describeInputs(program, model, output, classNames),
    feeds: output.feeds.map((feed) => describeFeed(program, output, feed, scope)),
    scalars: Object.fromEntries(evaluateScalars(output, scope)),
    graphs: BATCHES.map((batch) => ({ batch, graph: graphName(name, batch), value })),
  };
}

function describeValue(program: Program, output: ProgramGraph): ValueDescription {
  const shape = valueShape(output)!.slice(1);
  const picture = pictureOutputs(program).find(({ name }) => name === output.name);
  switch (picture?.kind) {
    case undefined:
      return { kind: 'numbers', shape };
    case 'plane':
      return { kind: 'points', shape };
    case 'text':
      return { kind: 'lines', shape, length: picture.length, alphabet: picture.alphabet };
    case 'grid': {
      const { height, width, channels, range } = picture;
      return { kind: 'pictures', shape, height, width, channels, range };
    }
    default:
      return picture satisfies never;
  }
}

function describeInputs(
  program: Program,
  model: Model,
  output: ProgramGraph,
  classNames: ClassNames,
): readonly InputDescription[] {
  const shapes = new Map(output.feeds.map(({ name, shape }) => [name, shape.slice(1)]));
  const drawn = sampleInputs(program, output, model.spec.data, classNames).map(
    ({ name, feeds, classes }): InputDescription => ({
      name,
      kind: classes === undefined ? 'noise' : 'classes',
      shape: shapes.get(feeds[0]!)!,
      feeds,
      ...(classes === undefined ? {} : { classes: { count: classes.count, names: classes.names } }),
    }),
  );
  const data = output.feeds.flatMap(({ name, source }): readonly InputDescription[] =>
    source.kind === 'data'
      ? [{ name: source.stream, kind: 'data', shape: shapes.get(name)!, feeds: [name] }]
      : [],
  );
  const inputs = [...drawn, ...data];
  const reserved: readonly string[] = RESERVED;
  const taken = inputs.find(({ name }) => reserved.includes(name));
  if (taken === undefined) return inputs;
  throw refuseOption(
    `The input \`${taken.name}\` of the output \`${output.name}\` bears a name that pages use for something else`,
    `Call it something else than \`${RESERVED.join('`, `')}\` in the spec.`,
  );
}

function describeFeed(
  program: Program,
  output: ProgramGraph,
  { name, shape, source }: FeedDeclaration,
  scope: HostScope,
): ArtifactFeed {
  const size = elementCount(shape.slice(1));
  switch (source.kind) {
    case 'noise': {
      const { site, distribution } = source;
      const [first, second] = source.parameters;
      const parameters = [
        evaluateHostExpression(first, scope),
        evaluateHostExpression(second, scope),
      ] as const;
      return { name, size, source: { kind: 'noise', site, distribution, parameters } };
    }
    case 'labels': {
      const readsData = output.feeds.some(
        ({ source: other }) => other.kind === 'data' && other.stream === source.of,
      );
      const declaration = program.streams.get(source.of);
      const count = declaration && classCount(declaration.data);
      // Classes in turn would not be those of the data that is given.
      if (readsData || count === undefined) return { name, size, source: { kind: 'given' } };
      return { name, size, source: { kind: 'classes', count } };
    }
    case 'data':
      return { name, size, source: { kind: 'given' } };
    default:
      return source satisfies never;
  }
}
