/**
 * Equations as statements of a function of Python. What the spec has named keeps its name; what is read twice gets one; the
 * rest stands where it is used. Terms that say the same are one value, as in the graphs: a network called twice on equal
 * arguments is called once, with one draw of its dropout and one step of its running statistics.
 */
import type { LetModel } from '../model/model.js';
import type { NetworkModel } from '../model/network.js';
import { perSample as sampleSizes } from '../model/symbolic-shape.js';
import { reachableTerms, termInputs, type NoiseModel, type Term } from '../model/term.js';
import type { Imports } from './imports.js';
import { Names } from './names.js';
import { drawsOrFollows, type NetworkClass } from './network-class.js';
import {
  assign,
  call,
  callWith,
  comment,
  flat,
  isName,
  name,
  number,
  text,
  tuple,
  type Argument,
  type Python,
} from './python.js';
import { isNumber, numberPython, termPython } from './term-python.js';

export interface EquationsContext {
  readonly imports: Imports;
  readonly lets: ReadonlyMap<Term, LetModel>;
  readonly networks: ReadonlyMap<string, NetworkClass>;
  /** The function that computes a schedule. */
  readonly schedules: ReadonlyMap<string, string>;
  /** Names that the function must leave alone: those of the module that it calls. */
  readonly taken: readonly string[];
  /** Data and labels that the phase's graph reads (`data/x`, `labels/x`); others are not drawn. */
  readonly fed: ReadonlySet<string>;
  /** Labels in an output that reads no data of the stream: all classes in turn. */
  readonly labels: 'of data' | 'in turn';
}

export class Equations {
  readonly #context: EquationsContext;
  readonly #names: Names;
  readonly #header: Readonly<Record<'networks' | 'numbers' | 'draws', string[]>> = {
    networks: [],
    numbers: [],
    draws: [],
  };
  readonly #body: string[] = [];
  readonly #ids = new Map<Term, number>();
  readonly #byMeaning = new Map<string, number>();
  readonly #uses = new Map<number, number>();
  readonly #differentiated = new Set<number>();
  readonly #bound = new Map<number, Python>();
  readonly #said = new Set<Term>();

  /** @param roots all that will be asked for, in this order */
  constructor(context: EquationsContext, roots: readonly Term[]) {
    this.#context = context;
    this.#names = new Names(context.taken);
    const counted = new Set<number>();
    const visit = (term: Term): void => {
      const id = this.#id(term);
      this.#uses.set(id, (this.#uses.get(id) ?? 0) + 1);
      if (term.kind === 'gradient') this.#differentiated.add(this.#id(term.wrt));
      if (counted.has(id)) return;
      counted.add(id);
      this.#inputs(term).forEach(visit);
    };
    roots.forEach(visit);
  }

  get statements(): readonly string[] {
    const { networks, numbers, draws } = this.#header;
    return [...networks, ...numbers, ...draws, ...this.#body];
  }

  /** What the function can write for a term; statements that it needs are appended. */
  write(term: Term): Python {
    const id = this.#id(term);
    const known = this.#bound.get(id);
    if (known !== undefined) {
      this.#alias(term, known);
      return known;
    }
    switch (term.kind) {
      case 'number':
      case 'boolean':
      case 'gradient':
      case 'apply':
      case 'network':
        return this.#value(term, id);
      case 'field':
        return this.#field(term);
      case 'word':
      case 'local':
        throw new Error(`internal: ${term.kind} in an equation`);
      default:
        return this.#declare(term, id);
    }
  }

  #value(
    term: Extract<Term, { kind: 'number' | 'boolean' | 'gradient' | 'apply' | 'network' }>,
    id: number,
  ): Python {
    const { imports, lets } = this.#context;
    const python =
      term.kind === 'network' ? this.#call(term) : termPython(term, (part) => this.write(part), imports);
    const named = lets.get(term);
    const differentiated = this.#differentiated.has(id);
    const isCall =
      term.kind === 'network' && (this.#hasFields(term.network) || drawsOrFollows(term.network.layers));
    const twice = this.#uses.get(id)! > 1 && isCostly(term);
    if (named === undefined && !differentiated && !isCall && !twice) return python;
    if (isNumber(term) && !differentiated) return python;
    const value = differentiated ? call(imports.from('functions', 'differentiable'), python) : python;
    const variable = this.#names.take(named?.name ?? this.#wantedName(term));
    if (named !== undefined) this.#say(term, named, python);
    this.#body.push(...assign(variable, value));
    const result =
      term.kind === 'network' && this.#hasFields(term.network) ? name(`${variable}.output`) : name(variable);
    this.#bound.set(id, result);
    return result;
  }

  /** Another `let` of the same value. */
  #alias(term: Term, known: Python): void {
    const named = this.#context.lets.get(term);
    if (named === undefined || this.#said.has(term) || !isName(known)) return;
    this.#said.add(term);
    if (known.kind === 'atom' && known.code === named.name) return;
    this.#body.push(...comment(`${named.name}: ${named.source}`, 1).map((line) => `${line} (the same)`));
  }

  /** The spec's own words, where the line below says it in others. */
  #say(term: Term, { source }: LetModel, python: Python): void {
    this.#said.add(term);
    const written = bare(flat(python));
    const said = bare(source);
    // A condition that was decided when the spec was compiled is not repeated.
    const decided = said.startsWith('where(') && said.includes(written);
    if (said !== written && !decided) this.#body.push(...comment(source, 1));
  }

  #field(term: Extract<Term, { kind: 'field' }>): Python {
    const output = this.write(term.of);
    const attribute = this.#context.networks.get(term.of.network.name)!.fields.get(term.key);
    if (attribute === undefined || output.kind !== 'atom') throw new Error(`internal: no field ${term.key}`);
    return name(output.code.replace(/output$/, attribute));
  }

  #call(term: Extract<Term, { kind: 'network' }>): Python {
    const { networks } = this.#context;
    const { outer } = networks.get(term.network.name)!;
    const network = this.#network(term.network.name);
    const given: Argument[] = term.arguments.map((argument) => ({ value: this.write(argument) }));
    for (const value of outer) given.push({ label: value.name, value: this.write(value.term) });
    return callWith(network, given);
  }

  readonly #networks = new Map<string, string>();

  #network(of: string): string {
    const known = this.#networks.get(of);
    if (known !== undefined) return known;
    const variable = this.#names.take(of);
    this.#networks.set(of, variable);
    this.#header.networks.push(`    ${variable} = run.networks["${of}"]`);
    return variable;
  }

  /** What is the run's to give: declared at the top, under the spec's name. */
  #declare(
    term: Exclude<
      Term,
      { kind: 'network' | 'field' | 'apply' | 'gradient' | 'number' | 'boolean' | 'word' | 'local' }
    >,
    id: number,
  ): Python {
    const { value, wanted } = this.#leaf(term);
    const differentiated = this.#differentiated.has(id);
    if (!differentiated && value.kind === 'atom' && /^run\.steps?$|^None$/.test(value.code)) return value;
    const named = term.kind === 'noise' && term.draw > 0 ? this.#context.lets.get(term) : undefined;
    const variable = this.#names.take(named?.name ?? wanted);
    const given = differentiated
      ? call(this.#context.imports.from('functions', 'differentiable'), value)
      : value;
    const isDrawn = term.kind === 'data' || term.kind === 'labels' || term.kind === 'noise';
    this.#header[isDrawn ? 'draws' : 'numbers'].push(...assign(variable, given));
    this.#bound.set(id, name(variable));
    return name(variable);
  }

  #leaf(
    term: Exclude<
      Term,
      { kind: 'network' | 'field' | 'apply' | 'gradient' | 'number' | 'boolean' | 'word' | 'local' }
    >,
  ): { readonly value: Python; readonly wanted: string } {
    const { fed, labels, schedules } = this.#context;
    switch (term.kind) {
      case 'hyper':
      case 'state':
      case 'step':
      case 'steps':
      case 'schedule':
        return {
          value: runNumber(term, schedules),
          wanted: 'name' in term ? term.name : term.kind,
        };
      case 'register':
        return { value: name(`run.values["${term.phase}/${term.name}"]`), wanted: term.name };
      case 'data':
        if (!fed.has(`data/${term.stream}`)) return { value: name('None'), wanted: term.stream };
        return { value: call('run.data', text(term.stream)), wanted: term.stream };
      case 'labels':
        if (!fed.has(`labels/${term.stream}`)) return { value: name('None'), wanted: term.stream };
        return {
          value:
            labels === 'of data'
              ? call('run.labels', text(term.stream))
              : call('run.classes_in_turn', number(term.classes!)),
          wanted: `${term.stream}_labels`,
        };
      case 'noise':
        return { value: this.#noise(term.noise, term.draw), wanted: noiseName(term.noise, term.draw) };
      default:
        throw new Error(`internal: unknown term ${String(term satisfies never)}`);
    }
  }

  #noise(noise: NoiseModel, draw: number): Python {
    const { name: wanted, distribution, parameters, classes } = noise;
    const site = draw === 0 ? wanted : `${wanted}#${draw}`;
    const count = distribution === 'categorical' || distribution === 'bernoulli' ? 1 : 2;
    const leaf = (part: Term): Python => runNumber(part, this.#context.schedules);
    const numbers =
      classes === undefined
        ? parameters.slice(0, count).map((part) => numberPython(part, leaf, this.#context.imports))
        : [number(classes)];
    const shape = sampleSizes(noise.shape);
    return callWith('run.noise', [
      { value: text(site) },
      { value: text(distribution) },
      ...numbers.map((value) => ({ value })),
      ...(shape.length === 0 ? [] : [{ label: 'shape', value: tuple(shape.map(number)) }]),
    ]);
  }

  #wantedName(term: Term): string {
    switch (term.kind) {
      case 'network': {
        const parts = term.arguments.map((argument) => this.#bound.get(this.#id(argument)));
        const simple = parts.every((part) => part !== undefined && isName(part));
        return simple
          ? [term.network.name, ...parts.map((part) => (part?.kind === 'atom' ? part.code : ''))].join('_')
          : `${term.network.name}_out`;
      }
      case 'gradient':
        return 'slope';
      case 'apply':
        return `${term.function}_value`;
      default:
        return 'value';
    }
  }

  #hasFields(network: NetworkModel): boolean {
    return this.#context.networks.get(network.name)!.fields.size > 0;
  }

  #inputs(term: Term): readonly Term[] {
    if (term.kind === 'schedule') return [];
    if (term.kind === 'apply' && (term.function === 'samples' || term.function === 'size')) return [];
    if (term.kind !== 'network') return termInputs(term);
    return [
      ...term.arguments,
      ...this.#context.networks.get(term.network.name)!.outer.map((value) => value.term),
    ];
  }

  /** Equal for terms that say the same. */
  #id(term: Term): number {
    const known = this.#ids.get(term);
    if (known !== undefined) return known;
    const meaning = JSON.stringify([...own(term), ...termInputs(term).map((part) => this.#id(part))]);
    const id = this.#byMeaning.get(meaning) ?? this.#byMeaning.size;
    this.#byMeaning.set(meaning, id);
    this.#ids.set(term, id);
    return id;
  }
}

/** Without what Python needs and a spec does not say. */
const bare = (code: string): string => code.replace(/\.output\b|\.view\(-1(, 1)*\)|[\s"]/g, '');

/** Not written out twice. */
function isCostly(term: Term): boolean {
  if (term.kind === 'number' || term.kind === 'boolean') return false;
  return (
    term.shape.length > 0 ||
    reachableTerms([term]).some(({ kind }) => kind === 'network' || kind === 'gradient')
  );
}

/** What a term says beside its inputs. */
function own(term: Term): readonly (string | number)[] {
  switch (term.kind) {
    case 'number':
      return ['number', String(term.value)];
    case 'word':
    case 'boolean':
      return [term.kind, String(term.value)];
    case 'hyper':
    case 'schedule':
    case 'state':
      return [term.kind, term.name];
    case 'register':
      return [term.kind, term.phase, term.name];
    case 'data':
    case 'labels':
      return [term.kind, term.stream];
    case 'noise':
      return [term.kind, term.noise.name, term.draw];
    case 'local':
    case 'field':
      return [term.kind, term.key];
    case 'network':
      return [term.kind, term.network.name];
    case 'apply':
      return [term.kind, term.function, term.extent];
    case 'step':
    case 'steps':
    case 'gradient':
      return [term.kind];
    default:
      throw new Error(`internal: unknown term ${String(term satisfies never)}`);
  }
}

/** Numbers of the run, as they stand anywhere `run` is known. */
export function runNumber(term: Term, schedules: ReadonlyMap<string, string>): Python {
  switch (term.kind) {
    case 'hyper':
      return name(`run.hyper["${term.name}"]`);
    case 'state':
      return name(`run.state["${term.name}"]`);
    case 'register':
      return name(`run.values["${term.phase}/${term.name}"]`);
    case 'step':
    case 'steps':
      return name(`run.${term.kind}`);
    case 'schedule':
      return call(schedules.get(term.name)!, name('run'));
    default:
      throw new Error(`internal: ${term.kind} is no number of the run`);
  }
}

const noiseName = (noise: NoiseModel, draw: number): string =>
  draw === 0 ? noise.name : `${noise.name}_${draw}`;
