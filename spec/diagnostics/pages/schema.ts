import { EQUATIONS, POINTS } from './base-specs.js';
import { changed, spec, type Pages } from './page.js';

const good = spec(POINTS);

export const SCHEMA_PAGES: Pages<'schema'> = {
  'schema/unknown-key': {
    explanation:
      'The language has no such key at this place. It is refused, because an unread key is a setting that its ' +
      'author believes is on. Where the key resembles a known one, or is what another tool calls it (`lr`, `epochs`), the message says what it is called here.',
    bad: spec(changed(POINTS, ['batch: 64', 'batch_size: 64'])),
    good,
  },
  'schema/missing-key': {
    explanation:
      'Something that has no useful default was left out: a network to train, the size of a batch, the rate of an optimizer. ' +
      'The message says what the key is for and how a usual value is written.',
    bad: spec(
      changed(EQUATIONS, ['      train: D\n      optimizer: { adam: { rate: 1e-4 } }\n', '      train: D\n']),
    ),
    good: spec(EQUATIONS),
  },
  'schema/type': {
    explanation:
      'The value is of another kind than what belongs here: a text for a number, a list for a mapping, nothing at all. ' +
      'A key without anything behind its colon has no value.',
    bad: spec(changed(POINTS, ['steps: 1000', 'steps: many'])),
    good,
  },
  'schema/value': {
    explanation:
      'The value is of the right kind, but this one cannot be: a batch of 0, a word that is not among those to choose from, ' +
      'a layer that does not exist. Values from expressions are checked where they end up, and the message leads ' +
      'back to the line that gave them.',
    bad: spec(changed(POINTS, ['points: gaussians_8', 'points: gausians_8'])),
    good,
  },
  'schema/extends': {
    explanation:
      'A spec may name another one that it changes in places. Its path is relative to the file that names it; ' +
      'it must be there, and specs may not extend each other in a circle.',
    bad: spec('extends: ./pionts.yaml\ntrain: { steps: 20000 }\n', { files: { './points.yaml': POINTS } }),
    good: spec('extends: ./points.yaml\ntrain: { steps: 20000 }\n', { files: { './points.yaml': POINTS } }),
  },
};
