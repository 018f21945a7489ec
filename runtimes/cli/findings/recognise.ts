/** Whether a YAML file is one of ours, told from its top-level keys: so also where the file is full of mistakes. */

export type Kind = 'spec' | 'library';

/** Keys that few other formats have; files of Docker Compose, for example, have `networks` alone. */
const SPEC_KEYS = ['hyper', 'data', 'noise', 'schedules', 'networks', 'objective', 'outputs', 'train'];
/** Without a choice of where to go on, which would take the square of the time in a line of many. */
const MODELINE = /^#[^$\n]*\$schema=(\S*)/gm;
const TOP_LEVEL_KEY = /^(["']?)([A-Za-z_][\w-]*)\1[ \t]*:[ \t]*(.*)$/gm;

/**
 * A spec has three of the keys of specs, or extends another YAML file and has no key of another format, or says so in a
 * modeline. A library file says `block: NAME` or `objective: NAME` besides a description.
 */
export function recognise(text: string): Kind | undefined {
  const keys = new Map([...text.matchAll(TOP_LEVEL_KEY)].map(([, , key, value]) => [key!, value!.trim()]));
  const ofSpecs = SPEC_KEYS.filter((key) => keys.has(key)).length;
  const isNamed = (key: string): boolean => /^["']?\w[\w/]*["']?( #.*)?$/.test(keys.get(key) ?? '');
  if (keys.has('description') && (isNamed('block') || isNamed('objective'))) return 'library';
  if (ofSpecs >= 3 || namesSchema(text)) return 'spec';
  const foreign = [...keys.keys()].filter((key) => !GENERAL_KEYS.has(key) && !SPEC_KEYS.includes(key));
  const extendsFile = /\.ya?ml["']?( #.*)?$/.test(keys.get('extends') ?? '');
  return extendsFile && foreign.length === 0 ? 'spec' : undefined;
}

const namesSchema = (text: string): boolean =>
  [...text.matchAll(MODELINE)].some(([, schema]) => schema!.includes('began-compile'));

const GENERAL_KEYS: ReadonlySet<string> = new Set(['version', 'title', 'extends', 'lints']);
