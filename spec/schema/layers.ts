/**
 * The layers of the language as data: the JSON Schema, the parser's shorthand and the documentation are made from
 * this table, and compiler/model has one rule per entry, so that a gap is a type error.
 */

export interface OptionRule {
  /** `value`: a number, boolean or expression · `pair`: a value for both axes, or [height, width] · `tensor`: an expression
   * of a tensor; a YAML list is one of kind `list` · `list`: a list of values · `word`: one of `words` · `map`: name -> value
   * · `name`: an identifier · `padding`: one of the padding words or { top, bottom, left, right }. */
  readonly type: 'value' | 'pair' | 'tensor' | 'list' | 'word' | 'map' | 'name' | 'padding' | 'library';
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

const epsilon: OptionRule = {
  type: 'value',
  description: 'Added to the variance before its square root is taken (default 1e-5).',
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
      kernel: {
        type: 'pair',
        description: 'Size of the kernel: one value, or [height, width] (default 3).',
      },
      stride: {
        type: 'pair',
        description: 'Distance between outputs: one value, or [down, across] (default 1).',
      },
      padding: {
        type: 'padding',
        words: ['same', 'half', 'none'],
        description:
          'Zeros around the input. `same`: TensorFlow SAME, ceil(size / stride) outputs, the odd zero at the bottom right (default); `half`: kernel // 2 on every side, as PyTorch ports write it; `none`; or `{ top, bottom, left, right }`.',
      },
      groups: {
        type: 'value',
        description:
          'Parts that the channels are split into, each convolved on its own; divides the channels before and after (default 1).',
      },
      bias: { type: 'value', description: 'Add a learned offset per channel (default true).' },
      init: initialiser,
    },
  },
  transposed_conv: {
    description: 'The gradient of a convolution as a layer: a learned enlargement by the stride.',
    shorthand: 'filters',
    options: {
      filters: { type: 'value', required: true, description: 'Number of output channels.' },
      kernel: {
        type: 'pair',
        description: 'Size of the kernel: one value, or [height, width] (default 4).',
      },
      stride: {
        type: 'pair',
        description: 'Enlargement: one value, or [down, across] (default 2).',
      },
      padding: {
        type: 'padding',
        words: ['same'],
        description:
          'What is cut off the full result. `same`: as much as leaves stride times the size (default); or `{ top, bottom, left, right }`.',
      },
      bias: { type: 'value', description: 'Add a learned offset per channel (default true).' },
      init: initialiser,
    },
  },
  maxout: {
    description: 'The largest of several linear maps of the last axis, output by output.',
    shorthand: 'units',
    options: {
      units: { type: 'value', required: true, description: 'Number of outputs.' },
      pieces: { type: 'value', description: 'Linear maps that each output chooses from (default 2).' },
      init: initialiser,
    },
  },
  embedding: {
    description: 'A learned row of numbers for every class, looked up by label.',
    shorthand: 'units',
    options: {
      units: { type: 'value', required: true, description: 'Length of a row.' },
      of: { type: 'tensor', description: 'The labels (default the current tensor).' },
      init: initialiser,
    },
  },
  batch_norm: {
    description:
      'Mean 0 and variance 1 per channel over the batch, then a learned scale and offset. Updates use the statistics of their batch, outputs the running ones.',
    bare: true,
    shorthand: 'momentum',
    options: {
      momentum: {
        type: 'value',
        description: 'Share of the running statistics that is kept in every execution (default 0.9).',
      },
      epsilon,
    },
  },
  layer_norm: {
    description: 'Mean 0 and variance 1 within every sample, then a learned scale and offset per channel.',
    bare: true,
    shorthand: 'epsilon',
    options: { epsilon },
  },
  instance_norm: {
    description:
      'Mean 0 and variance 1 over height and width of every channel of every sample, then a learned scale and offset per channel.',
    bare: true,
    shorthand: 'epsilon',
    options: { epsilon },
  },
  dropout: {
    description:
      'In updates, sets elements to zero at random and enlarges the others so that the mean stays; elsewhere the identity.',
    shorthand: 'rate',
    options: {
      rate: { type: 'value', required: true, description: 'Probability that an element becomes zero.' },
    },
  },
  noise: {
    description: 'In updates, adds normal noise with mean 0 to every element; elsewhere the identity.',
    shorthand: 'deviation',
    options: {
      deviation: { type: 'value', required: true, description: 'Standard deviation of the noise.' },
    },
  },
  elu: { description: 'Gives `x` where `x > 0`, `exp(x) - 1` elsewhere.', bare: true, options: {} },
  relu: { description: 'Gives `max(x, 0)`.', bare: true, options: {} },
  selu: {
    description:
      'Gives `1.0507 * x` where `x > 0`, `1.0507 * 1.6733 * (exp(x) - 1)` elsewhere, which keeps mean 0 and variance 1.',
    bare: true,
    options: {},
  },
  leaky_relu: {
    description: 'Gives `x` where `x > 0`, `slope * x` elsewhere.',
    bare: true,
    shorthand: 'slope',
    options: { slope: { type: 'value', description: 'Slope of the negative half (default 0.2).' } },
  },
  tanh: { description: 'The hyperbolic tangent; outputs lie in (-1, 1).', bare: true, options: {} },
  sigmoid: { description: 'Gives `1 / (1 + exp(-x))`; outputs lie in (0, 1).', bare: true, options: {} },
  softplus: { description: 'Gives `log(1 + exp(x))`.', bare: true, options: {} },
  softmax: {
    description: 'Gives `exp(x) / sum(exp(x))` along the last axis: numbers in (0, 1) that add up to 1.',
    bare: true,
    options: {},
  },
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
        description:
          'One of `elu`, `relu`, `selu`, `leaky_relu`, `tanh`, `sigmoid`, `softplus` and `linear`.',
      },
    },
  },
  norm: {
    description: 'A norm chosen by a word that a parameter or hyper value holds.',
    shorthand: 'name',
    options: {
      name: {
        type: 'value',
        required: true,
        description: 'One of `batch_norm`, `layer_norm`, `instance_norm` and `none`.',
      },
      epsilon,
    },
  },
  upsample: {
    description: 'Nearest-neighbour enlargement: every pixel becomes factor x factor pixels.',
    shorthand: 'factor',
    options: {
      factor: {
        type: 'pair',
        required: true,
        description: 'Whole-number enlargement: one value, or [down, across].',
      },
    },
  },
  bilinear: {
    description: 'Bilinear enlargement: new pixels lie on straight lines between the old ones.',
    shorthand: 'factor',
    options: {
      factor: {
        type: 'pair',
        required: true,
        description: 'Whole-number enlargement: one value, or [down, across].',
      },
    },
  },
  average_pool: {
    description: 'The mean of size x size windows that do not overlap.',
    shorthand: 'size',
    options: {
      size: {
        type: 'pair',
        required: true,
        description: 'Window and stride: one value, or [height, width].',
      },
    },
  },
  max_pool: {
    description: 'The largest value of size x size windows that do not overlap.',
    shorthand: 'size',
    options: {
      size: {
        type: 'pair',
        required: true,
        description: 'Window and stride: one value, or [height, width].',
      },
    },
  },
  decimate: {
    description: 'Keeps every stride-th pixel of both axes, starting with the first.',
    shorthand: 'stride',
    options: {
      stride: {
        type: 'pair',
        required: true,
        description: 'Distance between kept pixels: one value, or [down, across].',
      },
    },
  },
  reshape: {
    description: 'The same numbers in another shape; the batch stays in front.',
    shorthand: 'shape',
    options: { shape: { type: 'list', required: true, description: 'Shape per sample, without the batch.' } },
  },
  flatten: { description: 'One axis per sample.', bare: true, options: {} },
  tap: {
    description:
      'Gives the current tensor a name: later layers read it (`skip: h0`, `concat: h0`), and expressions too (`D(x).h0`).',
    shorthand: 'name',
    options: { name: { type: 'name', required: true, description: 'Name, unique in the network.' } },
  },
  skip: {
    description:
      'Appends the channels of a tap or branch, enlarged by nearest neighbour to the current height and width.',
    shorthand: 'from',
    options: { from: { type: 'name', required: true, description: 'Name of a tap or branch above.' } },
  },
  concat: {
    description:
      'Appends the channels of another tensor. Numbers per sample are repeated over height and width where the current tensor is a picture.',
    shorthand: 'with',
    options: {
      with: {
        type: 'tensor',
        required: true,
        description: 'What is appended: an input, a tap, a branch or a function of them.',
      },
    },
  },
  multiply: {
    description: 'Multiplies by another tensor, element by element.',
    shorthand: 'by',
    options: {
      by: {
        type: 'tensor',
        required: true,
        description: 'The factor: an input, a tap, a branch or a function of them.',
      },
    },
  },
  add: {
    description: 'Adds another tensor, element by element.',
    shorthand: 'to',
    options: {
      to: {
        type: 'tensor',
        required: true,
        description: 'The other summand: an input, a tap, a branch or a function of them.',
      },
    },
  },
  branch: {
    description:
      'Computes a tensor on the side; the current tensor goes on unchanged. Later layers read it by its name, and expressions too (`D(x).q`).',
    nests: true,
    flat: true,
    options: {
      branch: { type: 'name', required: true, description: 'Name, unique in the network.' },
      from: { type: 'tensor', description: 'Where the nested layers start (default the current tensor).' },
    },
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
  group: {
    description:
      'The nested layers under a name: their weights are called `D/encoder/conv1`, as those of a block are.',
    nests: true,
    flat: true,
    options: { group: { type: 'library', required: true, description: 'Name of the group.' } },
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
