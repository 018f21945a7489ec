/** The example page, built as `npm run web:build` does, on both backends. */
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serveFolder, type StaticServer } from '../../runtimes/node/static-server.js';
import { hasChromium, openChromium } from './chromium.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

describe.skipIf(!hasChromium)('the example page', () => {
  let folder: string;
  let server: StaticServer;
  let browser: Browser;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'began-page-'));
    const prepared = join(folder, 'public');
    const argv = ['--run', 'none', '--faces', '60', '--out', prepared];
    const { status, stderr } = spawnSync(process.execPath, ['examples/web/prepare.mjs', ...argv], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    await build({
      configFile: join(ROOT, 'examples/web/vite.config.ts'),
      publicDir: prepared,
      logLevel: 'error',
      build: { outDir: join(folder, 'site'), minify: false },
    });
    server = await serveFolder(join(folder, 'site'), 0);
    browser = await openChromium();
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
    await rm(folder, { recursive: true });
  });

  async function open(query: string): Promise<{ page: Page; complaints: string[] }> {
    const page = await browser.newPage({ viewport: { width: 1200, height: 900 } });
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(`http://localhost:${server.port}/${query}`);
    await page.waitForSelector('#explore-engine b');
    return { page, complaints };
  }

  /** The bytes that a canvas shows. */
  const shown = (page: Page, id: string): Promise<string> =>
    page.evaluate<string>(`document.getElementById('${id}').toDataURL()`);

  const waitForChange = (page: Page, id: string, before: string): Promise<unknown> =>
    page.waitForFunction(`document.getElementById('${id}').toDataURL() !== ${JSON.stringify(before)}`);

  const stepOf = async (page: Page): Promise<number> =>
    Number(/step ([\d,]+)/.exec((await page.textContent('#progress')) ?? '')?.[1]?.replaceAll(',', '') ?? 0);

  /** Over two steps or more. */
  async function slopeOfK(page: Page): Promise<number> {
    const k = async (): Promise<number> => Number(await page.textContent('#charts output[data-metric="k"]'));
    const [first, before] = [await stepOf(page), await k()];
    await page.waitForFunction(
      `Number(/step ([0-9,]+)/.exec(document.getElementById('progress').textContent)[1]) >= ${first + 2}`,
    );
    return ((await k()) - before) / ((await stepOf(page)) - first);
  }

  it.each([
    ['?backend=wasm', 'WebAssembly not trained yet'],
    ['?backend=webgpu', 'WebGPU'],
  ])('draws what sliders, picks and wandering ask for: %s', async (query, engine) => {
    const { page, complaints } = await open(query);
    expect(await page.textContent('#explore-engine')).toContain(engine);
    await page.waitForFunction(`document.getElementById('face').width === 32`);

    const face = await shown(page, 'face');
    await page.locator('#latents input').nth(3).fill('-1');
    await waitForChange(page, 'face', face);

    const strip = await shown(page, 'strip');
    await page.locator('#grid').click({ position: { x: 300, y: 200 } });
    await waitForChange(page, 'strip', strip);

    const grid = await shown(page, 'grid');
    await page.click('#new-samples');
    await waitForChange(page, 'grid', grid);

    const still = await shown(page, 'grid');
    await page.check('#wander');
    await waitForChange(page, 'grid', still);
    await page.uncheck('#wander');
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('trains on one thread where the server sends no headers for threads, and says so', async () => {
    const page = await browser.newPage();
    await page.route('**/*', async (route) => {
      const response = await route.fetch();
      const headers = Object.fromEntries(
        Object.entries(response.headers()).filter(([name]) => !name.startsWith('cross-origin-')),
      );
      await route.fulfill({ response, headers });
    });
    await page.goto(`http://localhost:${server.port}/?backend=wasm`);
    expect(await page.evaluate('crossOriginIsolated')).toBe(false);
    await page.click('#start');
    await page.waitForFunction(`/step [1-9]/.test(document.getElementById('progress').textContent)`);
    expect(await page.textContent('#train-engine')).toBe(
      'WebAssembly one thread, the page is not cross-origin isolated · compiled in this page',
    );
    await page.close();
  });

  it('trains in the page, with a γ that can be moved, stops, goes on and starts over', async () => {
    const { page, complaints } = await open('?backend=wasm');
    expect(await page.textContent('#gamma-value')).toBe('1.00');
    await page.click('#start');
    await page.waitForFunction(`/step [3-9]/.test(document.getElementById('progress').textContent)`);
    const threads = await page.evaluate<number>('navigator.hardwareConcurrency');
    expect(await page.textContent('#train-engine')).toMatch(
      threads > 1
        ? /^WebAssembly [2-8] threads · compiled in this page$/
        : /^WebAssembly one thread · compiled in this page$/,
    );
    expect(await page.locator('#charts canvas').count()).toBe(4);
    const [chart, samples] = await Promise.all([
      page.evaluate<string>(`document.querySelector('#charts canvas').toDataURL()`),
      shown(page, 'samples'),
    ]);
    // k moves by lambda_k (γ L(x) - L(G(z))): while L(x) is much the larger, as γ says.
    const fast = await slopeOfK(page);
    await page.locator('#gamma').fill('0.3');
    expect(await page.textContent('#gamma-value')).toBe('0.30');
    await page.waitForTimeout(500);
    expect(await slopeOfK(page)).toBeLessThan(fast / 2);
    await waitForChange(page, 'samples', samples);
    expect(await page.evaluate(`document.querySelector('#charts canvas').toDataURL()`)).not.toBe(chart);

    await page.click('#start');
    expect(await page.textContent('#start')).toBe('Go on');
    await page.waitForTimeout(700);
    const paused = await stepOf(page);
    await page.waitForTimeout(700);
    expect(await stepOf(page)).toBe(paused);
    await page.click('#start');
    await page.waitForFunction(
      `Number(/step ([0-9,]+)/.exec(document.getElementById('progress').textContent)[1]) > ${paused}`,
    );
    await page.click('#reset');
    expect(await page.textContent('#progress')).toBe('');
    expect(await page.textContent('#start')).toBe('Train');
    expect(complaints).toEqual([]);
    await page.close();
  });

  // A step takes some ten seconds where shaders run on the CPU.
  it.runIf(process.env['HEAVY'])('trains on WebGPU', { timeout: 240_000 }, async () => {
    const { page, complaints } = await open('?backend=webgpu');
    await page.click('#start');
    await page.waitForFunction(`/step [4-9]/.test(document.getElementById('progress').textContent)`, null, {
      timeout: 200_000,
    });
    expect(await page.textContent('#train-engine')).toMatch(/^WebGPU/);
    expect(complaints).toEqual([]);
    await page.close();
  });
});
