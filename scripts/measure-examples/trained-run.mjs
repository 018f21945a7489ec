// Runs of the command, opened with the public API: any output, on as many examples as are asked for.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import {
  compile,
  DiagnosticError,
  overrideSpec,
  readCheckpoint,
  restoreCheckpoint,
  TrainingSession,
  WasmEngine,
} from '../../dist/index.js';
import { folderLibrary, openData } from '../../dist/runtimes/node/index.js';

export const root = fileURLToPath(new URL('../..', import.meta.url));
const command = join(root, 'dist/runtimes/cli/main.js');
const library = folderLibrary();
const loaded = new Map();

/**
 * Trains `examples/NAME.yaml` with the command as a user would (`set` is what `--set` takes) into `folder`, unless a
 * finished run is there. A run of other equations, networks or data is refused: its numbers would be another spec's.
 */
export function trainRun({ name, set = {}, folder }) {
  const path = join('examples', `${name}.yaml`);
  const overrides = Object.entries(set).map(([key, value]) => ({ path: key, value: String(value) }));
  if (!existsSync(join(folder, 'run.json'))) {
    const options = overrides.flatMap((override) => ['--set', `${override.path}=${override.value}`]);
    const { status } = spawnSync(process.execPath, [command, 'run', path, ...options, '--out', folder], {
      cwd: root,
      stdio: 'inherit',
    });
    if (status !== 0) throw new Error(`began-compile run ${path} ended with ${status}`);
  }
  const record = JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8'));
  if (record.status !== 'finished') throw new Error(`${folder} is not finished`);
  const file = join(root, path);
  const source = overrideSpec({ name: file, text: readFileSync(file, 'utf8') }, overrides, { readSpec });
  const program = programOf(source);
  const trained = programOf({ name: file, text: readFileSync(join(folder, 'spec.yaml'), 'utf8') });
  if (!isDeepStrictEqual(trainedPart(trained), trainedPart(program))) {
    throw new Error(`${relative(root, folder)} was trained from another text of ${path}: remove it`);
  }
  const seconds = record.sessions.reduce((sum, session) => sum + session.seconds, 0);
  return { program, folder, steps: record.step, seconds, cores: record.sessions[0].machine.cores };
}

/** Files that a spec extends. */
function readSpec(path, from) {
  const name = join(dirname(from.name), path);
  return existsSync(name) ? { name, text: readFileSync(name, 'utf8') } : undefined;
}

function programOf(source) {
  const { program, diagnostics } = compile(source, library, { readSpec });
  if (program === undefined) throw new DiagnosticError(diagnostics);
  return program;
}

/** What the weights of a run depend on: everything but outputs, and where in the text it stands. */
function trainedPart({ phases, state, streams, batch, steps, seed }) {
  return withoutPlaces({ phases, state, streams, batch, steps, seed });
}

function withoutPlaces(value) {
  if (value instanceof Map) return [...value].map(withoutPlaces);
  if (Array.isArray(value)) return value.map(withoutPlaces);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(
    ([key]) => key !== 'span' && key !== 'origin' && key !== 'origins',
  );
  return Object.fromEntries(entries.map(([key, part]) => [key, withoutPlaces(part)]));
}

/** A session at a run's newest checkpoint, with all data of its spec. */
export async function openRun({ program, folder }) {
  const engine = new WasmEngine();
  const executable = await engine.load(program);
  const examples = new Map();
  for (const [name, { shape, data }] of program.streams) {
    if (data.kind !== 'labels') examples.set(name, await load(data, shape));
  }
  const session = await TrainingSession.create({ program, executable, examples });
  const checkpoints = join(folder, 'checkpoints');
  const file = readFileSync(join(checkpoints, 'latest'), 'utf8').trim();
  await restoreCheckpoint(session, readCheckpoint(readFileSync(join(checkpoints, file)), file), engine.name);
  return { session, program };
}

/** Decoded once however many runs read it. */
async function load(data, shape) {
  const key = JSON.stringify([data, shape], (name, value) => (name === 'span' ? undefined : value));
  if (!loaded.has(key)) {
    const cacheDirectory = data.kind === 'facesjs' ? join(root, '.cache', 'began-compile') : undefined;
    const source = openData({ data, shape, baseDirectory: join(root, 'examples'), cacheDirectory });
    loaded.set(key, (await source.load()).examples);
  }
  return loaded.get(key);
}
