import { EQUATIONS, POINTS } from './base-specs.js';
import { changed, spec, type Pages } from './page.js';

const good = spec(EQUATIONS);
const withMetrics = (metrics: string): string =>
  changed(EQUATIONS, ['outputs:', `  metrics:\n    ${metrics}\noutputs:`]);
const REAL = changed(EQUATIONS, ['    fake: G(z)\n', '    fake: G(z)\n    real: mean(D(x))\n']);

export const EXPRESSION_PAGES: Pages<'expression'> = {
  'expression/syntax': {
    explanation:
      'The text is no expression of the language: something is missing between two operators, a parenthesis is not closed, or ' +
      'a sign of another language was used (`^` for `**`, `and` for `&&`). The caret points at the sign where it stops making sense.',
    bad: spec(changed(EQUATIONS, ['mean(square(D(fake) - 1))\n', 'mean((D(fake) - 1)^2)\n'])),
    good: spec(changed(EQUATIONS, ['mean(square(D(fake) - 1))\n', 'mean((D(fake) - 1)**2)\n'])),
  },
  'expression/unknown-name': {
    explanation:
      'An expression reads a name that no section defines, at least not where it stands: inside a block of the library only its ' +
      'parameters are seen, and `critic.fake` is for `state` and `metrics`.',
    bad: spec(changed(EQUATIONS, ['square(D(fake) - 1)', 'square(D(fakes) - 1)'])),
    good,
  },
  'expression/unknown-function': {
    explanation:
      'Something is called that is no function of the language, no network and no function of `let`. ' +
      'docs/language.md lists the functions. What another framework calls `reduce_mean` or `binary_cross_entropy` is written as ' +
      'the equation: `mean(...)`, `softplus(-logit)`.',
    bad: spec(changed(EQUATIONS, ['square(D(fake) - 1)', 'sqare(D(fake) - 1)'])),
    good,
  },
  'expression/arguments': {
    explanation:
      'A function or network got too many or too few arguments, one with a name it does not have, or something it cannot work ' +
      'with, such as a word. The message shows how the call is written.',
    bad: spec(changed(EQUATIONS, ['square(D(fake) - 1)', 'square(D(fake), 1)'])),
    good,
  },
  'expression/not-constant': {
    explanation:
      'Shapes, layers and repetitions are fixed when a spec is compiled, so they are made of numbers, `hyper` values, parameters ' +
      'of the block and repeat indices. Rates of decay, repeats and sizes cannot depend on state or losses, which ' +
      'exist only while the program runs.',
    bad: spec(
      changed(
        POINTS,
        ['networks:', 'schedules:\n  width: linear(16, 32, steps=50%)\nnetworks:'],
        ['{ dense: 1 }', '{ dense: width }, { dense: 1 }'],
      ),
    ),
    good: spec(
      changed(
        POINTS,
        ['networks:', 'hyper: { width: 32 }\nnetworks:'],
        ['{ dense: 1 }', '{ dense: width }, { dense: 1 }'],
      ),
    ),
  },
  'expression/not-scalar': {
    explanation:
      'A loss, a metric, a state or a schedule is one number, and here stands one per sample, or a picture. It says how the ' +
      'samples are put together: `mean(...)` nearly always; `sum(...)` grows with the batch, and the rate would have to shrink.',
    bad: spec(changed(EQUATIONS, ['minimize: mean(square(D(fake) - 1))', 'minimize: square(D(fake) - 1)'])),
    good,
  },
  'expression/needs-let': {
    explanation:
      'State, metrics and rates are computed after the updates, out of numbers that the updates computed. They cannot call a ' +
      'network themselves: the samples are gone by then, and calling it again would cost a pass of its own. ' +
      'Give the value a name under `let`, and read the name.',
    bad: spec(withMetrics('real: mean(D(x))')),
    good: spec(
      changed(
        REAL,
        ['    - name: critic\n      minimize: ', '    - name: critic\n      minimize: 0 * real + '],
        ['outputs:', '  metrics:\n    real: real\noutputs:'],
      ),
    ),
  },
  'expression/cycle': {
    explanation:
      'Definitions are equations that are evaluated once, so that none may need its own result, directly or ' +
      'through others. What follows its own past is `state`: `next` reads the value before the step.',
    bad: spec(changed(EQUATIONS, ['    fake: G(z)\n', '    fake: G(z) + drift\n    drift: 0.1 * fake\n'])),
    good,
  },
  'expression/ambiguous-name': {
    explanation:
      'Two updates compute a `let` of this name, each with its own samples and with networks as they are at its turn: the ' +
      'numbers differ. Say whose is meant: `critic.score`.',
    bad: spec(
      changed(
        EQUATIONS,
        ['    fake: G(z)\n', '    fake: G(z)\n    score: mean(square(D(fake) - 1))\n'],
        ['+ mean(square(D(fake)))', '- score'],
        ['      minimize: mean(square(D(fake) - 1))\n', '      minimize: score\n'],
        ['outputs:', '  metrics:\n    score: score\noutputs:'],
      ),
    ),
    good: spec(
      changed(
        EQUATIONS,
        ['    fake: G(z)\n', '    fake: G(z)\n    score: mean(square(D(fake) - 1))\n'],
        ['+ mean(square(D(fake)))', '- score'],
        ['      minimize: mean(square(D(fake) - 1))\n', '      minimize: score\n'],
        ['outputs:', '  metrics:\n    score: generator.score\noutputs:'],
      ),
    ),
  },
};
