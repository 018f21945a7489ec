/** The JSON Schema of specs; `v1.json` is this value, written out for editors. */
import { DIAGNOSTIC_CODES, LINT_NAMES } from '../diagnostics/codes.js';
import { DATA_KIND_NAMES, DATA_KINDS } from './data-kinds.js';
import { closed, OBJECTIVE_PROPERTIES, named, SHARED_DEFINITIONS } from './definitions.js';
import { choose, exactlyOne, hasKey, isArray, isString, reference } from './json-schema.js';
import type { JsonSchema } from './json-schema.js';

const positive = (description: string, value: number): JsonSchema => ({
  description,
  type: 'integer',
  minimum: 1,
  maximum: 1_000_000_000,
  examples: [value],
});

const seed = (description: string): JsonSchema => ({
  description,
  type: 'integer',
  minimum: 0,
  maximum: 4_294_967_295,
  default: 1,
  examples: [1],
});

const path = (description: string, example: string): JsonSchema => ({
  description,
  type: 'string',
  minLength: 1,
  examples: [example],
});

const pixels = (description: string, minimum: number): JsonSchema => ({
  description,
  type: 'integer',
  minimum,
  examples: [minimum],
});

const HELD_OUT: JsonSchema = {
  description: 'Share of the examples that `test` gives and `train` leaves out.',
  type: 'number',
  exclusiveMinimum: 0,
  exclusiveMaximum: 1,
  default: 0.1,
  examples: [0.1],
};

const SUBSET: JsonSchema = closed(
  'Only so many examples of every class.',
  {
    per_class: positive('Examples of every class.', 10),
    seed: seed('Which examples is drawn from this number.'),
  },
  ['per_class'],
  [{ per_class: 10, seed: 1 }],
);

/** Which examples of a source are given; the parts are the same in every run. */
const SELECTION: Readonly<Record<string, JsonSchema>> = {
  split: {
    description: 'The part of the source: `train` and `test` share no example, and make up `all`.',
    type: 'string',
    enum: ['all', 'train', 'test'],
    default: 'all',
    examples: ['train'],
  },
  held_out: HELD_OUT,
  subset: SUBSET,
};

const IMAGE_OPTIONS: Readonly<Record<string, JsonSchema>> = {
  size: choose(
    'Height and width of the images after resizing: one value for squares, or [height, width].',
    [
      {
        when: isArray,
        then: {
          type: 'array',
          minItems: 2,
          maxItems: 2,
          items: reference('value', 'Pixels.'),
          examples: [[32, 32]],
        },
      },
    ],
    reference('value', 'Height and width in pixels.', [32]),
  ),
  channels: {
    ...reference(
      'value',
      'Channels: 3 for colour, 1 for grey, and of a folder 4 for colour and opacity.',
      [3],
    ),
    default: 3,
  },
  range: {
    description: 'The values that the darkest and the brightest byte (0 and 255) are mapped to.',
    type: 'array',
    minItems: 2,
    maxItems: 2,
    items: { description: 'A number.', type: 'number' },
    default: [-1, 1],
    examples: [[-1, 1]],
  },
  flip: {
    description: 'Mirror half of the images: `horizontal`, or `none`.',
    type: 'string',
    enum: ['none', 'horizontal'],
    default: 'none',
    examples: ['horizontal'],
  },
};

/** The same for 28 x 28 grey digits and what is published in their format. */
const GREY: JsonSchema = { ...reference('value', 'Channels: 1 for grey, 3 for colour.', [1]), default: 1 };
const SIZE_28: JsonSchema = { ...IMAGE_OPTIONS['size'], default: 28, examples: [28] };

/** What reads labels is compiled without looking at the files. */
const CLASSES = positive(
  'How many classes the labels have; needed where a stream `{ labels: x }` reads them.',
  10,
);

const SPEC_DEFINITIONS: Readonly<Record<string, JsonSchema>> = {
  images: closed(
    'A folder of PNG and JPEG files.',
    {
      images: path("The folder, relative to the spec's own.", './faces'),
      ...IMAGE_OPTIONS,
      ...SELECTION,
      labels: path(
        'What the class of an image is: `folders` for the name of its sub-folder, or a CSV file of name,label rows.',
        'folders',
      ),
      classes: CLASSES,
      crop: choose(
        'The part of each picture that is used: `centre` for the largest square, or a box in pixels.',
        [
          { when: isString, then: { type: 'string', enum: ['centre'] } },
          {
            when: isArray,
            then: {
              description: 'Left, top, width and height in pixels.',
              type: 'array',
              minItems: 4,
              maxItems: 4,
              items: { description: 'Pixels.', type: 'integer', minimum: 0 },
              examples: [[25, 45, 128, 128]],
            },
          },
        ],
        closed(
          'A box in pixels.',
          {
            left: pixels('Columns left of the box.', 0),
            top: pixels('Rows above the box.', 0),
            width: pixels('Columns of the box.', 1),
            height: pixels('Rows of the box.', 1),
          },
          ['left', 'top', 'width', 'height'],
          [{ left: 25, top: 45, width: 128, height: 128 }],
        ),
      ),
    },
    ['images', 'size'],
  ),
  facesjs: closed(
    'Cartoon faces, drawn on the spot from a seed.',
    {
      facesjs: positive('How many different faces.', 6000),
      ...IMAGE_OPTIONS,
      ...SELECTION,
      labels: {
        description:
          'The attribute that is the class: absent 0, present 1; hair is black 0, brown 1, red 2, blond 3, absent 4.',
        type: 'string',
        enum: ['glasses', 'beard', 'hat', 'hair'],
        examples: ['glasses'],
      },
      background: {
        description:
          'What stands behind the faces: one colour for all (`plain`), or soft random colours (`pastel`).',
        type: 'string',
        enum: ['plain', 'pastel'],
        default: 'plain',
        examples: ['plain'],
      },
      seed: seed('The faces are drawn from this number.'),
    },
    ['facesjs', 'size'],
  ),
  mnist: closed(
    'Handwritten digits, 10,000 of MNIST, in ten classes.',
    {
      mnist: {
        description: 'The part: `train` and `test` share no digit, and make up `all`.',
        type: 'string',
        enum: ['all', 'train', 'test'],
        examples: ['train'],
      },
      ...IMAGE_OPTIONS,
      size: SIZE_28,
      channels: GREY,
      held_out: HELD_OUT,
      subset: SUBSET,
    },
    ['mnist'],
  ),
  fashion_mnist: closed(
    'Pieces of clothing, Fashion-MNIST, in ten classes.',
    {
      fashion_mnist: {
        description: 'The file: the 60,000 of `train` or the 10,000 of `test`.',
        type: 'string',
        enum: ['train', 'test'],
        examples: ['train'],
      },
      folder: path(
        "Where the IDX files are, relative to the spec's folder (default /usr/share/datasets/fashion-mnist).",
        './fashion-mnist',
      ),
      ...IMAGE_OPTIONS,
      size: SIZE_28,
      channels: GREY,
      ...SELECTION,
    },
    ['fashion_mnist'],
  ),
  idx: closed(
    'Pictures, and their classes, in the IDX format of MNIST.',
    {
      idx: closed(
        "The files, gzipped or not, relative to the spec's folder.",
        {
          images: path('The file of pictures.', './train-images-idx3-ubyte.gz'),
          labels: path('The file of classes.', './train-labels-idx1-ubyte.gz'),
        },
        ['images'],
        [{ images: './train-images-idx3-ubyte.gz', labels: './train-labels-idx1-ubyte.gz' }],
      ),
      classes: CLASSES,
      ...IMAGE_OPTIONS,
      channels: GREY,
      ...SELECTION,
    },
    ['idx', 'size'],
  ),
  points: closed(
    'Points in the plane, drawn from a seed; the class of a point is the blob or circle it lies on.',
    {
      points: {
        description: 'What the points are drawn from.',
        type: 'string',
        enum: ['gaussians_8', 'gaussians_25', 'ring', 'swiss_roll', 'two_gaussians', 'circles'],
        examples: ['gaussians_8'],
      },
      count: positive('How many different points.', 10_000),
      seed: seed('The points are drawn from this number.'),
      ...SELECTION,
    },
    ['points', 'count'],
  ),
  text: closed(
    'Lines of a UTF-8 text file as rows of one-hot symbols: shape [1, length, symbols].',
    {
      text: path("The file, relative to the spec's folder.", './names.txt'),
      length: reference('value', 'Symbols per example; shorter lines are filled up with padding.', [16]),
      alphabet: {
        description:
          'The characters, with ranges: `a-z` and `A-Za-z .` (a dash at either end is itself). Symbol 0 is the padding, symbol 1 the first character.',
        type: 'string',
        minLength: 1,
        examples: ['a-z'],
      },
      by: {
        description:
          'What an example is: a line of the file (`lines`), or a piece of `length` characters of the whole text (`windows`).',
        type: 'string',
        enum: ['lines', 'windows'],
        default: 'lines',
        examples: ['lines'],
      },
      split: SELECTION['split']!,
      held_out: HELD_OUT,
    },
    ['text', 'length', 'alphabet'],
  ),
  labels: closed(
    'The class of the same example that another stream gives.',
    { labels: reference('identifier', 'Name of the other stream.', ['x']) },
    ['labels'],
  ),
  data: choose(
    'A source of examples.',
    DATA_KIND_NAMES.map((kind) => ({
      when: hasKey(kind),
      then: reference(kind, DATA_KINDS[kind].description),
    })),
    {
      description: 'A source of examples.',
      type: 'object',
      ...exactlyOne(DATA_KIND_NAMES),
      examples: DATA_KIND_NAMES.map((kind) => DATA_KINDS[kind].example),
    },
  ),
  categorical: closed(
    'One class per sample, all equally likely.',
    { categorical: reference('value', 'How many classes.', [10]) },
    ['categorical'],
  ),
  shaped_noise: {
    description: 'Random numbers, drawn afresh for every batch.',
    type: 'object',
    properties: {
      uniform: {
        description: 'Lowest and highest value.',
        type: 'array',
        minItems: 2,
        maxItems: 2,
        items: reference('value', 'A number or an expression.'),
        examples: [[-1, 1]],
      },
      normal: {
        description: 'Mean and standard deviation.',
        type: 'array',
        minItems: 2,
        maxItems: 2,
        items: reference('value', 'A number or an expression.'),
        examples: [[0, 1]],
      },
      bernoulli: reference('value', 'Probability of a 1; everything else is 0.', [0.5]),
      // Only so that a misspelt one is recognised: where it stands, the other definition judges.
      categorical: reference('value', 'How many classes; one is drawn per sample.', [10]),
      shape: {
        description: 'Shape per sample, without the batch.',
        type: 'array',
        minItems: 1,
        items: reference('value', 'A number or an expression.'),
        examples: [[64]],
      },
    },
    additionalProperties: false,
    required: ['shape'],
    ...exactlyOne(['uniform', 'normal', 'bernoulli', 'categorical']),
    examples: [{ uniform: [-1, 1], shape: [64] }],
  },
  noise: choose(
    'Random numbers, drawn afresh for every batch.',
    [{ when: hasKey('categorical'), then: reference('categorical', 'Random classes.') }],
    reference('shaped_noise', 'Random numbers.'),
  ),
  inputs: {
    description:
      'Names of the inputs: the layers start with the first, the others are read by `concat`, `multiply`, `add`, `embedding` and `branch` (default one input without a name).',
    type: 'array',
    minItems: 1,
    items: reference('identifier', 'Name of an input.'),
    examples: [['z', 'y']],
  },
  network: choose(
    'A network: a list of layers, one block of the library, or the average of another network.',
    [
      { when: isArray, then: reference('layers', 'The layers of the network.') },
      {
        when: hasKey('average'),
        then: closed(
          'Another network with the running average of its weights; it is never trained itself.',
          {
            average: reference('identifier', 'Name of the network that is averaged.', ['G']),
            decay: {
              ...reference('value', 'Share of the average that is kept in every step.', [0.999]),
              default: 0.999,
            },
          },
          ['average'],
        ),
      },
      {
        when: hasKey('use'),
        then: closed(
          'A block of the library.',
          {
            use: reference('library_name', 'Name of the block.'),
            with: reference('arguments', 'Its parameters.'),
            inputs: reference('inputs', 'Names of the inputs (default one without a name).'),
          },
          ['use'],
        ),
      },
    ],
    closed(
      'Layers.',
      {
        inputs: reference('inputs', 'Names of the inputs (default one without a name).'),
        layers: reference('layers', 'The layers of the network.', [['elu', { conv: 32 }]]),
      },
      ['layers'],
      [{ use: 'began/decoder', with: { size: 32 } }],
    ),
  ),
  objective: choose(
    'What is minimised and what is controlled: written here, or an entry of the library.',
    [
      {
        when: hasKey('use'),
        then: closed(
          'An objective of the library.',
          {
            use: reference('library_name', 'Name of the objective.', ['began']),
            with: reference('arguments', 'Its parameters.'),
          },
          ['use'],
        ),
      },
    ],
    closed('An objective.', OBJECTIVE_PROPERTIES, ['updates'], [{ use: 'began' }]),
  ),
};

const SECTIONS: Readonly<Record<string, JsonSchema>> = {
  version: { description: 'Version of the language.', const: 1, examples: [1] },
  title: { description: 'A title for people.', type: 'string', examples: ['Cartoon faces, 32 x 32'] },
  hyper: named(
    'Named numbers, switches and words. Numbers used in equations can be changed without compiling again.',
    choose(
      'A number, true or false, or a word.',
      [{ when: isString, then: reference('identifier', 'A word.') }],
      { type: ['number', 'boolean', 'string'] },
    ),
    { examples: [{ n: 32, gamma: 0.5 }] },
  ),
  data: named(
    'Sources of examples, by the name that expressions use.',
    reference('data', 'A source of examples.'),
    {
      minimum: 1,
      examples: [{ x: { images: './faces', size: 32 } }],
    },
  ),
  noise: named('Random inputs, by the name that expressions use.', reference('noise', 'A random input.'), {
    examples: [{ z: { uniform: [-1, 1], shape: [64] } }],
  }),
  schedules: named('Numbers that depend on the step only.', reference('value', 'An expression of `step`.'), {
    examples: [{ carry: 'linear(1, 0, steps=16000)' }],
  }),
  networks: named(
    'The networks, by the name that expressions call.',
    reference('network', 'A network: layers, a block of the library, or an average.'),
    {
      minimum: 1,
      examples: [{ G: { use: 'began/decoder', with: { size: 32 } } }],
    },
  ),
  objective: reference('objective', 'What is minimised and what is controlled.', [{ use: 'began' }]),
  outputs: named('What can be run after training, by name.', reference('value', 'An expression.'), {
    examples: [{ generate: 'G(z)' }],
  }),
  train: closed(
    'How long and how.',
    {
      batch: positive('Examples per batch.', 16),
      micro_batch: positive(
        'Examples whose gradients are computed at once, at most: those of a batch are summed over such parts, which needs less memory (default the whole batch).',
        4,
      ),
      steps: positive('Training steps of the whole run.', 20_000),
      seed: seed('Weights, random inputs and the order of the data are drawn from this number.'),
      log: { ...positive('Steps between two rows of metrics.', 10), default: 10 },
      samples: { ...positive('Steps between two pictures of samples.', 100), default: 100 },
      checkpoint: { ...positive('Steps between two checkpoints.', 500), default: 500 },
      stop: reference('value', 'The run ends where this is true, at the latest after `steps`.', [
        'stalled(convergence, window=2000)',
      ]),
    },
    ['batch', 'steps'],
    [{ batch: 16, steps: 20_000 }],
  ),
  lints: closed(
    'How loud lints are: `off`, `information`, `warning` or `error`, by name.',
    Object.fromEntries(
      LINT_NAMES.map((name) => [
        name,
        {
          description: `${DIAGNOSTIC_CODES[`lint/${name}`]}.`,
          type: 'string',
          enum: ['off', 'information', 'warning', 'error'],
          examples: ['off'],
        },
      ]),
    ),
    [],
    [{ 'elu-under-penalty': 'off' }],
  ),
};

/**
 * A file that extends another one may leave out whatever that has, so only what the two are together can be judged: alone,
 * only the names and types of its sections are.
 */
const PARTIAL_SECTIONS: Readonly<Record<string, JsonSchema>> = Object.fromEntries(
  Object.entries(SECTIONS).map(([key, schema]) => {
    const { description = '', type = 'object', examples = [] } = schema;
    return [key, key === 'version' ? schema : { description, type, examples }];
  }),
);

const EXTENDS = path(
  'Another spec, relative to this file. Its mappings are completed by what stands here; everything else is replaced.',
  './other.yaml',
);

const DESCRIPTION = 'A GAN: its data, networks, objective and training.';

export const SPEC_SCHEMA: JsonSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'urn:began-compile:schema:v1',
  title: 'began-compile spec, version 1',
  ...choose(
    DESCRIPTION,
    [
      {
        when: hasKey('extends'),
        then: closed('What is different from another spec.', { ...PARTIAL_SECTIONS, extends: EXTENDS }),
      },
    ],
    closed(DESCRIPTION, { ...SECTIONS, extends: EXTENDS }, [
      'version',
      'data',
      'networks',
      'objective',
      'train',
    ]),
  ),
  $defs: { ...SHARED_DEFINITIONS, ...SPEC_DEFINITIONS },
};
