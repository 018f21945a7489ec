/** What a network can give against what the data are, where the two are compared or shown to the same critic. */
import type { Model } from '../../model/model.js';
import { sameShape } from '../../model/symbolic-shape.js';
import { lossTerms } from '../../model/model-terms.js';
import type { Term } from '../../model/term.js';
import { dataRange } from '../facts/bounds.js';
import { callsOfUpdates, unstopped, type Call } from '../facts/calls.js';
import type { Interval } from '../facts/interval.js';
import { ACTIVATION_RANGE, lastActivationOf } from '../facts/last-activation.js';
import type { Lint, LintFinding } from '../lint.js';

/** Activations that are chosen for the range they give. */
const CHOSEN = new Set(['tanh', 'sigmoid', 'relu', 'softplus']);

export const outputRange: Lint = {
  severity: 'warning',
  find: (model) => {
    const found = new Map<string, LintFinding>();
    for (const { made, stream, range } of comparisons(model)) {
      const last = lastActivationOf(made.network);
      if (last === undefined || !CHOSEN.has(last.kind)) continue;
      const [low, high] = ACTIVATION_RANGE[last.kind];
      const fits = low <= range[0] && high >= range[1] && !(low < range[0] && Number.isFinite(high));
      if (fits) continue;
      found.set(`${made.network.name} ${stream}`, {
        message: `\`${made.network.name}\` ends in \`${last.kind}\` and gives ${said([low, high])}; \`${stream}\` lies ${said(range)}`,
        spans: last.spans,
        note: 'What a network can never give, or what the data never are, tells data from samples whatever else is learnt.',
        help: `Say \`range: [${Number.isFinite(high) ? `${low}, ${high}` : '0, 1'}]\` for \`${stream}\`, or end \`${made.network.name}\` in ${instead(range)}.`,
      });
    }
    return [...found.values()];
  },
};

interface Comparison {
  readonly made: Call;
  readonly stream: string;
  readonly range: Interval;
}

/** Calls whose result stands where a stream stands elsewhere: as the argument of the same network, or in x - D(x). */
function comparisons(model: Model): readonly Comparison[] {
  const ranges = new Map(
    model.streams.flatMap(({ name, data }) => {
      const range = dataRange(data);
      return range === undefined ? [] : [[name, range] as const];
    }),
  );
  const pair = (one: Term, other: Term): readonly Comparison[] => {
    const [a, b] = [unstopped(one), unstopped(other)];
    if (a.kind !== 'data' || b.kind !== 'network' || !sameShape(a.shape, b.shape)) return [];
    const range = ranges.get(a.stream);
    return range === undefined ? [] : [{ made: b, stream: a.stream, range }];
  };
  const calls = callsOfUpdates(model).flatMap((one) => one.calls);
  const arguments_ = calls.flatMap((call) =>
    calls
      .filter((other) => other.network === call.network)
      .flatMap((other) => call.arguments.flatMap((argument, i) => pair(argument, other.arguments[i]!))),
  );
  const differences = lossTerms(model)
    .filter((term) => term.kind === 'apply' && term.function === 'sub')
    .flatMap((term) => {
      const [a, b] = (term as Extract<Term, { kind: 'apply' }>).arguments;
      return [...pair(a!, b!), ...pair(b!, a!)];
    });
  return [...arguments_, ...differences];
}

const said = ([low, high]: Interval): string =>
  Number.isFinite(high) ? `between ${low} and ${high}` : `from ${low} up`;

function instead([low, high]: Interval): string {
  if (low === -1 && high === 1) return '`tanh`, or in no activation';
  if (low === 0 && high === 1) return '`sigmoid`, or in no activation';
  return 'no activation';
}
