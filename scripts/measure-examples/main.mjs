// Trains the examples on pictures as a user would, measures them against bars that were fixed before (bars.mjs), and writes
// docs/examples.md with a picture of each.
//
// Usage: node scripts/measure-examples/main.mjs [EXAMPLE ...]     (needs a build; all examples take hours, one takes minutes)
//
// Runs are kept in runs/examples/ and taken up where they are finished; what was measured is kept in results.json, so that
// one example can be measured alone. Fashion-MNIST is looked for where Debian's dataset-fashion-mnist puts it, or in the
// folder that the variable FASHION_MNIST names.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { measureJudge, JUDGES, MEASUREMENTS } from './measurements.mjs';
import { samplePicture } from './picture.mjs';
import { openRun, root, trainRun } from './trained-run.mjs';
import { writePage } from './page.mjs';

const runs = join(root, 'runs/examples');
const pictures = join(root, 'docs/images/examples');
const resultsFile = new URL('./results.json', import.meta.url);
const results = JSON.parse(readFileSync(resultsFile, 'utf8'));

const folder = process.env['FASHION_MNIST'];
/** Where the data lie is no part of the example. */
const place = (name) =>
  name.startsWith('fashion-') && folder !== undefined
    ? {
        'data.x.folder': folder,
        ...(name === 'fashion-classifier' ? { 'data.held_out.folder': folder } : {}),
      }
    : {};

const train = (name, set = {}, suffix = '') =>
  trainRun({ name, set: { ...set, ...place(name) }, folder: join(runs, name + suffix) });
const trained = async (name, set, suffix) => openRun(train(name, set, suffix));

const judges = new Map();
async function judge(kind) {
  if (!judges.has(kind)) {
    const run = await trained(JUDGES[kind].name);
    results.judges[kind] = { name: JUDGES[kind].name, ...(await measureJudge(run, JUDGES[kind])) };
    judges.set(kind, run);
  }
  return judges.get(kind);
}

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !MEASUREMENTS.some((measurement) => measurement.name === name));
if (unknown.length > 0) throw new Error(`there is no measurement of ${unknown.join(', ')}`);

mkdirSync(pictures, { recursive: true });
for (const { name, system, picture, measure } of MEASUREMENTS) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const record = train(name);
  const run = await openRun(record);
  const { rowOrder, ...measured } = await measure({ run, judge, trained });
  writeFileSync(join(pictures, `${name}.png`), await samplePicture(run, picture, rowOrder));
  const { steps, seconds, cores } = record;
  const streams = [...run.program.streams.values()].map(({ data }) => data);
  results.examples[name] = {
    system,
    data: streams[0].kind,
    steps,
    minutes: seconds / 60,
    cores,
    ...measured,
  };
  writeFileSync(resultsFile, `${JSON.stringify(results, undefined, 2)}\n`);
  process.stdout.write(
    `${name}: ${measured.number} (${measured.bar}): ${measured.holds ? 'holds' : 'does not hold'}\n`,
  );
}
await writePage(results);
