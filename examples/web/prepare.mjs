/**
 * What the page loads: the faces that it trains on, as one picture, and a model. Of `runs/faces-32` where `npm start` has
 * left that run, else with the weights that a run starts with.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { compile } from 'began-compile';
import { encodePng, folderLibrary, imageGrid, openData } from 'began-compile/node';

const at = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const { values: options } = parseArgs({
  options: {
    run: { type: 'string', default: at('runs/faces-32') },
    faces: { type: 'string', default: '2000' },
    out: { type: 'string', default: at('.cache/web') },
  },
});
const SPEC = at('examples/faces-32.yaml');
const COLUMNS = 50;

const folder = resolve(options.out);
mkdirSync(folder, { recursive: true });

if (!existsSync(`${folder}/faces.json`)) {
  const text = readFileSync(SPEC, 'utf8').replace('facesjs: 4000', `facesjs: ${options.faces}`);
  const { program, diagnostics } = compile({ name: SPEC, text }, folderLibrary());
  if (program === undefined) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  const { shape, data } = program.streams.get('x');
  const { examples } = await openData({ data, shape, baseDirectory: at('examples') }).load();
  const { count, width, height, channels, pixels } = examples;
  const sheet = imageGrid({ pixels, width, height, channels, columns: COLUMNS, gap: 0 });
  writeFileSync(`${folder}/faces.png`, encodePng(sheet));
  writeFileSync(`${folder}/faces.json`, JSON.stringify({ count, width, height, columns: COLUMNS }));
  console.log(`${count} faces: ${folder}/faces.png`);
}

const source = existsSync(options.run) ? options.run : SPEC;
if (source === SPEC) {
  console.log(`There is no ${options.run}, so the page shows an untrained generator; npm start trains one.`);
}
const command = at('dist/runtimes/cli/main.js');
const wanted = ['--outputs', 'generate', '--weights', 'float16', '--out', `${folder}/model`];
const { status } = spawnSync(process.execPath, [command, 'build', source, ...wanted], { stdio: 'inherit' });
process.exit(status ?? 2);
