/** Names of a spec as names of Python. */

const KEYWORDS = (
  'False None True and as assert async await break class continue def del elif else except finally for from global if import ' +
  'in is lambda nonlocal not or pass raise return try while with yield match case type'
).split(' ');

/** What the emitted code itself uses. */
const TAKEN =
  'run F math torch nn start abs max min float int bool tuple list dict print str len set self super'.split(
    ' ',
  );

/** Attributes that every `nn.Module` has. */
const MODULE_ATTRIBUTES = new Set(
  (
    'training forward parameters buffers modules children named_parameters named_buffers named_modules named_children ' +
    'train eval type float double half bfloat16 cpu cuda xpu ipu mtia to to_empty apply compile state_dict load_state_dict ' +
    'register_buffer register_parameter register_module add_module get_submodule set_submodule get_parameter get_buffer ' +
    'get_extra_state set_extra_state requires_grad_ zero_grad share_memory extra_repr dump_patches call_super_init ' +
    'T_destination mean variance scale offset weight bias'
  ).split(' '),
);

const isReserved = (name: string): boolean => KEYWORDS.includes(name) || MODULE_ATTRIBUTES.has(name);

/**
 * The attribute of a module that a layer or block is kept under. `support/names.py` undoes it: a `_` at the end is ours, so a
 * name that ends with one gets another.
 */
export const attributeName = (name: string): string =>
  isReserved(name) || name.endsWith('_') ? `${name}_` : name;

/** Names of one scope of Python, none of them given twice. */
export class Names {
  readonly #taken: Set<string>;

  constructor(taken: Iterable<string> = []) {
    this.#taken = new Set([...KEYWORDS, ...TAKEN, ...taken]);
  }

  /** A name like the wanted one that is free, taken from now on. */
  take(wanted: string): string {
    const base = wanted.replace(/\W+/g, '_').replace(/^(?=\d)/, '_');
    let name = base;
    for (let i = 1; this.#taken.has(name); i++) name = i === 1 ? `${base}_` : `${base}_${i}`;
    this.#taken.add(name);
    return name;
  }
}

/** `encoder` -> `Encoder`, `q_class` -> `QClass` */
export const capitalised = (name: string): string =>
  name
    .split(/[^A-Za-z0-9]+/)
    .map((part) => part.slice(0, 1).toUpperCase() + part.slice(1))
    .join('');
