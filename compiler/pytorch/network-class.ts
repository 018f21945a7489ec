/** A network as classes of PyTorch: one for the network, one for every block, group and branch in it. */
import { inputKey } from '../model/instantiate.js';
import { flattenLayers, type LayerModel, type NetworkModel } from '../model/network.js';
import { formatShape } from '../model/symbolic-shape.js';
import { reachableTerms, type Term } from '../model/term.js';
import type { Imports } from './imports.js';
import { layerPython, WRAPS, type LayerPlace } from './layers.js';
import { attributeName, capitalised, Names } from './names.js';
import {
  assign,
  binary,
  call,
  callWith,
  docstring,
  flat,
  lines,
  name,
  number,
  tuple,
  type Python,
} from './python.js';
import { isComputed, isNumber, termPython } from './term-python.js';

/** A value from outside that layers of a network read: a schedule, a hyper value, labels. */
export interface OuterValue {
  readonly name: string;
  readonly term: Term;
}

export interface NetworkClass {
  readonly className: string;
  /** All classes, those that are used before those that use them. */
  readonly code: readonly string[];
  /** Handed to every call by name. */
  readonly outer: readonly OuterValue[];
  /** Where equations read taps or branches: the attribute of each key; the output itself is `.output`. */
  readonly fields: ReadonlyMap<string, string>;
}

/**
 * @param inputNames as the spec has them; undefined where it names none
 * @param read keys of taps and branches that equations read
 */
export function networkClass(
  network: NetworkModel,
  inputNames: readonly string[] | undefined,
  read: ReadonlySet<string>,
  imports: Imports,
  classNames: Names,
): NetworkClass {
  const used = new Set([...read, ...readKeys(network.layers)]);
  const shared: Shared = { imports, classNames, read, used, code: [] };
  const writer = new ModuleWriter(shared, network.name, capitalisedName(network.name));
  const fields = [...network.named.keys()].filter((key) => read.has(key));
  const inputs = network.inputs.map((_, i) => ({ key: inputKey(i), wanted: inputNames?.[i] ?? 'x' }));
  const result = `${writer.className}Output`;
  const shapes = `${network.inputs.map(({ shape }) => formatShape(shape)).join(', ')} -> ${formatShape(network.outputShape)}`;
  const written = writer.write(
    network.layers,
    inputs,
    fields,
    `\`${network.name}\`: ${shapes}.`,
    (x, exported) => (exported.length === 0 ? x : call(result, x, ...exported)),
  );
  const attributes = new Names(['output', 'count', 'index']);
  const byKey = new Map(written.exported.map((key) => [key, attributes.take(lastPart(key))]));
  const tupleClass =
    byKey.size === 0
      ? []
      : [
          `class ${result}(${imports.namedTuple()}):`,
          ...docstring(`What \`${network.name}\` makes: its output, taps and branches.`, 1),
          '',
          ...['output', ...byKey.values()].map((field) => `    ${field}: ${imports.torch('Tensor')}`),
          '',
          '',
        ];
  return {
    className: writer.className,
    code: [...tupleClass, ...shared.code],
    outer: written.outer,
    fields: byKey,
  };
}

/** What the classes of one network share. */
interface Shared {
  readonly imports: Imports;
  readonly classNames: Names;
  /** Keys that equations read. */
  readonly read: ReadonlySet<string>;
  /** Keys that equations or layers read. */
  readonly used: ReadonlySet<string>;
  readonly code: string[];
}

interface Input {
  readonly key: string;
  readonly wanted: string;
}

const lastPart = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
const capitalisedName = (network: string): string =>
  /^[A-Za-z]\w*$/.test(network) ? network : capitalised(network);

class ModuleWriter {
  readonly className: string;
  readonly #shared: Shared;
  readonly #prefix: string;
  readonly #names = new Names(['x']);
  readonly #parts: { readonly attribute: string; readonly made: Python }[] = [];
  readonly #body: string[] = [];
  readonly #locals = new Map<string, string>();
  /** Inputs of the network that layers in here read although they are not handed on from layer to layer. */
  readonly #borrowed = new Map<string, string>();
  readonly #outer = new Map<string | Term, OuterValue>();
  #current: Python = name('x');
  #variable = 'x';

  constructor(shared: Shared, prefix: string, wanted: string) {
    this.#shared = shared;
    this.#prefix = prefix;
    this.className = shared.classNames.take(wanted);
  }

  write(
    layers: readonly LayerModel[],
    inputs: readonly Input[],
    wanted: readonly string[],
    about: string,
    result: (x: Python, exported: readonly Python[]) => Python,
    isBlock = false,
  ): {
    /** How the module is made. */
    readonly made: Python;
    readonly borrowed: readonly string[];
    readonly outer: readonly OuterValue[];
    readonly exported: readonly string[];
  } {
    const readsFirst = readKeys(layers).has(inputs[0]!.key);
    const names = inputs.map(({ key, wanted: like }, i) => {
      const own = i === 0 && like === 'x' ? 'x' : this.#names.take(like);
      this.#locals.set(key, own);
      return own;
    });
    // The tensor that goes from layer to layer is `x`, unless that is an input which is read again.
    this.#variable = readsFirst && names[0] === 'x' ? this.#names.take('h') : 'x';
    this.#current = name(names[0]!);
    this.#list(layers);
    const exported = wanted.filter((key) => this.#locals.has(key));
    const given = result(
      this.#current,
      exported.map((key) => name(this.#locals.get(key)!)),
    );
    const outer = [...this.#outer.values()];
    const borrowed = [...this.#borrowed.values()];
    const parameters = ['self', ...names, ...borrowed, ...outer.map((value) => value.name)];
    const { imports, code } = this.#shared;
    const [only, ...more] = this.#parts;
    const isCall =
      flat(given) === `self.${only?.attribute}(x)` && this.#body.length === 0 && more.length === 0;
    // One layer under a name needs no class.
    if (isBlock && only !== undefined && isCall) {
      const named = callWith(imports.orderedDict(), [{ label: only.attribute, value: only.made }]);
      return { made: call(imports.nn('Sequential'), named), borrowed: [], outer: [], exported: [] };
    }
    const parts = this.#parts.flatMap(({ attribute, made }) => lines(`self.${attribute} = `, made, '', 2));
    const made =
      parts.length === 0 ? [] : ['    def __init__(self):', '        super().__init__()', ...parts, ''];
    code.push(
      `class ${this.className}(${imports.nn('Module')}):`,
      ...docstring(about, 1),
      '',
      ...made,
      ...lines(
        'def forward',
        callWith(
          '',
          parameters.map((one) => ({ value: name(one) })),
        ),
        ':',
        1,
      ),
      ...this.#body,
      ...lines('return ', given, '', 2),
      '',
      '',
    );
    return { made: call(this.className), borrowed: [...this.#borrowed.keys()], outer, exported };
  }

  #list(layers: readonly LayerModel[]): void {
    for (let i = 0; i < layers.length;) {
      const block = this.#blockOf(layers[i]!);
      if (block === undefined) {
        this.#layer(layers[i++]!);
        continue;
      }
      let end = i;
      while (end < layers.length && this.#blockOf(layers[end]!) === block) end++;
      this.#flush();
      this.#current = this.#child(block, layers.slice(i, end), this.#current, this.#variable);
      i = end;
    }
  }

  /** The block within this module that a layer belongs to. */
  #blockOf({ path }: LayerModel): string | undefined {
    const inner = path.slice(this.#prefix.length + 1);
    const end = inner.indexOf('/');
    return end < 0 ? undefined : inner.slice(0, end);
  }

  #layer(layer: LayerModel): void {
    if (!WRAPS.has(layer.kind)) this.#flush();
    this.#current = layerPython(layer, this.#current, this.#place);
  }

  /**
   * Layers as a module of their own, called. What equations read inside it comes out beside its result, which is then assigned
   * to `target`.
   */
  #child(block: string, layers: readonly LayerModel[], x: Python, target: string): Python {
    const prefix = `${this.#prefix}/${block}`;
    const child = new ModuleWriter(this.#shared, prefix, `${this.className}${capitalised(block)}`);
    const wanted = [...this.#shared.read].filter((key) => key.startsWith(`${prefix}/`));
    const shape = `${formatShape(layers[0]!.inputShape)} -> ${formatShape(layers.at(-1)!.outputShape)}`;
    const { made, borrowed, outer, exported } = child.write(
      layers,
      [{ key: NO_KEY, wanted: 'x' }],
      wanted,
      `\`${prefix}\`: ${shape}.`,
      (result, others) => (others.length === 0 ? result : tuple([result, ...others])),
      true,
    );
    const attribute = attributeName(block);
    this.#parts.push({ attribute, made });
    const called = call(
      `self.${attribute}`,
      x,
      ...borrowed.map((key) => this.#local(key)),
      ...outer.map(({ term }) => this.#outside(term)),
    );
    if (exported.length === 0) return called;
    const names = exported.map((key) => {
      const own = this.#names.take(lastPart(key));
      this.#locals.set(key, own);
      return own;
    });
    this.#body.push(...lines(`${[target, ...names].join(', ')} = `, called, '', 2));
    return name(target);
  }

  /** Writes what is computed so far to the variable. */
  #flush(): void {
    if (this.#current.kind === 'atom' && /^\w+$/.test(this.#current.code)) return;
    this.#body.push(...assign(this.#variable, this.#current, 2));
    this.#current = name(this.#variable);
  }

  get #place(): LayerPlace {
    return {
      imports: this.#shared.imports,
      part: (layer, made) => {
        const attribute = attributeName(lastPart(layer.path));
        this.#parts.push({ attribute, made });
        return `self.${attribute}`;
      },
      term: (term) => this.#term(term),
      local: (key) => this.#local(key),
      tap: (layer, x) => {
        if (this.#shared.used.has(layer.name)) this.#name(layer.name, x);
        return x;
      },
      branch: (layer, x) => {
        this.#branch(layer, x);
        return x;
      },
      residual: (layer, x) => this.#residual(layer, x),
    };
  }

  #branch(layer: Extract<LayerModel, { kind: 'branch' }>, x: Python): void {
    const start = layer.from === undefined ? x : this.#term(layer.from);
    const own = this.#names.take(lastPart(layer.name));
    this.#locals.set(layer.name, own);
    const result =
      layer.layers.length === 0 ? start : this.#child(lastPart(layer.path), layer.layers, start, own);
    if (result.kind === 'atom' && result.code === own) return;
    if (this.#shared.used.has(layer.name)) this.#body.push(...assign(own, result, 2));
    // Nobody reads it, but statistics move with it.
    else if (drawsOrFollows(layer.layers)) this.#body.push(...lines('', result, '', 2));
  }

  #name(key: string, x: Python): void {
    const own = this.#names.take(lastPart(key));
    this.#locals.set(key, own);
    this.#body.push(...assign(own, x, 2));
  }

  #residual(layer: Extract<LayerModel, { kind: 'residual' }>, x: Python): Python {
    const identity = name(this.#names.take('identity'));
    this.#body.push(...lines('', identity, ` = ${flat(x)}`, 2));
    this.#list(layer.layers);
    this.#flush();
    if (layer.carry === undefined) return binary('+', identity, this.#current);
    const carry = this.#term(layer.carry);
    const rest = binary('-', number(1), carry);
    return binary('+', binary('*', carry, identity), binary('*', rest, this.#current));
  }

  #local(key: string): Python {
    const own = this.#locals.get(key) ?? this.#borrowed.get(key);
    if (own !== undefined) return name(own);
    const borrowed = this.#names.take(key.startsWith('input#') ? key.replace('#', '') : lastPart(key));
    this.#borrowed.set(key, borrowed);
    return name(borrowed);
  }

  /** Own tensors by their names; what comes from outside is handed in. */
  #term(term: Term): Python {
    if (term.kind === 'local') return this.#local(term.key);
    if (readsLocals(term) || isNumber(term)) {
      if (isComputed(term)) return termPython(term, (part) => this.#term(part), this.#shared.imports);
    }
    return this.#outside(term);
  }

  #outside(term: Term): Python {
    const { key, wanted } = outerName(term);
    const known = this.#outer.get(key) ?? { name: this.#names.take(wanted), term };
    this.#outer.set(key, known);
    return name(known.name);
  }
}

/** By what a value from outside is known, and what it is called where that is free. */
function outerName(term: Term): { readonly key: string | Term; readonly wanted: string } {
  switch (term.kind) {
    case 'hyper':
    case 'schedule':
    case 'state':
    case 'register':
      return { key: `${term.kind}/${term.name}`, wanted: term.name };
    case 'step':
    case 'steps':
      return { key: term.kind, wanted: term.kind };
    case 'data':
      return { key: `data/${term.stream}`, wanted: term.stream };
    case 'labels':
      return { key: `labels/${term.stream}`, wanted: `${term.stream}_labels` };
    case 'noise':
      return { key: `noise/${term.noise.name}#${term.draw}`, wanted: term.noise.name };
    default:
      return { key: term, wanted: 'value' };
  }
}

/** No layer can read the input of a block by it. */
const NO_KEY = 'block';

function readKeys(layers: readonly LayerModel[]): ReadonlySet<string> {
  const keys = new Set<string>();
  const visit = (layer: LayerModel): void => {
    for (const term of ownTerms(layer)) {
      for (const part of reachableTerms([term])) if (part.kind === 'local') keys.add(part.key);
    }
    if (layer.kind === 'skip') keys.add(layer.from);
    if (layer.kind === 'residual' || layer.kind === 'branch') layer.layers.forEach(visit);
  };
  layers.forEach(visit);
  return keys;
}

/** Whether layers draw or move statistics when they are called, so that calls and their order count. */
export const drawsOrFollows = (layers: readonly LayerModel[]): boolean =>
  flattenLayers(layers).some(
    (layer) =>
      layer.kind === 'dropout' || layer.kind === 'noise' || (layer.kind === 'norm' && layer.over === 'batch'),
  );

function ownTerms(layer: LayerModel): readonly Term[] {
  switch (layer.kind) {
    case 'embedding':
      return layer.of === undefined ? [] : [layer.of];
    case 'branch':
      return layer.from === undefined ? [] : [layer.from];
    case 'concat':
    case 'multiply':
    case 'add':
      return [layer.with];
    default:
      return [];
  }
}

const readsLocals = (term: Term): boolean => reachableTerms([term]).some(({ kind }) => kind === 'local');
