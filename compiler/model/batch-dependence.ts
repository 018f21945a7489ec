/**
 * How terms depend on the examples of a batch, and so whether parts of the batch can compute them one after the other. What
 * a loss may be made of is linear in sums and means over the batch of what single examples give; everything else couples
 * examples, at a place that is found here.
 */
import type { Span } from '../../spec/diagnostics/diagnostic.js';
import { quote } from '../../spec/diagnostics/quote.js';
import { functionRule, type FunctionName } from './functions.js';
import type { CLASSIFICATION } from './functions/classification.js';
import type { MATRICES } from './functions/matrices.js';
import type { REDUCTIONS } from './functions/reductions.js';
import { layerTerms } from './model-terms.js';
import { flattenLayers, type LayerModel, type NetworkModel } from './network.js';
import type { Term } from './term.js';

/**
 * `fixed`: the same whatever the batch holds. `rows`: row i depends on example i alone. `mean`: the whole batch's is the mean
 * of those of its parts, where `sum` counts a part's examples as often as there are parts (see TermLowering).
 */
export type Dependence = 'fixed' | 'rows' | 'mean' | Coupling;

/** Where the examples of a batch meet, and what to write so that they do not. */
export interface Coupling {
  readonly span: Span;
  /** `use` lines that brought it in, innermost first. */
  readonly uses: readonly Span[];
  /** In backticks, or the name of a layer. */
  readonly what: string;
  readonly why: string;
  /** A sentence without its full stop. */
  readonly instead: string | undefined;
}

type Call = Extract<Term, { kind: 'apply' }>;

/** Functions that are not pointwise: what they do along the batch. */
const ALONG_BATCH: Readonly<
  Record<keyof typeof REDUCTIONS | keyof typeof CLASSIFICATION | keyof typeof MATRICES, Along>
> = {
  sum: 'adds',
  mean: 'adds',
  var: 'statistic',
  std: 'statistic',
  norm: 'statistic',
  max_of: 'statistic',
  min_of: 'statistic',
  samples: 'counts',
  size: 'measures',
  softmax: 'nothing',
  log_softmax: 'nothing',
  logsumexp: 'nothing',
  entropy: 'nothing',
  cross_entropy: 'nothing',
  at_class: 'nothing',
  one_hot: 'nothing',
  argmax: 'nothing',
  join: 'nothing',
  matmul: 'product',
  transpose: 'turns',
  gram: 'pairs',
  sort: 'pairs',
};

type Along = 'nothing' | 'adds' | 'statistic' | 'counts' | 'measures' | 'product' | 'turns' | 'pairs';

/** Pointwise functions that are linear in the arguments with these numbers while all others are fixed. */
const LINEAR: Readonly<Partial<Record<FunctionName, readonly number[]>>> = {
  add: [0, 1],
  sub: [0, 1],
  neg: [0],
  stop: [0],
  div: [0],
  where: [1, 2],
};

export class BatchDependence {
  /** Outputs read running statistics, updates those of the batch. */
  readonly #mode: 'update' | 'output';
  readonly #known = new Map<Term, Dependence>();
  readonly #networks = new Map<NetworkModel, Coupling | undefined>();

  constructor(mode: 'update' | 'output') {
    this.#mode = mode;
  }

  of(term: Term): Dependence {
    let known = this.#known.get(term);
    if (known === undefined) this.#known.set(term, (known = this.#of(term)));
    return known;
  }

  #of(term: Term): Dependence {
    switch (term.kind) {
      case 'number':
      case 'word':
      case 'boolean':
      case 'hyper':
      case 'step':
      case 'steps':
      case 'schedule':
      case 'state':
      case 'register':
        return 'fixed';
      case 'data':
      case 'labels':
        return 'rows';
      case 'noise':
      case 'local':
        return term.shape.lastIndexOf('B') > 0 ? pairs(term) : term.shape[0] === 'B' ? 'rows' : 'fixed';
      case 'network':
        return this.#call(term);
      case 'field':
        return this.of(term.of);
      case 'gradient':
        return this.#slope(term);
      case 'apply':
        return this.#apply(term);
      default:
        throw new Error(`internal: unknown term ${String(term satisfies never)}`);
    }
  }

  #call({ network, arguments: given }: Extract<Term, { kind: 'network' }>): Dependence {
    const coupled = given.map((argument) => this.of(argument)).find(isCoupling);
    return coupled ?? this.#network(network) ?? 'rows';
  }

  /** Where a network lets examples meet. */
  #network(network: NetworkModel): Coupling | undefined {
    if (!this.#networks.has(network)) {
      const found = flattenLayers(network.layers).flatMap((layer) => this.#layer(layer) ?? []);
      this.#networks.set(network, found[0]);
    }
    return this.#networks.get(network);
  }

  #layer(layer: LayerModel): Coupling | undefined {
    const place = { span: layer.spans[0]!, uses: layer.spans.slice(1) };
    if (layer.kind === 'norm' && layer.over === 'batch') {
      if (this.#mode === 'output' && layer.running !== undefined) return undefined;
      return {
        ...place,
        what: `The batch norm \`${layer.path}\``,
        why: 'It takes the mean and the deviation of all examples of the batch.',
        instead: 'Use `layer_norm` or `instance_norm`',
      };
    }
    for (const term of layerTerms(layer)) {
      const dependence = this.of(term);
      if (isCoupling(dependence)) return dependence;
      if (dependence === 'mean') return { ...mixed(term), uses: place.uses };
    }
    return undefined;
  }

  /** The gradient of a sum over the batch with respect to what each example has of its own. */
  #slope(term: Extract<Term, { kind: 'gradient' }>): Dependence {
    const [of, wrt] = [this.of(term.of), this.of(term.wrt)];
    if (isCoupling(of)) return of;
    if (isCoupling(wrt)) return wrt;
    if (of === 'rows' && wrt === 'rows') return 'rows';
    if (of === 'fixed') return wrt === 'mean' ? 'fixed' : wrt;
    return {
      ...placeOf(term),
      why: 'It is the slope of a number that all examples of the batch have made.',
      instead: 'Write the slope of what each example gives at what is its own, like `grad(D(x), x)`',
    };
  }

  #apply(term: Call): Dependence {
    const along = alongBatch(term.function);
    // An output knows no batch but the one it is computed for.
    if (along === 'counts') return this.#mode === 'update' ? 'fixed' : pairs(term);
    if (along === 'measures') return 'fixed';
    const given = term.arguments.map((argument) => this.of(argument));
    const coupled = given.find(isCoupling);
    if (coupled !== undefined) return coupled;
    if (given.every((one) => one === 'fixed')) return 'fixed';
    if (!given.includes('mean')) return rowsThrough(term, along, given);
    if (given.includes('rows')) return mixed(term);
    return isLinear(term, along, given) ? 'mean' : ofMeans(term);
  }
}

export const isCoupling = (dependence: Dependence): dependence is Coupling => typeof dependence !== 'string';

/** Undefined for pointwise functions. */
const alongBatch = (name: FunctionName): Along | undefined =>
  name in ALONG_BATCH ? ALONG_BATCH[name as keyof typeof ALONG_BATCH] : undefined;

/** A function of what depends on single examples, or not on the batch. */
function rowsThrough(term: Call, along: Along | undefined, given: readonly Dependence[]): Dependence {
  switch (along) {
    case undefined:
    case 'nothing':
      return 'rows';
    case 'adds':
      return term.extent === 'sample' ? 'rows' : 'mean';
    case 'statistic':
      return term.extent === 'sample' ? 'rows' : statistic(term);
    case 'product':
      return given[0] === 'rows' && given[1] === 'fixed' ? 'rows' : pairs(term);
    case 'turns':
    case 'pairs':
      return pairs(term);
    case 'counts':
    case 'measures':
      return 'fixed';
    default:
      throw new Error(`internal: unknown ${String(along satisfies never)}`);
  }
}

/** A function of means over the batch and of what is fixed: whether it is linear in the means. */
function isLinear({ function: name }: Call, along: Along | undefined, given: readonly Dependence[]): boolean {
  const means = given.flatMap((one, i) => (one === 'mean' ? [i] : []));
  if (along !== undefined) {
    return along === 'adds' || along === 'turns' || (along === 'product' && means.length === 1);
  }
  if (name === 'mul') return means.length === 1;
  return means.every((i) => LINEAR[name]?.includes(i) === true);
}

function placeOf(term: Term): Pick<Coupling, 'span' | 'uses' | 'what'> {
  const { file, start, end } = term.span;
  return { span: term.span, uses: [], what: quote(file.text.slice(start, end)) };
}

function statistic(term: Call): Coupling {
  const { parameters } = functionRule(term.function);
  const perSample = parameters.length === 1 && term.arguments[0]!.shape.length > 1;
  return {
    ...placeOf(term),
    why: 'Parts of the batch have a number of their own each, and that of the whole batch is not the mean of these.',
    instead: perSample ? 'Take it of each example, with `per=sample`' : undefined,
  };
}

const ofMeans = (term: Call): Coupling => ({
  ...placeOf(term),
  why: 'It is computed from means over the batch, and is no sum, difference or multiple of these.',
  instead: 'Take the mean last, of what each example gives',
});

const mixed = (term: Term): Coupling => ({
  ...placeOf(term),
  why: 'It brings a mean over the batch back to single examples.',
  instead: 'Compute what an example gives from that example alone',
});

const pairs = (term: Term): Coupling => ({
  ...placeOf(term),
  why: 'It sets the examples of the batch against each other.',
  instead: undefined,
});
