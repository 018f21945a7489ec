/** What mutants are made of: examples, toys, page examples, the library's smallest systems and random architectures. */
import { readdirSync, readFileSync } from 'node:fs';
import { pageOf } from '../../spec/diagnostics/pages.js';
import { CODES } from '../diagnostics/examples.js';
import { SYSTEMS } from '../library/systems.js';
import { WRITTEN_SYSTEMS } from '../library/written-systems.js';
import { randomArchitecture } from './random-architecture.js';

export interface SeedSpec {
  readonly name: string;
  readonly text: string;
}

export interface SeedGroup {
  /** How often a mutant comes from this group, in relation to the others. */
  readonly weight: number;
  readonly specs: readonly SeedSpec[];
}

const EXAMPLES = new URL('../../examples/', import.meta.url);

function examples(folder: string): readonly SeedSpec[] {
  return readdirSync(new URL(folder, EXAMPLES))
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((name) => ({
      name: `${folder}${name}`,
      text: readFileSync(new URL(folder + name, EXAMPLES), 'utf8'),
    }));
}

async function pageExamples(): Promise<readonly SeedSpec[]> {
  const pages = await Promise.all(CODES.map(async (code) => [code, await pageOf(code)] as const));
  return pages.flatMap(([code, { bad, good }]) =>
    [bad, good].flatMap((example) =>
      example.kind === 'spec' ? [{ name: `page ${code}`, text: example.text }] : [],
    ),
  );
}

export async function seedGroups(): Promise<readonly SeedGroup[]> {
  const architectures = Array.from({ length: 40 }, (_, i) => ({
    name: `random architecture ${i + 1}`,
    text: randomArchitecture(i + 1).text,
  }));
  return [
    { weight: 3, specs: [...SYSTEMS, ...WRITTEN_SYSTEMS] },
    { weight: 3, specs: examples('toy/') },
    { weight: 3, specs: examples('') },
    { weight: 1, specs: examples('large/') },
    { weight: 2, specs: await pageExamples() },
    { weight: 3, specs: architectures },
  ];
}
