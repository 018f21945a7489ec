// Fills the tables of docs/language.md from the tables of the language, so that they cannot disagree.
// Usage: node scripts/write-language-reference.mjs [--check]   (needs a build)
import { readFileSync, writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { LAYERS } from '../dist/spec/schema/layers.js';
import { FUNCTIONS, NAMED_FUNCTIONS } from '../dist/compiler/model/functions.js';
import { SCHEDULE_FUNCTIONS } from '../dist/compiler/model/schedule-functions.js';
import { folderLibrary } from '../dist/runtimes/node/library-source.js';
import { parseLibraryEntry } from '../dist/spec/parse.js';

const target = new URL('../docs/language.md', import.meta.url);
const template = readFileSync(new URL('./language.template.md', import.meta.url), 'utf8');
const row = (...cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;

const layers = [
  row('layer', 'meaning', 'options'),
  '|---|---|---|',
  ...Object.entries(LAYERS).map(([kind, rule]) =>
    row(
      `\`${kind}\``,
      rule.description,
      Object.entries(rule.options)
        .map(([name, option]) => `**${name}**: ${option.description}`)
        .join(' '),
    ),
  ),
].join('\n');
const functions = NAMED_FUNCTIONS.map((name) =>
  row(`\`${name}(${FUNCTIONS[name].parameters.join(', ')})\``, FUNCTIONS[name].doc),
).join('\n');
const schedules = Object.values(SCHEDULE_FUNCTIONS)
  .map((rule) => row(`\`${rule.example}\``, rule.doc))
  .join('\n');
const source = folderLibrary();
const library = [...source.names()]
  .sort()
  .map((name) => row(`\`${name}\``, parseLibraryEntry(source.read(name)).entry.description))
  .join('\n');

const text = await format(
  template
    .replace('{layers}', layers)
    .replace('{functions}', functions)
    .replace('{schedules}', schedules)
    .replace('{library}', library),
  { ...(await resolveConfig(target)), parser: 'markdown' },
);
if (process.argv.includes('--check')) {
  if (readFileSync(target, 'utf8') !== text) {
    console.error(
      'docs/language.md is not what the tables say: run node scripts/write-language-reference.mjs',
    );
    process.exit(1);
  }
} else {
  writeFileSync(target, text);
}
