/** The JSON Schema of specs; `v1.json` is this value, written out for editors. */
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

const pixels = (description: string, minimum: number): JsonSchema => ({
  description,
  type: 'integer',
  minimum,
  examples: [minimum],
});

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
  channels: { ...reference('value', 'Channels: 3 for colour, 1 for grey.', [3]), default: 3 },
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

const SPEC_DEFINITIONS: Readonly<Record<string, JsonSchema>> = {
  images: closed(
    'A folder of PNG and JPEG files.',
    {
      images: {
        description: "The folder, relative to the spec's own.",
        type: 'string',
        minLength: 1,
        examples: ['./faces'],
      },
      ...IMAGE_OPTIONS,
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
  data: choose(
    'A source of images: a folder (`images`) or cartoon faces (`facesjs`).',
    [
      { when: hasKey('images'), then: reference('images', 'A folder of images.') },
      { when: hasKey('facesjs'), then: reference('facesjs', 'Cartoon faces.') },
    ],
    {
      description: 'A source of images.',
      type: 'object',
      ...exactlyOne(['images', 'facesjs']),
      examples: [{ images: './faces', size: 32 }],
    },
  ),
  noise: {
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
    ...exactlyOne(['uniform', 'normal']),
    examples: [{ uniform: [-1, 1], shape: [64] }],
  },
  network: choose(
    'A network: a list of layers, or one block of the library.',
    [
      { when: isArray, then: reference('layers', 'The layers of the network.') },
      {
        when: hasKey('use'),
        then: closed(
          'A block of the library.',
          {
            use: reference('library_name', 'Name of the block.'),
            with: reference('arguments', 'Its parameters.'),
          },
          ['use'],
        ),
      },
    ],
    closed(
      'Layers.',
      { layers: reference('layers', 'The layers of the network.', [['elu', { conv: 32 }]]) },
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

export const SPEC_SCHEMA: JsonSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'urn:began-compile:schema:v1',
  title: 'began-compile spec, version 1',
  ...closed(
    'A GAN: its data, networks, objective and training.',
    {
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
        'Sources of images, by the name that expressions use.',
        reference('data', 'A source of images.'),
        {
          minimum: 1,
          examples: [{ x: { images: './faces', size: 32 } }],
        },
      ),
      noise: named(
        'Random inputs, by the name that expressions use.',
        reference('noise', 'A random input.'),
        {
          examples: [{ z: { uniform: [-1, 1], shape: [64] } }],
        },
      ),
      schedules: named(
        'Numbers that depend on the step only.',
        reference('value', 'An expression of `step`.'),
        {
          examples: [{ carry: 'linear(1, 0, steps=16000)' }],
        },
      ),
      networks: named(
        'The networks, by the name that expressions call.',
        reference('network', 'A network: a list of layers, or one block of the library.'),
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
          steps: positive('Training steps of the whole run.', 20_000),
          seed: seed('Weights, random inputs and the order of the data are drawn from this number.'),
          log: { ...positive('Steps between two rows of metrics.', 10), default: 10 },
          samples: { ...positive('Steps between two pictures of samples.', 100), default: 100 },
          checkpoint: { ...positive('Steps between two checkpoints.', 500), default: 500 },
        },
        ['batch', 'steps'],
        [{ batch: 16, steps: 20_000 }],
      ),
    },
    ['version', 'data', 'networks', 'objective', 'train'],
  ),
  $defs: { ...SHARED_DEFINITIONS, ...SPEC_DEFINITIONS },
};
