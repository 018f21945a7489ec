import { EQUATIONS, POINTS } from './base-specs.js';
import { changed, spec, type Pages } from './page.js';

const good = spec(POINTS);

export const YAML_PAGES: Pages<'yaml'> = {
  'yaml/syntax': {
    explanation:
      'The text cannot be read as YAML 1.2, so nothing else is looked at yet. Mostly a bracket or a quotation mark is not ' +
      'closed, a line is indented by tabs, or a value begins with a letter that means something to YAML (`*`, `&`, `@`, ' +
      '`%`, `!`). Put such a value in quotes. The place is where the reader gave up: the slip is there or just above.',
    bad: spec(changed(POINTS, ['z: { normal: [0, 1], shape: [2] }', 'z: { normal: [0, 1], shape: [2]'])),
    good,
  },
  'yaml/duplicate-key': {
    explanation:
      'Two entries of one mapping have the same key, or two sections give the same name. Many YAML readers keep the last one ' +
      'without a word, and a run then trains with a value that its author believes replaced. All sections share one name ' +
      'space for the same reason: `x` means one thing in every equation.',
    bad: spec(changed(POINTS, ['batch: 64,', 'batch: 64, batch: 128,'])),
    good,
  },
  'yaml/split-expression': {
    explanation:
      'Inside `{ }` a comma ends an entry, also the comma between two arguments of a function. ' +
      'YAML then sees half an expression and a key of its own. Quotes keep the expression together; ' +
      'on a line of its own it needs none.',
    bad: spec(
      changed(EQUATIONS, ['  let:\n    fake: G(z)', "  let: { fake: 'G(z)', top: max(mean(D(x)), 0) }"]),
    ),
    good: spec(
      changed(EQUATIONS, ['  let:\n    fake: G(z)', "  let: { fake: 'G(z)', top: 'max(mean(D(x)), 0)' }"]),
    ),
  },
  'yaml/limit': {
    explanation:
      'Specs may come from strangers: a few lines of aliases that repeat aliases would grow to gigabytes, and brackets nested ' +
      'by the thousand would exhaust the stack. So a file has at most a million characters and 20,000 values once aliases are ' +
      'followed, nested at most 60 deep. No real spec comes near; `repeat` says the same layers many times.',
    bad: spec(changed(POINTS, ['{ dense: 1 }]', `${'['.repeat(62)}${']'.repeat(62)}]`])),
    good,
  },
};
