/**
 * A model as a program of PyTorch: `model.py`, which says everything that this spec says and leaves the rest to the package
 * `support` beside it. It is made before our gradients: PyTorch takes its own.
 */
import type { DataSpec } from '../../spec/spec.js';
import { lossTerms, modelTerms } from '../model/model-terms.js';
import type { Model, PhaseModel, StreamModel, UpdateModel } from '../model/model.js';
import type { NetworkModel } from '../model/network.js';
import { reachableTerms, type Term } from '../model/term.js';
import { fedGraph, type Program } from '../program.js';
import { runNumber } from './equations.js';
import { Imports } from './imports.js';
import { Names } from './names.js';
import { networkClass, type NetworkClass } from './network-class.js';
import {
  controllerFunction,
  outputFunction,
  phaseFunction,
  sourceOf,
  type Surroundings,
} from './objective-functions.js';
import { oneProcess } from './one-process.js';
import { optimizerPython } from './optimizers.js';
import {
  callWith,
  dictionary,
  docstring,
  lines,
  list,
  name,
  number,
  ofRun,
  text,
  tuple,
  wrapped,
  type Argument,
  type Python,
} from './python.js';
import { numberPython, plainNumber } from './term-python.js';

export interface ProgramFileOptions {
  readonly generatedBy: string;
  /** The spec's name, for the first line. */
  readonly specName: string;
  /** Where the text that is written beside the program says how many steps a run has, in characters. */
  readonly stepsAt: readonly [start: number, end: number];
}

/** The content of `model.py`. `program` is the same model lowered: it knows which data every phase reads. */
export function programFile(model: Model, program: Program, options: ProgramFileOptions): string {
  return new ProgramFile(model, program, options).write();
}

class ProgramFile {
  readonly #model: Model;
  readonly #program: Program;
  readonly #options: ProgramFileOptions;
  readonly #imports = new Imports();
  readonly #names = new Names();
  readonly #code: string[] = [];
  readonly #schedules = new Map<string, string>();

  constructor(model: Model, program: Program, options: ProgramFileOptions) {
    this.#model = model;
    this.#program = program;
    this.#options = options;
  }

  write(): string {
    const model = this.#model;
    this.#writeSchedules();
    const networks = this.#writeNetworks();
    const around: Surroundings = {
      imports: this.#imports,
      lets: model.lets,
      networks,
      schedules: this.#schedules,
      taken: SUPPORT_FUNCTIONS,
    };
    const losses = model.phases.map((phase) => {
      const called = this.#names.take(`${phase.name.replaceAll('+', '_')}_losses`);
      this.#section(phaseFunction(called, phase, this.#fed(phase.name), around));
      return called;
    });
    this.#section(controllerFunction(model, around));
    const outputs = [...model.outputs].map(([output, term]) => {
      const called = this.#names.take(output);
      this.#section(outputFunction(called, output, term, this.#fed(output), around));
      return [output, name(called)] as const;
    });
    const program = lines(
      'PROGRAM = ',
      callWith(this.#imports.from('program', 'Program'), this.#parts(networks, losses, outputs)),
      '',
      0,
    );
    const code = [...this.#code, '', '', ...program];
    return [...this.#docstring(), '', ...this.#imports.lines(code), ...code, ''].join('\n');
  }

  #docstring(): readonly string[] {
    const { title } = this.#model.spec;
    const { generatedBy, specName } = this.#options;
    const first = `${title?.value ?? specName}, written by ${generatedBy}.`;
    const rest =
      `\`spec.yaml\` is the spec (${specName}), and names here are its names. \`train.py\` trains this in one process or in ` +
      'several, `sample.py` draws from what was trained. Pictures are N x C x H x W.';
    return [...docstring(first, 0, true), '', ...wrapped(rest, ''), '"""'];
  }

  #section(code: readonly string[]): void {
    this.#code.push('', '', ...code);
  }

  #writeSchedules(): void {
    const schedules = new Map<string, Term>();
    for (const term of modelTerms(this.#model)) {
      if (term.kind === 'schedule') schedules.set(term.name, term.body);
    }
    for (const schedule of schedules.keys())
      this.#schedules.set(schedule, this.#names.take(`${schedule}_now`));
    for (const [schedule, body] of schedules) {
      this.#section([
        `def ${this.#schedules.get(schedule)!}(run):`,
        ...docstring(`Schedule \`${schedule}\`: ${sourceOf(body)}.`, 1),
        ...lines('return ', this.#number(body), '', 1),
      ]);
    }
  }

  #writeNetworks(): ReadonlyMap<string, NetworkClass> {
    const { spec } = this.#model;
    const networks = inOrder(this.#model);
    const read = fieldsRead(this.#model);
    const classes = new Map<string, NetworkClass>();
    for (const network of networks) {
      if (network.average !== undefined) continue;
      const inputs = spec.networks.get(network.name)?.inputs?.map(({ value }) => value);
      // What is read of an average is made by the class of the network that it follows.
      const followers = networks.filter(({ average }) => average?.of === network).map((own) => own.name);
      const keys = new Set([
        ...read,
        ...[...read].flatMap((key) =>
          followers
            .filter((own) => key.startsWith(`${own}/`))
            .map((own) => network.name + key.slice(own.length)),
        ),
      ]);
      const written = networkClass(network, inputs, keys, this.#imports, this.#names);
      this.#code.push('', '', ...trimmed(written.code));
      classes.set(network.name, written);
    }
    for (const { name: own, average } of networks) {
      if (average !== undefined)
        classes.set(own, renamed(classes.get(average.of.name)!, average.of.name, own));
    }
    return classes;
  }

  #parts(
    classes: ReadonlyMap<string, NetworkClass>,
    losses: readonly string[],
    outputs: readonly (readonly [string, Python])[],
  ): readonly Argument[] {
    const model = this.#model;
    const { train, title } = model.spec;
    const averages = model.networks.flatMap(({ name: own, average }) =>
      average === undefined ? [] : [[own, this.#average(average)] as const],
    );
    const unshared = oneProcess(model);
    return [
      { label: 'title', value: text(title?.value ?? this.#options.specName) },
      {
        label: 'networks',
        value: dictionary(
          inOrder(model).map((network) => [network.name, name(classes.get(network.name)!.className)]),
        ),
      },
      { label: 'phases', value: list(model.phases.map((phase, i) => this.#phase(phase, losses[i]!))) },
      { label: 'controller', value: name('controller') },
      { label: 'outputs', value: dictionary(outputs) },
      {
        label: 'streams',
        value: dictionary(model.streams.map((stream) => [stream.name, streamPython(stream)])),
      },
      { label: 'hyper', value: numbers(model.hyper) },
      { label: 'state', value: numbers(firstState(model)) },
      { label: 'batch', value: number(train.batch.value) },
      { label: 'steps', value: number(train.steps.value) },
      { label: 'seed', value: number(train.seed.value) },
      { label: 'log', value: number(train.log) },
      { label: 'checkpoint', value: number(train.checkpoint) },
      { label: 'steps_at', value: tuple(this.#options.stepsAt.map(number)) },
      ...(averages.length === 0 ? [] : [{ label: 'averages', value: dictionary(averages) }]),
      ...(lossTerms(model).some(({ kind }) => kind === 'gradient')
        ? [{ label: 'differentiates_twice', value: name('True') }]
        : []),
      ...(unshared === undefined ? [] : [{ label: 'one_process', value: text(unshared) }]),
    ];
  }

  #average({ of, decay }: NonNullable<NetworkModel['average']>): Python {
    return callWith(this.#imports.from('program', 'Average'), [
      { value: text(of.name) },
      { label: 'decay', value: ofRun(this.#number(decay)) },
    ]);
  }

  #phase(phase: PhaseModel, losses: string): Python {
    const given: Argument[] = [
      { value: text(phase.name) },
      { value: name(losses) },
      { label: 'updates', value: list(phase.updates.map((update) => this.#update(update))) },
    ];
    if (phase.registers.size > 0) {
      given.push({ label: 'values', value: list([...phase.registers.keys()].map(text)) });
    }
    if (phase.repeat !== undefined) given.push({ label: 'repeat', value: ofRun(this.#number(phase.repeat)) });
    if (phase.every !== undefined) given.push({ label: 'every', value: ofRun(this.#number(phase.every)) });
    if (phase.batch !== 1) given.push({ label: 'batch', value: number(phase.batch) });
    return callWith(this.#imports.from('program', 'Phase'), given);
  }

  #update(update: UpdateModel): Python {
    const { className, settings, velocity } = optimizerPython(update.optimizer, (term) => this.#plain(term));
    const { clipGradients: clip, project } = update;
    const given: Argument[] = [
      { value: text(update.name) },
      { label: 'trains', value: list(update.train.map((trained) => text(trainedName(trained)))) },
      { label: 'optimizer', value: name(this.#imports.torch(`optim.${className}`)) },
      { label: 'settings', value: ofRun(dictionary(settings)) },
    ];
    if (velocity) given.push({ label: 'velocity', value: name('True') });
    if (clip !== undefined) {
      given.push({ label: `clip_${clip.kind}`, value: ofRun(this.#plain(clip.limit)) });
    }
    if (project !== undefined) {
      const bounds = tuple([this.#plain(project.low), this.#plain(project.high)]);
      given.push({ label: `bounds_${project.when}`, value: ofRun(bounds) });
    }
    return callWith(this.#imports.from('program', 'Update'), given);
  }

  /** The data and labels that a graph is fed with. */
  #fed(graph: string): ReadonlySet<string> {
    const { phases, outputs } = this.#program;
    const phase = phases.find((one) => one.name === graph);
    const { feeds } = phase === undefined ? outputs.find((one) => one.name === graph)! : fedGraph(phase);
    return new Set(
      feeds.flatMap(({ source }) =>
        source.kind === 'data'
          ? [`data/${source.stream}`]
          : source.kind === 'labels'
            ? [`labels/${source.of}`]
            : [],
      ),
    );
  }

  #number(term: Term): Python {
    return numberPython(term, (part) => runNumber(part, this.#schedules), this.#imports);
  }

  #plain(term: Term): Python {
    return plainNumber(term, (part) => runNumber(part, this.#schedules), this.#imports);
  }
}

/** What equations of a function may call, and names of theirs must not hide. */
const SUPPORT_FUNCTIONS: readonly string[] = (
  'where stop differentiable grad maximum minimum clip relu hinge sloped square sqrt power modulo floor exp log log2 sign tanh ' +
  'sigmoid softplus elu selu log_prob_normal sum mean var std norm largest smallest softmax log_softmax logsumexp entropy ' +
  'one_hot at_class cross_entropy argmax matmul transpose gram sort join holds truth plateau stalled metrics moves stopped windows'
).split(' ');

/** As the spec has them, not as they are called first. */
function inOrder({ networks, spec }: Model): readonly NetworkModel[] {
  const names = [...spec.networks.keys()];
  return [...networks].sort((a, b) => names.indexOf(a.name) - names.indexOf(b.name));
}

function trimmed(code: readonly string[]): readonly string[] {
  let end = code.length;
  while (code[end - 1] === '') end--;
  return code.slice(0, end);
}

/** Keys of taps and branches that equations read. */
function fieldsRead(model: Model): ReadonlySet<string> {
  return new Set(
    reachableTerms(modelTerms(model)).flatMap((term) => (term.kind === 'field' ? [term.key] : [])),
  );
}

function renamed(written: NetworkClass, from: string, to: string): NetworkClass {
  return {
    ...written,
    fields: new Map([...written.fields].map(([key, field]) => [to + key.slice(from.length), field])),
  };
}

/** A network, or `D/class` for what one of its branches makes. */
function trainedName({ network, parameters }: UpdateModel['train'][number]): string {
  if (parameters.length === network.parameters.length) return network.name;
  const first = parameters[0]!.name;
  const keys = [...network.named.keys()].filter((key) => first.startsWith(`${key}/`));
  const own = keys.find(
    (key) => network.parameters.filter((one) => one.name.startsWith(`${key}/`)).length === parameters.length,
  );
  if (own === undefined) throw new Error(`internal: no branch of ${network.name} makes ${first}`);
  return own;
}

const numbers = (values: ReadonlyMap<string, number>): Python =>
  dictionary([...values].map(([key, value]) => [key, number(value)]));

/** Larger than any mean of losses, and still finite: the best window so far, before the first. */
const LARGEST = 3e38;

function firstState({ state, stop }: Model): ReadonlyMap<string, number> {
  const windows = (of: string): readonly (readonly [string, number])[] => [
    [`${of}/sum`, 0],
    [`${of}/count`, 0],
    [`${of}/best`, LARGEST],
  ];
  return new Map([
    ...state.flatMap((own) => [
      [own.name, own.init] as const,
      ...(own.kind === 'plateau' ? windows(own.name) : []),
    ]),
    ...(stop === undefined ? [] : windows('stop')),
  ]);
}

/** What `support/data.py` reads: pictures have a range and may be mirrored, text is made one-hot. */
function streamPython({ shape, data }: StreamModel): Python {
  const entries: [string, Python][] = [
    ['kind', text(kindOf(data))],
    ['shape', tuple(shape.map(number))],
  ];
  if ('range' in data) {
    entries.push(['low', number(data.range[0])], ['high', number(data.range[1])]);
    if (data.flip === 'horizontal') entries.push(['flip', name('True')]);
  }
  if (data.kind === 'images') {
    if (data.labels !== undefined) {
      entries.push(['labels', text(data.labels.value === 'folders' ? 'folders' : 'csv')]);
    }
    if (data.crop !== 'centre') {
      const { left, top, width, height } = data.crop;
      entries.push(['crop', tuple([left, top, width, height].map(number))]);
    }
  }
  if (data.kind === 'text') entries.push(['symbols', number(1 + data.alphabet.length)]);
  return dictionary(entries);
}

function kindOf({ kind }: DataSpec): 'images' | 'numbers' | 'text' {
  switch (kind) {
    case 'images':
    case 'facesjs':
    case 'mnist':
    case 'fashion_mnist':
    case 'idx':
      return 'images';
    case 'points':
      return 'numbers';
    case 'text':
      return 'text';
    case 'labels':
      throw new Error('internal: labels are no stream of their own');
    default:
      throw new Error(`internal: unknown data ${String(kind satisfies never)}`);
  }
}
