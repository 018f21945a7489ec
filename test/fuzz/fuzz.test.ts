/**
 * Whatever a spec says, the answer is a diagnostic with a place or a program that runs, soon: never an exception. Mutant
 * `number` of FUZZ_SEED is the same text for ever: FUZZ_FIRST=number FUZZ_COUNT=1 tries it alone.
 */
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { check } from '../../compiler/compile.js';
import { folderLibrary } from '../../runtimes/node/library-source.js';
import type { LibrarySource } from '../../spec/spec.js';
import { pick, seededRandom, type Random } from '../ops/random.js';
import { mutate, phrasesOf, type EditName } from './mutate-spec.js';
import { seedGroups, type SeedSpec } from './seed-specs.js';
import { trySpec, type Attempt, type Outcome } from './try-spec.js';

const heavy = process.env['HEAVY'] !== undefined;
const setting = (name: string, otherwise: number): number => Number(process.env[name] ?? otherwise);
const SEED = setting('FUZZ_SEED', 20170331);
const FIRST = setting('FUZZ_FIRST', 0);
const COUNT = setting('FUZZ_COUNT', heavy ? 20_000 : 300);
/** Of the process, for one mutant: what others do on the machine does not count. */
const MILLISECONDS = 5000;
/** Where a mutant that never ends can be found. */
const LAST = join(tmpdir(), 'began-compile-fuzz-last.yaml');

const library = folderLibrary();
const groups = await seedGroups();
const specs = groups.flatMap((group) => group.specs);
const phrases = phrasesOf([
  ...specs.map(({ text }) => text),
  ...library.names().map((name) => library.read(name)!.text),
]);
const weighted = groups.flatMap((group) => Array.from({ length: group.weight }, () => group.specs));

interface Mutant {
  readonly title: string;
  readonly attempt: Attempt;
  /** Everything that is needed to try it again. */
  readonly whole: string;
}

function mutantOf(number: number): Mutant {
  const random = seededRandom(`mutant ${number} of ${SEED}`);
  const seed = pick(random, pick(random, weighted));
  // Most with a small batch, so that the step is a short one.
  const batch = random() < 0.8 ? String(1 + Math.floor(random() * 6)) : undefined;
  const shrink = (text: string): string =>
    batch === undefined ? text : text.replace(/(?<=^train:.*\bbatch: )\w+/m, batch);
  const readSpec: Attempt['readSpec'] = (path) => {
    const base = specs.find(({ name }) => `./${name}` === path);
    return base && { name: path, text: shrink(base.text) };
  };
  const spec = { name: seed.name, text: shrink(seed.text) };
  const used = random() < 0.25 ? usedEntries(spec, readSpec) : [];
  return used.length > 0
    ? mutantOfLibrary(number, spec, pick(random, used), readSpec, random)
    : mutantOfSpec(number, spec, readSpec, random);
}

const titleOf = (number: number, name: string, edits: readonly EditName[]): string =>
  `mutant ${number} of seed ${SEED}: ${name}, ${edits.join(', ')}`;

function mutantOfSpec(
  number: number,
  { name, text }: SeedSpec,
  readSpec: Attempt['readSpec'],
  random: Random,
): Mutant {
  const mutant = mutate(text, random, phrases);
  return {
    title: titleOf(number, name, mutant.edits),
    attempt: { source: { name: 'mutant.yaml', text: mutant.text }, library, readSpec },
    whole: mutant.text,
  };
}

function mutantOfLibrary(
  number: number,
  { name, text }: SeedSpec,
  entry: string,
  readSpec: Attempt['readSpec'],
  random: Random,
): Mutant {
  const file = library.read(entry)!;
  const mutant = mutate(file.text, random, phrases);
  const changed = { name: file.name, text: mutant.text };
  return {
    title: titleOf(number, `${entry} of the library in ${name}`, mutant.edits),
    attempt: {
      source: { name: 'mutant.yaml', text },
      library: {
        names: () => library.names(),
        read: (wanted) => (wanted === entry ? changed : library.read(wanted)),
      },
      readSpec,
    },
    whole: `${text}\n# ${file.name}\n${mutant.text}`,
  };
}

/** The entries of the library that a spec reads, those of entries included. */
function usedEntries({ name, text }: SeedSpec, readSpec: Attempt['readSpec']): readonly string[] {
  const used = new Set<string>();
  const noting: LibrarySource = {
    names: () => library.names(),
    read: (entry) => {
      used.add(entry);
      return library.read(entry);
    },
  };
  check({ name, text }, noting, { readSpec });
  return [...used].filter((entry) => library.read(entry) !== undefined);
}

describe(`${COUNT} mutated specs from number ${FIRST}, FUZZ_SEED=${SEED}`, () => {
  it(
    'are refused with a diagnostic, or train a step',
    async () => {
      const outcomes: Record<Outcome, number> = { refused: 0, model: 0, program: 0, 'not finite': 0, ran: 0 };
      const failures: string[] = [];
      let slowest = { milliseconds: 0, title: 'none' };
      for (let number = FIRST; number < FIRST + COUNT; number++) {
        const { title, attempt, whole } = mutantOf(number);
        writeFileSync(LAST, whole);
        const before = process.cpuUsage();
        try {
          outcomes[await trySpec(attempt)] += 1;
        } catch (error) {
          failures.push(`${title}\n${(error as Error).stack ?? String(error)}\n${whole}`);
        }
        const { user, system } = process.cpuUsage(before);
        const milliseconds = (user + system) / 1000;
        if (milliseconds > slowest.milliseconds) slowest = { milliseconds, title };
        if (milliseconds > MILLISECONDS) failures.push(`${title}\ntook ${milliseconds} ms\n${whole}`);
      }
      const counts = Object.entries(outcomes).map(([outcome, count]) => `${outcome} ${count}`);
      process.stdout.write(
        `${counts.join(', ')}; slowest ${slowest.milliseconds.toFixed(0)} ms: ${slowest.title}; seed ${SEED}\n`,
      );
      expect(failures.length, failures.slice(0, 20).join('\n\n--------\n')).toBe(0);
      // Mutants that are all refused, or none of them, would test nothing.
      if (COUNT < 200) return;
      expect(outcomes.ran / COUNT).toBeGreaterThan(0.15);
      expect(outcomes.refused / COUNT).toBeGreaterThan(0.25);
    },
    COUNT * 1000 + 120_000,
  );
});
