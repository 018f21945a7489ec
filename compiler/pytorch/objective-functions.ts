/** Phases, controller and outputs as functions of Python. */
import type { Model, PhaseModel, StateModel } from '../model/model.js';
import { reachableTerms, type Term } from '../model/term.js';
import { Equations, type EquationsContext } from './equations.js';
import type { Imports } from './imports.js';
import { assign, callWith, dictionary, docstring, lines, name, text, tuple, type Python } from './python.js';

/** What every function of the program knows. */
export type Surroundings = Omit<EquationsContext, 'fed' | 'labels'>;

/** The data and labels that the graph of a phase or an output is fed with: `data/x`, `labels/x`. */
export type FedOf = (graph: string) => ReadonlySet<string>;

/** What each update minimises, and what the controller will read. */
export function phaseFunction(
  called: string,
  phase: PhaseModel,
  fed: ReadonlySet<string>,
  around: Surroundings,
): readonly string[] {
  const losses = phase.updates.map(({ minimize }) => minimize);
  const equations = new Equations({ ...around, fed, labels: 'of data' }, [
    ...losses,
    ...phase.registers.values(),
  ]);
  const minimised = phase.updates.map(
    ({ name: update, minimize }) => [update, equations.write(minimize)] as const,
  );
  const values = [...phase.registers].map(([register, term]) => [register, equations.write(term)] as const);
  const about = phase.updates.map(({ name: update, minimize }) => {
    const what = around.lets.get(minimize)?.name ?? sourceOf(minimize);
    return `\`${update}\` minimises ${what}`;
  });
  return [
    `def ${called}(run):`,
    ...docstring(`${about.join('; ')}.`, 1),
    ...equations.statements,
    ...lines('return ', tuple([dictionary(minimised), dictionary(values)]), '', 1),
  ].map(unwrapTuple);
}

/** `return (a, b)` needs no brackets on one line. */
function unwrapTuple(line: string): string {
  const inner = /^( +return )\((\{.*\}, \{.*\})\)$/.exec(line);
  return inner === null ? line : `${inner[1]!}${inner[2]!}`;
}

/** As it is written in the spec or the library. */
export function sourceOf({ span }: Term): string {
  return span.file.text.slice(span.start, span.end).replace(/\s+/g, ' ');
}

export function outputFunction(
  called: string,
  output: string,
  term: Term,
  fed: ReadonlySet<string>,
  around: Surroundings,
): readonly string[] {
  const ownData = [...fed].some((feed) => feed.startsWith('data/'));
  const equations = new Equations({ ...around, fed, labels: ownData ? 'of data' : 'in turn' }, [term]);
  const result = equations.write(term);
  return [
    `def ${called}(run):`,
    ...docstring(`Output \`${output}\`: ${sourceOf(term)}.`, 1),
    ...equations.statements,
    ...lines('return ', result, '', 1),
  ];
}

/** Metrics, the next state from old values only, and whether the run ends. */
export function controllerFunction(model: Model, around: Surroundings): readonly string[] {
  const { imports } = around;
  const lets = new Map(around.lets);
  for (const [metric, term] of model.metrics) {
    if (term.kind === 'apply' && !lets.has(term)) lets.set(term, { name: metric, source: sourceOf(term) });
  }
  const stop = model.stop === undefined ? [] : [model.stop.of, model.stop.window, model.stop.factor];
  const roots = [...model.metrics.values(), ...model.state.flatMap(stateTermsOf), ...stop];
  const counted = readMoreThanOnce(roots);
  // Metrics that nothing else reads stand where they are given.
  for (const term of model.metrics.values()) if (!counted.has(term)) lets.delete(term);
  const equations = new Equations({ ...around, lets, fed: new Set(), labels: 'of data' }, roots);
  const metrics = [...model.metrics].map(([metric, term]) => [metric, equations.write(term)] as const);
  const moves = model.state.flatMap((state) =>
    state.kind === 'next' ? [[state.name, equations.write(state.next)] as const] : [],
  );
  const more = model.state.flatMap((state) =>
    state.kind === 'plateau' ? [plateau(state, equations, imports)] : [],
  );
  const stopped =
    model.stop === undefined
      ? []
      : lines('stopped, windows = ', stalled(model.stop, equations, imports), '', 1);
  return [
    'def controller(run):',
    ...docstring('At the end of a step: metrics, and what the state becomes, all from old values.', 1),
    ...equations.statements,
    ...assign('metrics', dictionary(metrics)),
    ...assign('moves', dictionary(moves)),
    ...more.flatMap((python) => lines('moves |= ', python, '', 1)),
    ...(stopped.length === 0 ? [] : [...stopped, '    moves |= windows']),
    `    return metrics, moves, ${model.stop === undefined ? 'False' : 'stopped'}`,
  ];
}

const stateTermsOf = (state: StateModel): readonly Term[] =>
  state.kind === 'next' ? [state.next] : [state.of, state.factor, state.window, state.floor];

/** Terms that more than one of the roots, or of their parts, are made of. */
function readMoreThanOnce(roots: readonly Term[]): ReadonlySet<Term> {
  const seen = new Set<Term>();
  const again = new Set<Term>();
  for (const root of roots) {
    for (const part of reachableTerms([root])) {
      if (seen.has(part)) again.add(part);
      seen.add(part);
    }
  }
  return again;
}

function plateau(
  { name: state, of, factor, window, floor }: Extract<StateModel, { kind: 'plateau' }>,
  equations: Equations,
  imports: Imports,
): Python {
  return callWith(imports.from('controller', 'plateau'), [
    { value: name('run') },
    { value: text(state) },
    { label: 'of', value: equations.write(of) },
    { label: 'factor', value: equations.write(factor) },
    { label: 'window', value: equations.write(window) },
    { label: 'floor', value: equations.write(floor) },
  ]);
}

function stalled(
  { of, window, factor }: NonNullable<Model['stop']>,
  equations: Equations,
  imports: Imports,
): Python {
  return callWith(imports.from('controller', 'stalled'), [
    { value: name('run') },
    { label: 'of', value: equations.write(of) },
    { label: 'window', value: equations.write(window) },
    { label: 'factor', value: equations.write(factor) },
  ]);
}
