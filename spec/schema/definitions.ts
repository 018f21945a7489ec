/** The parts that specs and library files share: values, names, layers, optimizers, objectives. */
import { LAYERS } from './layers.js';
import type { LayerRule, OptionRule } from './layers.js';
import { choose, exactlyOne, hasKey, isArray, isObject, isString, reference } from './json-schema.js';
import type { JsonSchema } from './json-schema.js';

const LAYER_RULES: readonly (readonly [string, LayerRule])[] = Object.entries(LAYERS);

export const IDENTIFIER_PATTERN = '^[A-Za-z_][A-Za-z0-9_]*$';
/** `fake`, or a function: `energy(v)`. */
export const LET_PATTERN =
  '^[A-Za-z_][A-Za-z0-9_]*( *\\( *[A-Za-z_][A-Za-z0-9_]*( *, *[A-Za-z_][A-Za-z0-9_]*)* *\\))?$';
/** A network, or one of its branches: `D.q`. */
export const TRAINED_PATTERN = '^[A-Za-z_][A-Za-z0-9_]*(\\.[A-Za-z_][A-Za-z0-9_]*)?$';
const LIBRARY_PATTERN = '^[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*$';

/** Names of the user's choice, each with a value. */
export function named(
  description: string,
  value: JsonSchema,
  {
    pattern = IDENTIFIER_PATTERN,
    minimum,
    examples,
  }: { pattern?: string; minimum?: number; examples?: readonly unknown[] } = {},
): JsonSchema {
  return {
    description,
    type: 'object',
    propertyNames: { pattern },
    additionalProperties: value,
    ...(minimum === undefined ? {} : { minProperties: minimum }),
    ...(examples === undefined ? {} : { examples }),
  };
}

/** A mapping whose keys are all known. */
export function closed(
  description: string,
  properties: Readonly<Record<string, JsonSchema>>,
  required: readonly string[] = [],
  examples?: readonly unknown[],
): JsonSchema {
  return {
    description,
    type: 'object',
    properties,
    additionalProperties: false,
    ...(required.length === 0 ? {} : { required }),
    ...(examples === undefined ? {} : { examples }),
  };
}

const nestedLayers = reference('layers', 'The layers inside, in order.', [['elu', { conv: 32 }]]);

function optionSchema(rule: OptionRule): JsonSchema {
  const { description } = rule;
  switch (rule.type) {
    case 'value':
      return reference('value', description);
    case 'pair':
      return choose(
        description,
        [
          {
            when: isArray,
            then: {
              type: 'array',
              minItems: 2,
              maxItems: 2,
              items: reference('value', 'A number or an expression.'),
              examples: [[1, 2]],
            },
          },
        ],
        reference('value', 'The same for both axes.'),
      );
    case 'tensor':
      return choose(
        description,
        [{ when: isArray, then: { type: 'array', minItems: 1, items: reference('value', 'A tensor.') } }],
        reference('value', 'The expression of a tensor.', ['y']),
      );
    case 'list':
      return {
        description,
        type: 'array',
        minItems: 1,
        items: reference('value', 'A number or an expression.'),
      };
    case 'word':
      return { description, type: 'string', enum: rule.words ?? [] };
    case 'map':
      return reference('arguments', description);
    case 'name':
      return reference('identifier', description);
    case 'library':
      return reference('library_name', description);
    case 'padding':
      return choose(
        description,
        [{ when: isString, then: { type: 'string', enum: rule.words ?? [] } }],
        reference('padding', 'Zeros per side.'),
      );
    default:
      throw new TypeError(`internal: no such option type ${String(rule.type satisfies never)}`);
  }
}

function optionsObject(kind: string, rule: LayerRule): JsonSchema {
  const properties: Record<string, JsonSchema> = {};
  const required: string[] = [];
  for (const [name, option] of Object.entries(rule.options)) {
    properties[name] = optionSchema(option);
    if (option.required === true) required.push(name);
  }
  if (rule.nests === true && rule.flat !== true) {
    properties['layers'] = nestedLayers;
    required.push('layers');
  }
  return closed(`Options of ${kind}.`, properties, required);
}

/** The value behind a kind key: options in full, or the one value the shorthand stands for. */
function kindSchema(kind: string, rule: LayerRule): JsonSchema {
  const { description } = rule;
  const options = optionsObject(kind, rule);
  if (rule.nests === true) {
    return choose(description, [{ when: isArray, then: nestedLayers }], options);
  }
  const short = rule.shorthand === undefined ? undefined : rule.options[rule.shorthand];
  if (short === undefined) return { ...options, description };
  return choose(description, [{ when: isObject, then: options }], optionSchema(short));
}

function layerObject(): JsonSchema {
  const properties: Record<string, JsonSchema> = {};
  const dependent: Record<string, readonly string[]> = {};
  for (const [kind, rule] of LAYER_RULES) {
    if (rule.flat !== true) {
      properties[kind] = kindSchema(kind, rule);
      continue;
    }
    for (const [name, option] of Object.entries(rule.options)) {
      properties[name] = optionSchema(option);
      if (name !== kind) dependent[name] = [kind];
    }
    if (rule.nests === true) dependent[kind] = ['layers'];
  }
  properties['layers'] = nestedLayers;
  const nesting = LAYER_RULES.filter(([, rule]) => rule.flat === true && rule.nests === true).map(
    ([kind]) => kind,
  );
  return {
    description: 'A layer with options. Exactly one key says its kind.',
    type: 'object',
    properties,
    additionalProperties: false,
    dependentRequired: dependent,
    dependentSchemas: { layers: { anyOf: nesting.map((kind) => ({ required: [kind] })) } },
    ...exactlyOne(LAYER_RULES.map(([kind]) => kind)),
  };
}

const rate = reference(
  'value',
  'The learning rate: a number, a schedule or a state such as a plateau.',
  [1e-4],
);

/** When and on how much a phase works; of an update, or of a group. */
const PHASE: Readonly<Record<string, JsonSchema>> = {
  repeat: reference('value', 'Executions per step: a number or an expression of `step` (default 1).', [5]),
  every: reference('value', 'Works in steps 0, N, 2N, ... only (default 1: in all).', [4]),
  batch: reference('value', 'Samples of an execution, as a multiple of `train.batch` (default 1).', [2]),
};

const trained = reference('trained', 'A network, or what one of its branches makes.', ['D']);

const update = (description: string, inGroup: boolean): JsonSchema =>
  closed(
    description,
    {
      name: reference('identifier', 'Name of the update; `critic.Lx` reads a value of the update `critic`.', [
        'critic',
      ]),
      minimize: reference('value', 'The loss: a scalar expression.', ['mean(abs(x - D(x)))']),
      train: choose(
        'The network, or the list of networks, whose weights move; `D.q` stands for what branch `q` of `D` makes.',
        [{ when: isArray, then: { type: 'array', minItems: 1, items: trained } }],
        trained,
      ),
      optimizer: reference('optimizer', 'How the weights move.', [{ adam: { rate: 1e-4 } }]),
      clip_gradients: reference(
        'clip_gradients',
        'A limit for the gradients, before the optimizer sees them.',
      ),
      project: reference('project', 'Keeps every trained weight within bounds.'),
      ...(inGroup ? {} : PHASE),
    },
    ['minimize', 'train', 'optimizer'],
  );

/** The keys of an inline objective, at the level where they stand. */
export const OBJECTIVE_PROPERTIES: Readonly<Record<string, JsonSchema>> = {
  let: named(
    'Names for expressions, evaluated once in every update that uses them. `energy(v): ...` defines a function.',
    reference('value', 'The expression that the name stands for.'),
    { pattern: LET_PATTERN, examples: [{ fake: 'G(z)' }] },
  ),
  updates: {
    description: 'What is minimised, in the order of a step.',
    type: 'array',
    minItems: 1,
    items: reference('step', 'An update, or several that are taken `together`.'),
    examples: [[{ minimize: 'mean(abs(x - D(x)))', train: 'D', optimizer: { adam: { rate: 1e-4 } } }]],
  },
  state: named(
    'Numbers kept from step to step: controllers such as k of BEGAN, and learning rates that fall on a plateau.',
    reference('state', 'How the number starts and moves.'),
    { examples: [{ k: { init: 0, next: 'clip(k + lambda_k * (gamma * Lx - Lg), 0, 1)' } }] },
  ),
  metrics: named('Scalars that are logged.', reference('value', 'A scalar expression.'), {
    examples: [{ balance: 'Lg / Lx' }],
  }),
};

export const SHARED_DEFINITIONS: Readonly<Record<string, JsonSchema>> = {
  value: {
    description: 'A number, true or false, or the text of an expression.',
    type: ['number', 'string', 'boolean'],
  },
  identifier: {
    description: 'A name: letters, digits and _, not starting with a digit.',
    type: 'string',
    pattern: IDENTIFIER_PATTERN,
  },
  library_name: {
    description: 'The name of a library entry, such as began/decoder.',
    type: 'string',
    pattern: LIBRARY_PATTERN,
    examples: ['began/decoder'],
  },
  arguments: named(
    'Parameters of a library entry, by name.',
    choose(
      'A number, true or false, an expression, or a list of them.',
      [{ when: isArray, then: { type: 'array', items: reference('value', 'A number or an expression.') } }],
      reference('value', 'A number, true or false, or an expression.'),
    ),
    { examples: [{ size: 32 }] },
  ),
  padding: closed(
    'Rows and columns of zeros on each side.',
    {
      top: reference('value', 'Rows of zeros above.', [0]),
      bottom: reference('value', 'Rows of zeros below.', [1]),
      left: reference('value', 'Columns of zeros on the left.', [0]),
      right: reference('value', 'Columns of zeros on the right.', [1]),
    },
    ['top', 'bottom', 'left', 'right'],
    [{ top: 0, bottom: 1, left: 0, right: 1 }],
  ),
  layers: {
    description: 'Layers, from input to output.',
    type: 'array',
    minItems: 1,
    items: reference('layer', 'A layer: a word such as `elu`, or its kind with options, such as `conv: 32`.'),
  },
  layer: choose(
    'A layer: a word such as `elu`, or its kind with options.',
    [
      {
        when: isString,
        then: {
          description: 'A layer without options.',
          enum: LAYER_RULES.filter(([, rule]) => rule.bare === true).map(([kind]) => kind),
        },
      },
    ],
    layerObject(),
  ),
  optimizer: {
    description: 'How weights move; exactly one of the kinds.',
    type: 'object',
    properties: {
      adam: closed(
        'Adam (Kingma and Ba, Algorithm 1): epsilon stands outside the square root.',
        {
          rate,
          beta1: { ...reference('value', 'Decay of the first moment.'), default: 0.9 },
          beta2: { ...reference('value', 'Decay of the second moment.'), default: 0.999 },
          epsilon: { ...reference('value', 'Added to the square root of the second moment.'), default: 1e-8 },
          weight_decay: {
            ...reference('value', 'Times the weight, added to the gradient (an L2 penalty).'),
            default: 0,
          },
        },
        ['rate'],
        [{ rate: 1e-4 }],
      ),
      rmsprop: closed(
        'RMSProp (Tieleman and Hinton): gradients are divided by the root of their running mean square.',
        {
          rate,
          decay: { ...reference('value', 'Share of the running mean square that is kept.'), default: 0.99 },
          epsilon: { ...reference('value', 'Added to the root of the mean square.'), default: 1e-8 },
          momentum: { ...reference('value', 'Share of the last move that is kept.'), default: 0 },
        },
        ['rate'],
        [{ rate: 5e-5 }],
      ),
      sgd: closed(
        'Gradient descent, with momentum if given.',
        { rate, momentum: { ...reference('value', 'Share of the last move that is kept.'), default: 0 } },
        ['rate'],
        [{ rate: 1e-2 }],
      ),
    },
    additionalProperties: false,
    ...exactlyOne(['adam', 'rmsprop', 'sgd']),
    examples: [{ adam: { rate: 1e-4 } }],
  },
  trained: {
    description: 'A network, or a branch of one.',
    type: 'string',
    pattern: TRAINED_PATTERN,
    examples: ['D'],
  },
  clip_gradients: {
    description: 'A limit for the gradients of an update.',
    type: 'object',
    properties: {
      norm: reference(
        'value',
        'Gradients are scaled down until their norm, over all trained weights together, is at most this.',
        [1],
      ),
      value: reference('value', 'Every element of a gradient is cut to [-value, value].', [0.1]),
    },
    additionalProperties: false,
    ...exactlyOne(['norm', 'value']),
    examples: [{ norm: 1 }],
  },
  project: closed(
    'Keeps every trained weight within bounds.',
    {
      clip: {
        description: 'Lowest and highest weight.',
        type: 'array',
        minItems: 2,
        maxItems: 2,
        items: reference('value', 'A number or an expression.'),
        examples: [[-0.01, 0.01]],
      },
      when: reference(
        'identifier',
        '`after` the step of the optimizer (default), or `before` the gradients are taken.',
        ['after'],
      ),
    },
    ['clip'],
    [{ clip: [-0.01, 0.01] }],
  ),
  update: update('An update: one loss, the networks it moves, and how.', false),
  update_in_group: update('An update of a group.', true),
  together: closed(
    'Updates whose gradients are all taken at the same weights, in one phase.',
    {
      together: {
        description: 'The updates of the group.',
        type: 'array',
        minItems: 1,
        items: reference('update_in_group', 'An update.'),
        examples: [[{ minimize: 'Lx - k * Lg', train: 'D', optimizer: { adam: { rate: 1e-4 } } }]],
      },
      ...PHASE,
    },
    ['together'],
  ),
  step: choose(
    'An update, or a group of updates.',
    [{ when: hasKey('together'), then: reference('together', 'A group of updates.') }],
    reference('update', 'An update.'),
  ),
  state: choose(
    'A state by `init` and `next`, or a learning rate by `plateau`.',
    [
      {
        when: hasKey('plateau'),
        then: closed('A learning rate that falls on a plateau.', {
          plateau: closed(
            'Multiplied by `factor`, down to `floor`, whenever the mean of `of` over `window` steps is not below the best so far.',
            {
              of: reference('value', 'The metric or value that should fall.', ['convergence']),
              start: reference('value', 'The first learning rate.', [1e-4]),
              factor: reference('value', 'What the rate is multiplied by.', [0.5]),
              window: reference(
                'value',
                'Steps whose mean is compared; `5%` of the run is sayable too.',
                [2000],
              ),
              floor: reference('value', 'The smallest learning rate.', [2e-6]),
            },
            ['of', 'start', 'factor', 'window', 'floor'],
            [{ of: 'convergence', start: 1e-4, factor: 0.5, window: 2000, floor: 2e-6 }],
          ),
        }),
      },
    ],
    closed(
      'A number with a start and a rule.',
      {
        init: reference('value', 'The value before the first step.', [0]),
        next: reference(
          'value',
          'The value after each step; may refer to itself and to values of the updates.',
          ['clip(k + lambda_k * (gamma * Lx - Lg), 0, 1)'],
        ),
      },
      ['init', 'next'],
      [{ init: 0, next: 'k + 1' }],
    ),
  ),
};
