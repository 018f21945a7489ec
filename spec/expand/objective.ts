/** An objective of the library written out, with the values of its parameters. */
import { isMap, isScalar, YAMLMap } from 'yaml';
import type { Pair } from 'yaml';
import type { Expression } from '../expression/expression.js';
import { membersIn, namesIn } from '../expression/substitute.js';
import type { LibraryObjective } from '../spec.js';
import { expressionsIn, mapScalars, withValues } from './scalars.js';
import { refuseCapture, unused, valuesOf, type Values } from './values.js';

const SECTIONS = ['let', 'updates', 'state', 'metrics'] as const;
/** Keys whose value is a name of the entry's own. */
const NAMES: ReadonlySet<string> = new Set(['name']);
const NOTHING: ReadonlySet<string> = new Set();

export interface ObjectiveUse {
  readonly entry: LibraryObjective;
  /** The file of the entry, a copy of its own. */
  readonly file: YAMLMap;
  readonly given: ReadonlyMap<string, Expression>;
  readonly hyperWords: ReadonlySet<string>;
  /** `train.stop`, which reads the objective as metrics do. */
  readonly stop: Expression | undefined;
}

/** `let`, `updates`, `state` and `metrics`, without what the values leave unread. Throws DiagnosticError run/option. */
export function expandObjective({ entry, file, given, hyperWords, stop }: ObjectiveUse): YAMLMap {
  const { let: definitions, state, metrics } = entry.objective;
  const values = valuesOf(entry, given, hyperWords);
  refuseCapture(entry, [...definitions.keys(), ...state.keys(), ...metrics.keys()], given.values());
  const objective = new YAMLMap();
  for (const section of SECTIONS) {
    const pair = file.items.find(({ key }) => String(key) === section);
    if (pair === undefined) continue;
    if (section === 'let' && isMap(pair.value))
      for (const one of pair.value.items) expandDefinition(one, values);
    else
      mapScalars(pair.value, (scalar) => withValues(scalar, values), section === 'updates' ? NAMES : NOTHING);
    objective.items.push(pair);
  }
  keepRead(objective, stop);
  return objective;
}

/** `energy(v): ...`: a parameter hides a name of the spec that a value mentions, and gets another one. */
function expandDefinition(definition: Pair, values: Values): void {
  const { key } = definition;
  const [head, list] = String(key).split(/[()]/);
  const parameters = list === undefined ? [] : list.split(',').map((parameter) => parameter.trim());
  const inner = new Map(values);
  for (const parameter of parameters) inner.delete(parameter);
  const renamed = parameters.map((parameter) => {
    const free = unused(parameter, inner);
    if (free !== parameter) {
      inner.set(parameter, {
        kind: 'name',
        name: free,
        span: { file: { name: '', text: '' }, start: 0, end: 0 },
      });
    }
    return free;
  });
  if (isScalar(key) && renamed.join() !== parameters.join()) key.value = `${head}(${renamed.join(', ')})`;
  definition.value = withValues(definition.value, inner);
}

/**
 * What no update, metric or other state reads goes: written in a spec it would be computed. What is read stands in the order
 * in which it is read, as what a spec writes is computed in the order in which it stands.
 */
function keepRead(objective: YAMLMap, stop: Expression | undefined): void {
  const definitions = pairsOf(objective.get('let'));
  const state = pairsOf(objective.get('state'));
  const read = new Set<Pair>();
  const readAll = (expressions: readonly Expression[]): void => {
    for (const expression of expressions) {
      for (const name of [...namesIn(expression), ...membersIn(expression).map((member) => member.name)]) {
        const pair = definitions.get(name) ?? state.get(name);
        if (pair === undefined || read.has(pair)) continue;
        read.add(pair);
        readAll(expressionsIn(pair.value));
      }
    }
  };
  readAll(expressionsIn(objective.get('updates')));
  readAll(expressionsIn(objective.get('metrics')));
  readAll(stop === undefined ? [] : [stop]);
  for (const [section, pairs] of [
    ['let', definitions],
    ['state', state],
  ] as const) {
    const map = objective.get(section);
    if (!isMap(map)) continue;
    const own = [...pairs.values()].filter((pair) => read.has(pair));
    if (section === 'state') {
      map.items = own;
    } else {
      // Functions are computed where they are called: they may come first.
      const functions = own.filter(isFunction);
      map.items = [...functions, ...[...read].filter((pair) => own.includes(pair) && !isFunction(pair))];
    }
    if (map.items.length === 0) objective.delete(section);
  }
}

const isFunction = ({ key }: Pair): boolean => String(key).includes('(');

/** By name: `energy(v)` is `energy`. */
function pairsOf(map: unknown): ReadonlyMap<string, Pair> {
  const items = isMap(map) ? map.items : [];
  return new Map(items.map((pair) => [String(pair.key).split('(', 1)[0]!.trim(), pair]));
}
