import { spawnSync } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { load, type LoadOptions } from '../../runtimes/artifact/index.js';
import { formatBytes } from '../../runtimes/cli/format-number.js';
import { BACKEND, TINY_SPEC, Workspace, type RunningCommand } from '../command/began-compile.js';
import { hasChromium, openChromium } from './chromium.js';

const FILES = [
  'began.d.ts',
  'began.js',
  'index.html',
  'program.json',
  'program.relaxed.wasm',
  'program.wasm',
  'shaders.gpu.json',
  'shaders.software.json',
  'weights.safetensors',
];

async function trained(): Promise<Workspace> {
  const workspace = await Workspace.create({ 'tiny.yaml': TINY_SPEC.replace('Tiny faces', 'Tiny <faces>') });
  await workspace.run('run', 'tiny.yaml', ...BACKEND, '--steps', '2', '--out', 'run');
  return workspace;
}

describe('build', () => {
  it('writes a model from a run, and says what is in it and how large it is', async () => {
    const workspace = await trained();
    const { code, out, err } = await workspace.run(
      'build',
      'run',
      '--outputs',
      'generate',
      '-o',
      'web/model',
    );
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const [head, output, blank, title, ...rows] = out.trimEnd().split('\n');
    expect([head, output, blank, title]).toEqual([
      '1 output at step 2: web/model',
      '  generate: z [8] -> pictures [16, 16, 3]',
      '',
      '  file                        size',
    ]);
    const said = rows.map((row) => row.trim().split(/ {2,}/) as [string, string]);
    const names = (await readdir(join(workspace.folder, 'web/model'))).sort();
    expect(names).toEqual(FILES);
    let total = 0;
    for (const name of names) {
      const { length } = await workspace.read(`web/model/${name}`);
      expect(said).toContainEqual([name, formatBytes(length)]);
      total += length;
    }
    expect(said.at(-1)).toEqual(['together', formatBytes(total)]);
    // Neither the compiler nor the trainer: the loader is small because it has neither.
    expect((await workspace.read('web/model/began.js')).length).toBeLessThan(32_000);
    expect(await workspace.text('web/model/index.html')).toContain('<title>Tiny &lt;faces&gt;</title>');
    const types = await workspace.text('web/model/began.d.ts');
    expect(types).toContain('export declare const load: Load;');
  });

  it('lays types beside the loader that editors check pages by', async () => {
    const workspace = await Workspace.create({
      'tiny.yaml': TINY_SPEC,
      'page.ts': `import { load, type Samples } from './model/began.js';
        const generator = await load('./model/', { backend: 'wasm' });
        const { z } = generator.draw({ seed: 2 });
        const samples: Samples = await generator.sample({ count: 4, y: 3, c: 'blond hair', z, s: [0.5, 1] });
        export const image = new ImageData(samples.picture(0).pixels, samples.width, samples.height);
        // @ts-expect-error a count is a number
        await generator.sample({ count: {} });
        // @ts-expect-error there is no such backend
        await load('./model/', { backend: 'cuda' });
      `,
    });
    await workspace.run('build', 'tiny.yaml', '--backend', 'wasm', '-o', 'model');
    const strict = ['--noEmit', '--strict', '--exactOptionalPropertyTypes'];
    const web = [
      '--target',
      'es2022',
      '--module',
      'esnext',
      '--moduleResolution',
      'bundler',
      '--lib',
      'es2022,dom',
    ];
    const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
    const { status, stdout } = spawnSync(process.execPath, [tsc, ...strict, ...web, 'page.ts'], {
      cwd: workspace.folder,
      encoding: 'utf8',
    });
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
  });

  it('takes the files of an earlier model away, and writes 16-bit weights', async () => {
    const workspace = await trained();
    await workspace.run('build', 'run', '--outputs', 'generate', '-o', 'model');
    const before = (await workspace.read('model/weights.safetensors')).length;
    await workspace.write('model/mine.txt', '');
    const options = ['--outputs', 'generate', '--weights', 'float16', '--backend', 'wasm'];
    await workspace.run('build', 'run/checkpoints/step-000002.safetensors', ...options, '-o', 'model');
    expect((await readdir(join(workspace.folder, 'model'))).sort()).toEqual(
      [...FILES.filter((name) => !name.startsWith('shaders')), 'mine.txt'].sort(),
    );
    expect((await workspace.read('model/weights.safetensors')).length).toBeLessThan(0.6 * before);
  });

  it('builds a spec with the weights that a run starts with', async () => {
    const workspace = await Workspace.create({ 'tiny.yaml': TINY_SPEC });
    const { out } = await workspace.run('build', 'tiny.yaml', '-o', 'model');
    expect(out.split('\n').slice(0, 3)).toEqual([
      '2 outputs untrained: model',
      '  generate: z [8] -> pictures [16, 16, 3]',
      '  reconstruct: x [16, 16, 3] -> pictures [16, 16, 3]',
    ]);
  });

  it('says what cannot be built', async () => {
    const workspace = await Workspace.create({ 'tiny.yaml': TINY_SPEC, file: '' });
    const cases: readonly (readonly [readonly string[], string])[] = [
      [['nothing', '-o', 'm'], 'error[run/file] The run `nothing` cannot be read: there is no such file\n\n'],
      [
        ['tiny.yaml', '--outputs', 'generate,nothing', '-o', 'm'],
        'error[run/option] There is no output `nothing`\nhelp: Use `generate` or `reconstruct`.\n\n',
      ],
      [
        ['tiny.yaml', '-o', 'file'],
        'error[run/file] `file` cannot be written: it is there, and no folder\n\n',
      ],
      [
        ['tiny.yaml', '--backend', 'cuda', '-o', 'm'],
        "error: option '--backend <names>' argument 'cuda' is invalid. Allowed are webgpu and wasm, with a comma between them.\nSee began-compile build --help\n",
      ],
      [
        ['tiny.yaml'],
        "error: required option '-o, --out <folder>' not specified\nSee began-compile build --help\n",
      ],
    ];
    for (const [argv, err] of cases) {
      expect(await workspace.run('build', ...argv)).toEqual({ code: 2, out: '', err });
    }
  });
});

describe('serve', () => {
  it('serves until Ctrl-C, and ends cleanly', async () => {
    const workspace = await Workspace.create({ 'site/index.html': '<p>home' });
    const command = workspace.start('serve', 'site', '--port', '0');
    const url = await addressOf(command);
    const page = await fetch(url);
    expect([await page.text(), page.headers.get('cross-origin-embedder-policy')]).toEqual([
      '<p>home',
      'require-corp',
    ]);
    command.signal('SIGINT');
    const { code, out, err } = await command.finished;
    expect({ code, out, err }).toEqual({ code: 0, out: `site at ${url} (Ctrl-C ends it)\n`, err: '' });
  });

  it('says what cannot be served', async () => {
    const workspace = await Workspace.create({ file: '' });
    expect((await workspace.run('serve', 'nothing')).err).toBe(
      'error[run/file] The folder `nothing` cannot be served: there is no such folder\nhelp: Write one with `began-compile build`.\n\n',
    );
    expect((await workspace.run('serve', 'file')).err).toContain('cannot be served: it is no folder');
    expect((await workspace.run('serve', '.', '--port', '70000')).err).toContain(
      'It must be a whole number of 0 to 65535.',
    );
    const first = workspace.start('serve', '.', '--port', '0');
    const { port } = new URL(await addressOf(first));
    expect(await workspace.run('serve', '.', '--port', port)).toEqual({
      code: 2,
      out: '',
      err: `error[run/option] Port ${port} cannot be listened at: another program has it\nhelp: Take another one, for example \`--port 3000\`, or \`--port 0\` for any that is free.\n\n`,
    });
    first.signal('SIGINT');
    await first.finished;
  });
});

/** The command is ended after the test, whatever comes of it. */
async function addressOf(command: RunningCommand): Promise<string> {
  onTestFinished(() => command.signal('SIGKILL'));
  await command.printed('Ctrl-C');
  return command.output().match(/http:\S+/)![0];
}

describe.skipIf(!hasChromium)('a built model in Chromium', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openChromium();
  });
  afterAll(() => browser.close());

  it('draws the pixels that Node draws, on both backends, from the page that lies beside it', async () => {
    const workspace = await trained();
    await workspace.run('build', 'run', '--outputs', 'generate', '-o', 'model');
    const server = workspace.start('serve', 'model', '--port', '0');
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(await addressOf(server));
    await page.waitForSelector('#more:not([disabled])');
    expect(await page.textContent('#about')).toMatch(
      /^wasm \(WebGPU finds no GPU, only .*, on the CPU\), \d+ ms$/,
    );
    expect(await page.locator('#pictures').evaluate((canvas: { width: number }) => canvas.width)).toBe(64);
    expect(await page.evaluate('crossOriginIsolated')).toBe(true);

    const node = await load((name) => workspace.read(`model/${name}`));
    const expected = await node.sample({ count: 21, seed: 4 });
    for (const options of [{ backend: 'wasm' }, { backend: 'webgpu', allowCpu: true }] as const) {
      const { engine, pixels } = await page.evaluate<{ engine: string; pixels: number[] }>(
        samplePixels(options),
      );
      expect(engine).toMatch(options.backend === 'wasm' ? /^wasm$/ : /^webgpu \(/);
      expect(pixels).toHaveLength(expected.pixels.length);
      expect(new Set(expected.pixels).size).toBeGreaterThan(10);
      const worst = Math.max(...pixels.map((byte, i) => Math.abs(byte - expected.pixels[i]!)));
      expect(worst, engine).toBeLessThanOrEqual(1);
    }
    expect(await page.evaluate<string>(LOSE_DEVICE)).toBe(
      'ModelError: The GPU has gone away: Device was destroyed. Its driver was restarted, or the system took it for ' +
        'something else. What was in its memory is lost.',
    );
    expect(complaints).toEqual([]);
    server.signal('SIGINT');
    await server.finished;
  });
});

/** A string, as the test runner rewrites the imports of functions. */
const samplePixels = (options: LoadOptions): string => `(async () => {
  const { load } = await import(new URL('./began.js', location.href));
  const model = await load('./', ${JSON.stringify(options)});
  const { pixels } = await model.sample({ count: 21, seed: 4 });
  return { engine: model.engine, pixels: [...pixels] };
})()`;

const LOSE_DEVICE = `(async () => {
  const { load } = await import(new URL('./began.js', location.href));
  const request = GPUAdapter.prototype.requestDevice;
  let device;
  GPUAdapter.prototype.requestDevice = async function (...given) {
    return (device = await request.apply(this, given));
  };
  const model = await load('./', { backend: 'webgpu', allowCpu: true });
  device.destroy();
  await device.lost;
  return String(await model.sample().catch((error) => error));
})()`;
