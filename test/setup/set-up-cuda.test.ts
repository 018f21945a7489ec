/** `setup cuda` against a TensorFlow and a package that are pretended, a mirror of our own, and the real ones where they are. */
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { addonPath } from '../../runtimes/cuda/package-folders.js';
import type { MachineFindings } from '../../runtimes/cuda/setup/choose-tensorflow.js';
import { readSetupRecord } from '../../runtimes/cuda/setup/record.js';
import { setUpCuda, type SetupOptions } from '../../runtimes/cuda/setup/set-up-cuda.js';
import type { SetupContext } from '../../runtimes/cuda/setup/setup-context.js';
import { DiagnosticError } from '../../spec/diagnostics/diagnostic.js';
import { renderDiagnostic } from '../../spec/diagnostics/render.js';
import { hasTensorflow } from '../tensorflow/python-tensorflow.js';
import { hasTools, installedFolder, Pretended } from './pretended.js';

const PLATFORM = { system: 'linux', processor: 'x64', glibc: '2.36' } as const;
const NOTHING: MachineFindings = { libraries: new Set() };
const DRIVER: MachineFindings = { driver: { version: '550.54.15' }, libraries: new Set() };

let pretended: Pretended;
let lines: string[];
beforeEach(() => {
  pretended = new Pretended();
  lines = [];
});
afterEach(() => pretended.remove());

interface Trial extends Partial<SetupOptions> {
  readonly findings?: MachineFindings;
  readonly environment?: Readonly<Record<string, string>>;
  readonly packages?: () => readonly string[];
  readonly signal?: AbortSignal;
}

/** Proxies and other people's settings are left out. */
const ENVIRONMENT = { PATH: process.env['PATH'], HOME: process.env['HOME'] };

function setUp({ findings = NOTHING, environment = {}, packages, signal, ...options }: Trial) {
  const context: SetupContext = {
    environment: { ...ENVIRONMENT, ...environment },
    packageFolders: packages ?? (() => [pretended.path('package')]),
    setupFolder: pretended.path('cache'),
    workingFolder: pretended.folder,
    report: {
      line: (label, text) => void lines.push(`${label}: ${text.replaceAll(pretended.folder, '~')}`),
      progress: () => undefined,
    },
    signal: signal ?? new AbortController().signal,
    now: () => new Date('2026-01-02T03:04:05Z'),
  };
  return setUpCuda({ patience: 60, ...options }, context, { platform: PLATFORM, find: async () => findings });
}

async function refused(trial: Trial): Promise<string> {
  try {
    await setUp(trial);
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    return error.diagnostics
      .map((diagnostic) => renderDiagnostic(diagnostic))
      .join('\n')
      .replaceAll(pretended.folder, '~');
  }
  throw new Error('not refused');
}

const addon = (): string => addonPath(pretended.path('package'));
const record = (): unknown => readSetupRecord(dirname(addon()));
/** What a setup that fails must not leave behind. */
const leftovers = (): string[] =>
  readdirSync(pretended.path('package')).filter((name) => name.startsWith('.'));

const tools = hasTools();

describe.runIf(tools)('a TensorFlow that is named', () => {
  it('by its folder: the addon is compiled for it, loaded, and recorded', async () => {
    pretended.package();
    pretended.sitePackages('site', { cuda: false });
    const state = await setUp({ tensorflow: 'site' });
    expect(state).toMatchObject({ kind: 'cpu-only', folder: pretended.path('package') });
    const compiler = spawnSync('g++', ['--version'], { encoding: 'utf8' }).stdout.split('\n', 1)[0]!;
    expect(record()).toEqual({
      from: 'folder',
      source: pretended.path('site'),
      tensorflow: '2.21.0',
      cuda: false,
      addon: compiler,
      date: '2026-01-02T03:04:05.000Z',
    });
    expect(lines).toEqual([
      `Platform: Linux x64, glibc 2.36, Node ${process.versions.node}`,
      'NVIDIA driver: none is loaded',
      'CUDA libraries: none that the loader finds',
      'TensorFlow: the one in ~/site',
      'Package: ~/package, 4.22.0',
      'TensorFlow: 2.21.0, built without CUDA, in ~/site/tensorflow',
      `Addon: compiled with ${compiler}`,
      'State: cpu-only: TensorFlow 2.21.0 runs on the CPU, with `--backend cuda --allow-cpu`; this TensorFlow is built without CUDA',
    ]);
    expect(leftovers()).toEqual([]);

    const { mtimeMs } = statSync(addon());
    lines = [];
    expect(await setUp({ tensorflow: 'site' })).toMatchObject({ kind: 'cpu-only' });
    expect(lines).toContain('Setup: nothing to do');
    expect(statSync(addon()).mtimeMs).toBe(mtimeMs);

    pretended.sitePackages('newer', { version: '2.22.0' });
    expect(await setUp({ tensorflow: 'newer' })).toMatchObject({ binding: { TF_Version: '2.22.0' } });
  });

  it('by a virtual environment, on a machine with a GPU: the state is cuda', async () => {
    pretended.package();
    pretended.sitePackages('venv/lib/python3.12/site-packages', { cuda: true });
    const environment = { PRETENDED_GPU: '1' };
    const state = await setUp({ tensorflow: 'venv', findings: DRIVER, environment });
    expect(state).toMatchObject({ kind: 'cuda', binding: { TF_Version: '2.21.0' } });
    expect(lines.at(-1)).toBe('State: cuda: TensorFlow 2.21.0 runs on the GPU, with `--backend cuda`');
    lines = [];
    // A GPU that is in use needs nothing else, whatever it was set up with.
    await setUp({ findings: DRIVER, environment });
    expect(lines).toContain('Setup: nothing to do');
  });

  it('and finds no GPU though there is a driver: that is an error', async () => {
    pretended.package();
    pretended.sitePackages('site', { cuda: true });
    expect(await refused({ tensorflow: 'site', findings: DRIVER })).toMatch(
      /^error\[cuda\/no-gpu\] TensorFlow 2\.21\.0 finds no GPU on this machine\nwhy: The NVIDIA driver 550\.54\.15 is loaded/,
    );
    expect(lines.at(-1)).toBe('State: cpu-only');
  });

  it('by a wheel, of which only what is needed is unpacked, once', async () => {
    pretended.package();
    const site = pretended.sitePackages('site', { cuda: true });
    writeFileSync(join(site, 'tensorflow', 'large.py'), 'pass\n');
    const name = 'tensorflow-2.21.0-cp312-cp312-manylinux_2_27_x86_64';
    pretended.wheel(site, `${name}.whl`);
    expect(await setUp({ tensorflow: `${name}.whl` })).toMatchObject({ kind: 'cpu-only' });
    expect(record()).toMatchObject({ from: 'wheel', tensorflow: '2.21.0', cuda: true });
    expect(readdirSync(pretended.path('cache'))).toEqual([name]);
    expect(readdirSync(pretended.path('cache', name, 'tensorflow')).sort()).toEqual([
      'include',
      'libtensorflow_cc.so.2',
      'libtensorflow_framework.so.2',
      'python',
    ]);
    expect(lines.at(-1)).toMatch(/; there is no NVIDIA driver here$/);
  });

  it('that is none', async () => {
    pretended.package();
    mkdirSync(pretended.path('empty'));
    expect(await refused({ tensorflow: 'empty' })).toMatchInlineSnapshot(`
      "error[cuda/tensorflow-files] \`empty\` holds no TensorFlow for Linux
      why: There are no \`libtensorflow_cc.so.2\`, \`libtensorflow_framework.so.2\` and \`include/tensorflow/c/c_api.h\` in it, in \`tensorflow\` or in \`lib/python3*/site-packages/tensorflow\`.
      help: Name where \`pip install tensorflow\` has put it: \`pip show tensorflow\` prints that as its location. \`--tensorflow pip\` brings one."
    `);
    writeFileSync(pretended.path('text.whl'), 'not a zip');
    expect(await refused({ tensorflow: 'text.whl' })).toMatchInlineSnapshot(`
      "error[cuda/tensorflow-files] \`text.whl\` is no wheel of TensorFlow for Linux
      why: It cannot be read: End of central directory record signature not found. Either not a zip file, or file is truncated.
      help: Fetch one with \`pip download --no-deps tensorflow\`, then name it: \`began-compile setup cuda --tensorflow WHEEL\`."
    `);
    mkdirSync(pretended.path('keras', 'keras'), { recursive: true });
    writeFileSync(pretended.path('keras', 'keras', 'a.py'), '');
    pretended.wheel(pretended.path('keras'), 'keras.whl');
    expect(await refused({ tensorflow: 'keras.whl' })).toMatchInlineSnapshot(`
      "error[cuda/tensorflow-files] \`keras.whl\` is no wheel of TensorFlow for Linux
      why: It has no \`tensorflow/libtensorflow_cc.so.2\`: it is a wheel of another package, or of another system.
      help: Fetch one with \`pip download --no-deps tensorflow\`, then name it: \`began-compile setup cuda --tensorflow WHEEL\`."
    `);
    pretended.wheel(pretended.sitePackages('site'), 'cut.whl');
    truncateSync(pretended.path('cut.whl'), 500);
    expect(await refused({ tensorflow: 'cut.whl' })).toContain('`cut.whl` is no wheel of TensorFlow');
    expect(existsSync(pretended.path('cache')) ? readdirSync(pretended.path('cache')) : []).toEqual([]);
  });

  it('and cannot be compiled or loaded: what worked before still works', async () => {
    pretended.package();
    pretended.sitePackages('site');
    await setUp({ tensorflow: 'site' });
    const [before, recordBefore] = [readFileSync(addon()), record()];

    pretended.sitePackages('broken', { header: '#error "not for you"\n' });
    const compiling = await refused({ tensorflow: 'broken' });
    expect(compiling).toContain(
      'error[cuda/build-failed] The addon of `@tensorflow/tfjs-node-gpu` cannot be compiled',
    );
    expect(compiling).toContain('error: #error "not for you"');
    pretended.sitePackages('aborting', { aborts: true });
    expect(await refused({ tensorflow: 'aborting' })).toBe(
      `error[cuda/build-failed] The new addon of \`@tensorflow/tfjs-node-gpu\` cannot be loaded
why: The loader says: the process that loads it ends with SIGABRT
What was there before is still there.
help: Set up another TensorFlow: \`began-compile setup cuda --tensorflow pip\`.`,
    );

    expect(readFileSync(addon()).equals(before)).toBe(true);
    expect(record()).toEqual(recordBefore);
    expect(leftovers()).toEqual([]);
    lines = [];
    expect(await setUp({ tensorflow: 'site' })).toMatchObject({ kind: 'cpu-only' });
    expect(lines).toContain('Setup: nothing to do');
  });

  it('and there is no compiler', async () => {
    pretended.package();
    pretended.sitePackages('site');
    const refusal = await refused({ tensorflow: 'site', environment: { PATH: pretended.path('nothing') } });
    expect(refusal).toMatch(
      /^error\[cuda\/no-compiler\] There is no C\+\+ compiler, and the addon has to be compiled for its TensorFlow\nwhy: Looked for: `g\+\+`, `c\+\+`, `clang\+\+`\.\nhelp: Run `sudo .+`, then the same setup again\.$/,
    );
    expect(await refused({ tensorflow: 'site', environment: { CXX: 'g++-nowhere' } })).toContain(
      'why: Looked for: `g++-nowhere`.',
    );
  });
});

describe.runIf(tools)('nothing is named', () => {
  it('and there is no driver: it is not guessed', async () => {
    pretended.package();
    expect(await refused({})).toContain('error[cuda/no-driver]');
  });

  it('and what fits comes from pip, into the cache, as does the package where npm has left it out', async () => {
    const site = pretended.sitePackages('site', { cuda: true });
    const packed = pretended.package();
    const own = pretended.path('cache/node_modules/@tensorflow/tfjs-node-gpu');
    pretended.command(
      'npm',
      `echo "$@" > ${pretended.path('npm-argv')}; mkdir -p ${dirname(own)}; cp -r ${packed} ${own}`,
    );
    // python3 -m pip install --disable-pip-version-check --target FOLDER REQUIREMENT
    const path = pretended.command(
      'python3',
      `echo "$7" > ${pretended.path('requirement')}; cp -r ${site} "$6"`,
    );
    const environment = { PATH: path, PRETENDED_GPU: '1' };
    const packages = () => (existsSync(own) ? [own] : []);
    const state = await setUp({ findings: DRIVER, environment, packages });
    expect(state).toMatchObject({ kind: 'cuda', folder: own });
    expect(readFileSync(pretended.path('npm-argv'), 'utf8')).toBe(
      `install --prefix ${pretended.path('cache')} --ignore-scripts --no-save --no-audit --no-fund @tensorflow/tfjs-node-gpu@4.22.0\n`,
    );
    expect(readFileSync(pretended.path('requirement'), 'utf8')).toBe('tensorflow[and-cuda]\n');
    expect(readSetupRecord(dirname(addonPath(own)))).toMatchObject({
      from: 'pip',
      source: 'tensorflow[and-cuda]',
      cuda: true,
    });
    // The libraries that pip puts beside it are found from where TensorFlow lies.
    expect(existsSync(`${own}/deps/lib/../tensorflow`)).toBe(true);
  });

  it('and pip or npm fail: it says what they say', async () => {
    const path = pretended.command('python3', 'echo "ERROR: No matching distribution found"; exit 1');
    pretended.command('npm', 'echo "npm error code E404" >&2; exit 1');
    pretended.package();
    const environment = { PATH: path };
    expect(await refused({ tensorflow: 'pip', environment })).toMatchInlineSnapshot(`
      "error[cuda/download-failed] \`tensorflow[and-cuda]\` cannot be installed
      why: \`pip\` says:
      ERROR: No matching distribution found
      help: Try \`python3 -m pip download 'tensorflow[and-cuda]'\`, with a Python that TensorFlow has wheels for; or name what another machine has downloaded: \`began-compile setup cuda --tensorflow WHEEL\`."
    `);
    expect(await refused({ tensorflow: 'pip', environment, packages: () => [] })).toMatchInlineSnapshot(`
      "error[cuda/download-failed] The package \`@tensorflow/tfjs-node-gpu\` cannot be installed
      why: \`npm\` says:
      npm error code E404
      help: Once \`npm install --prefix ~/cache --ignore-scripts --no-save --no-audit --no-fund @tensorflow/tfjs-node-gpu@4.22.0\` works, run the same setup again."
    `);
  });
});

/** A server of our own; its address. */
async function mirror(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const LIBRARY = '/tensorflow/libtensorflow/libtensorflow-gpu-linux-x86_64-2.9.1.tar.gz';
const PREBUILT = '/tf-builds/pre-built-binary/napi-v8/4.22.0/GPU-linux-4.22.0.tar.gz';

/** Files by their paths; 404 for others. */
const serve =
  (files: Readonly<Record<string, string>>): RequestListener =>
  ({ url }, response) => {
    const file = files[url ?? ''];
    response.writeHead(file === undefined ? 404 : 200);
    response.end(file === undefined ? 'no such file' : readFileSync(file));
  };

if (tools && installedFolder === undefined) {
  process.stderr.write('SKIPPED: without @tensorflow/tfjs-node-gpu its installer is not tried.\n');
}

describe.runIf(tools && installedFolder !== undefined)('the stock TensorFlow, from a mirror', () => {
  it('comes with its addon', async () => {
    pretended.package();
    // An addon to serve: what a setup for the same library has compiled.
    pretended.cLibrary('library');
    await setUp({ tensorflow: 'library' });
    mkdirSync(pretended.path('prebuilt'));
    cpSync(addon(), pretended.path('prebuilt/napi-v8/tfjs_binding.node'));
    const url = await mirror(
      serve({
        [LIBRARY]: pretended.tarball(pretended.path('library'), 'library.tar.gz'),
        [PREBUILT]: pretended.tarball(pretended.path('prebuilt'), 'addon.tar.gz'),
      }),
    );
    lines = [];
    expect(await setUp({ tensorflow: 'stock', mirror: url })).toMatchObject({
      kind: 'cpu-only',
      binding: { TF_Version: '2.9.1' },
    });
    expect(record()).toEqual({
      from: 'stock',
      source: url + LIBRARY,
      tensorflow: '2.9.1',
      addon: 'prebuilt',
      date: '2026-01-02T03:04:05.000Z',
    });
    expect(lines).toContain('Addon: prebuilt');
    expect(existsSync(pretended.path('package/deps/lib/libtensorflow.so.2'))).toBe(true);
    expect(leftovers()).toEqual([]);
  });

  it('is compiled for where the server has no addon', async () => {
    pretended.package();
    const library = pretended.tarball(pretended.cLibrary('library'), 'library.tar.gz');
    const url = await mirror(serve({ [LIBRARY]: library }));
    expect(await setUp({ tensorflow: 'stock', mirror: `${url}/` })).toMatchObject({ kind: 'cpu-only' });
    expect(lines).toContain('Addon: none is to be had prebuilt');
    expect(record()).toMatchObject({ from: 'stock', addon: expect.stringMatching(/^g\+\+/) as string });
  });

  it('is refused with what the server answers, and what worked before still works', async () => {
    pretended.package();
    pretended.sitePackages('site');
    await setUp({ tensorflow: 'site' });
    const url = await mirror(serve({}));
    expect(await refused({ tensorflow: 'stock', mirror: url })).toBe(
      `error[cuda/download-failed] The stock TensorFlow cannot be downloaded
why: \`${url}${LIBRARY}\` answers 404 Not Found.
What was there before is still there.
help: \`began-compile setup cuda --tensorflow stock --mirror URL\` takes the same files from another server; \`began-compile setup cuda --tensorflow pip\` takes a current TensorFlow from the package index of Python.`,
    );
    expect(leftovers()).toEqual([]);
    lines = [];
    await setUp({ tensorflow: 'site' });
    expect(lines).toContain('Setup: nothing to do');
  });

  it('is refused where the archive holds something else', async () => {
    pretended.package();
    mkdirSync(pretended.path('other'));
    writeFileSync(pretended.path('other/README'), 'moved');
    const other = pretended.tarball(pretended.path('other'), 'other.tar.gz');
    const url = await mirror(serve({ [LIBRARY]: other }));
    expect(await refused({ tensorflow: 'stock', mirror: url })).toContain(
      'error[cuda/download-failed] The stock TensorFlow cannot be downloaded',
    );
  });

  it('is given up where the server never answers, or stops half way', async () => {
    pretended.package();
    const silent = await mirror(() => undefined);
    expect(await refused({ tensorflow: 'stock', mirror: silent, patience: 2 })).toContain(
      `why: \`${silent}${LIBRARY}\` has sent nothing for 2 s.\n`,
    );
    const library = readFileSync(pretended.tarball(pretended.cLibrary('library'), 'library.tar.gz'));
    const halting = await mirror((_request, response) => {
      response.writeHead(200, { 'content-length': library.length });
      response.write(library.subarray(0, library.length / 2));
    });
    expect(await refused({ tensorflow: 'stock', mirror: halting, patience: 2 })).toContain(
      'has sent nothing for 2 s.',
    );
  });

  it('is stopped by Ctrl-C at once, with its programs, and leaves nothing', async () => {
    pretended.package();
    const interruption = new AbortController();
    let closed: (() => void) | undefined;
    const disconnected = new Promise<void>((resolve) => (closed = resolve));
    const silent = await mirror((request) => {
      request.socket.on('close', () => closed!());
      interruption.abort();
    });
    await expect(setUp({ tensorflow: 'stock', mirror: silent, signal: interruption.signal })).rejects.toThrow(
      'aborted',
    );
    await disconnected;
    expect(leftovers()).toEqual([]);
    expect(existsSync(addon())).toBe(false);
  });
});

describe.runIf(tools && installedFolder !== undefined && hasTensorflow())(
  'the real TensorFlow of Python',
  () => {
    it('is built for the real addon, in a copy of the package', { timeout: 180_000 }, async () => {
      const copy = pretended.path('package');
      mkdirSync(copy);
      for (const part of ['package.json', 'binding']) {
        cpSync(join(installedFolder!, part), join(copy, part), { recursive: true });
      }
      const python = process.env['BEGAN_COMPILE_TENSORFLOW_PYTHON'] ?? 'python3';
      const program =
        'import importlib.util as u; print(u.find_spec("tensorflow").submodule_search_locations[0])';
      const tensorflow = spawnSync(python, ['-c', program], { encoding: 'utf8' }).stdout.trim();
      const state = await setUp({ tensorflow });
      const { tensorflow: version } = readSetupRecord(dirname(addon()))!;
      expect(version).toMatch(/^2\.\d+\.\d+/);
      expect(state).toMatchObject({ folder: copy, binding: { TF_Version: version } });
      expect(lines).toContainEqual(expect.stringContaining(`TensorFlow: ${version}, built with`));
    });
  },
);
