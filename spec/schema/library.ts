/** The JSON Schema of library files: a block of layers, or an objective, with parameters. */
import { closed, IDENTIFIER_PATTERN, OBJECTIVE_PROPERTIES, SHARED_DEFINITIONS } from './definitions.js';
import { choose, exactlyOne, hasKey, reference } from './json-schema.js';
import type { JsonSchema } from './json-schema.js';

const description: JsonSchema = {
  description: 'What the entry is, and where it comes from.',
  type: 'string',
  minLength: 1,
  examples: ['The decoder of BEGAN (Berthelot et al. 2017, figure 1).'],
};

const bound = (description: string, example: number): JsonSchema => ({
  description,
  type: 'number',
  examples: [example],
});

const parameters: JsonSchema = {
  description: 'What `with:` may give, by name.',
  type: 'object',
  propertyNames: { pattern: IDENTIFIER_PATTERN },
  additionalProperties: closed(
    'A parameter.',
    {
      description: {
        description: 'What the parameter means.',
        type: 'string',
        minLength: 1,
        examples: ['Height and width of the image.'],
      },
      default: reference('value', 'What it is where `with:` does not give it.', [2]),
      words: {
        description: 'The words it may be; without this key it is an expression.',
        type: 'array',
        minItems: 1,
        items: reference('identifier', 'A word.'),
        examples: [['strided', 'pooled']],
      },
      above: bound('Values should be larger than this.', 0),
      at_least: bound('Values should not be smaller than this.', 0),
      below: bound('Values should be smaller than this.', 1),
      at_most: bound('Values should not be larger than this.', 1),
    },
    ['description'],
    [{ description: 'Height and width of the image.' }],
  ),
  examples: [{ size: { description: 'Height and width of the image.' } }],
};

export const LIBRARY_SCHEMA: JsonSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'urn:began-compile:schema:library-v1',
  title: 'began-compile library entry, version 1',
  ...choose(
    'A block of layers, or an objective, with parameters.',
    [
      {
        when: hasKey('block'),
        then: closed(
          'A block of layers.',
          {
            block: reference('library_name', 'Name of the block: its path in the library.'),
            description,
            parameters,
            layers: reference('layers', 'The layers of the block.', [['elu', { conv: 32 }]]),
          },
          ['block', 'description', 'layers'],
        ),
      },
      {
        when: hasKey('objective'),
        then: closed(
          'An objective.',
          {
            objective: reference('library_name', 'Name of the objective: its path in the library.', [
              'began',
            ]),
            description,
            parameters,
            ...OBJECTIVE_PROPERTIES,
          },
          ['objective', 'description', 'updates'],
        ),
      },
    ],
    { type: 'object', ...exactlyOne(['block', 'objective']), examples: [{ block: 'my/block' }] },
  ),
  $defs: SHARED_DEFINITIONS,
};
