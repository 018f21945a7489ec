/**
 * The layers of the language as data: the JSON Schema, the parser's shorthand and the documentation are made from
 * this table, and compiler/model has one rule per entry, so that a gap is a type error.
 */

export interface OptionRule {
  /** `value`: a number, boolean or expression · `list`: a list of values · `word`: one of `words` · `map`: name -> value
   * · `name`: an identifier · `padding`: one of the padding words or { top, bottom, left, right }. */
  readonly type: 'value' | 'list' | 'word' | 'map' | 'name' | 'padding' | 'library';
  readonly words?: readonly string[];
  readonly required?: boolean;
  readonly description: string;
}

export interface LayerRule {
  readonly description: string;
  /** The option a bare value stands for: `conv: 32` is `conv: { filters: 32 }`. */
  readonly shorthand?: string;
  /** True where the layer may stand alone as a word: `- elu`. */
  readonly bare?: boolean;
  /** True where the layer holds `layers:` of its own. */
  readonly nests?: boolean;
  /** Where the nested layers and the options stand beside the kind key: `{ repeat: 4, index: i, layers: [...] }`. */
  readonly flat?: boolean;
  readonly options: Readonly<Record<string, OptionRule>>;
}

const initialiser: OptionRule = {
  type: 'value',
  description:
    'How weights start: `truncated_normal(sd)`, `normal(sd)`, `uniform(bound)`, `fan_in(gain)` with variance gain^2 / fan-in, or `zeros()`. Biases start at zero.',
};

export const LAYERS = {
  dense: {
    description: 'A linear map of the last axis (flattening what comes before it): y = x W + b.',
    shorthand: 'units',
    options: {
      units: { type: 'value', required: true, description: 'Number of outputs.' },
      bias: { type: 'value', description: 'Add a learned offset (default true).' },
      init: initialiser,
    },
  },
  conv: {
    description: 'A 2-D convolution over height and width.',
    shorthand: 'filters',
    options: {
      filters: { type: 'value', required: true, description: 'Number of output channels.' },
      kernel: { type: 'value', description: 'Height and width of the kernel (default 3).' },
      stride: { type: 'value', description: 'Distance between outputs (default 1).' },
      padding: {
        type: 'padding',
        words: ['same', 'half', 'none'],
        description:
          'Zeros around the input. `same`: TensorFlow SAME, ceil(size / stride) outputs, the odd zero at the bottom right (default); `half`: kernel // 2 on every side, as PyTorch ports write it; `none`; or `{ top, bottom, left, right }`.',
      },
      bias: { type: 'value', description: 'Add a learned offset per channel (default true).' },
      init: initialiser,
    },
  },
  elu: { description: 'Gives `x` where `x > 0`, `exp(x) - 1` elsewhere.', bare: true, options: {} },
  relu: { description: 'Gives `max(x, 0)`.', bare: true, options: {} },
  leaky_relu: {
    description: 'Gives `x` where `x > 0`, `slope * x` elsewhere.',
    bare: true,
    shorthand: 'slope',
    options: { slope: { type: 'value', description: 'Slope of the negative half (default 0.2).' } },
  },
  tanh: { description: 'The hyperbolic tangent; outputs lie in (-1, 1).', bare: true, options: {} },
  sigmoid: { description: 'Gives `1 / (1 + exp(-x))`; outputs lie in (0, 1).', bare: true, options: {} },
  softplus: { description: 'Gives `log(1 + exp(x))`.', bare: true, options: {} },
  linear: {
    description: 'The identity: says aloud that there is no non-linearity.',
    bare: true,
    options: {},
  },
  activation: {
    description: 'An activation chosen by a word that a parameter or hyper value holds.',
    shorthand: 'name',
    options: {
      name: {
        type: 'value',
        required: true,
        description: 'One of `elu`, `relu`, `leaky_relu`, `tanh`, `sigmoid`, `softplus` and `linear`.',
      },
    },
  },
  upsample: {
    description: 'Nearest-neighbour enlargement: every pixel becomes factor x factor pixels.',
    shorthand: 'factor',
    options: { factor: { type: 'value', required: true, description: 'Whole-number enlargement.' } },
  },
  average_pool: {
    description: 'The mean of size x size windows that do not overlap.',
    shorthand: 'size',
    options: { size: { type: 'value', required: true, description: 'Window and stride.' } },
  },
  max_pool: {
    description: 'The largest value of size x size windows that do not overlap.',
    shorthand: 'size',
    options: { size: { type: 'value', required: true, description: 'Window and stride.' } },
  },
  decimate: {
    description: 'Keeps every stride-th pixel of both axes, starting with the first.',
    shorthand: 'stride',
    options: { stride: { type: 'value', required: true, description: 'Distance between kept pixels.' } },
  },
  reshape: {
    description: 'The same numbers in another shape; the batch stays in front.',
    shorthand: 'shape',
    options: { shape: { type: 'list', required: true, description: 'Shape per sample, without the batch.' } },
  },
  flatten: { description: 'One axis per sample.', bare: true, options: {} },
  tap: {
    description: 'Gives the current tensor a name that later layers (`skip`) can refer to.',
    shorthand: 'name',
    options: { name: { type: 'name', required: true, description: 'Name, unique in the network.' } },
  },
  skip: {
    description:
      'Appends the channels of a tap, enlarged by nearest neighbour to the current height and width.',
    shorthand: 'from',
    options: { from: { type: 'name', required: true, description: 'Name of a tap above.' } },
  },
  residual: {
    description:
      'Without carry: `x + f(x)`. With carry `c`: `c * x + (1 - c) * f(x)`, the vanishing residual of BEGAN when `c` falls from 1 to 0. The layers must keep the shape.',
    nests: true,
    options: { carry: { type: 'value', description: 'Share of the input; may be a schedule.' } },
  },
  repeat: {
    description: 'The nested layers again and again, each time with weights of their own.',
    nests: true,
    flat: true,
    options: {
      repeat: { type: 'value', required: true, description: 'How often; 0 leaves the layers out.' },
      index: { type: 'name', description: 'Name that counts 0, 1, 2, ... inside the nested layers.' },
    },
  },
  when: {
    description: 'The nested layers only where a condition on parameters, hyper values and indices holds.',
    nests: true,
    flat: true,
    options: { when: { type: 'value', required: true, description: 'A condition known at compile time.' } },
  },
  use: {
    description: 'A block of the library; every use has weights of its own.',
    flat: true,
    options: {
      use: { type: 'library', required: true, description: 'Name of the block.' },
      with: { type: 'map', description: 'Its parameters.' },
    },
  },
} as const satisfies Readonly<Record<string, LayerRule>>;

export type LayerKind = keyof typeof LAYERS;
