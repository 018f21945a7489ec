/** Threads of a page: on its main thread, which may not sleep, and where its policy forbids them. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { rolldown } from 'rolldown';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium, openChromium } from './chromium.js';

/** Runs one graph on one thread and on three, on the main thread of the page. */
const SCRIPT = `
import { GraphBuilder } from '${at('compiler/graph/builder.ts')}';
import { add, input, mean, tanh } from '${at('compiler/graph/construct.ts')}';
import { programOf } from '${at('test/ops/program-of.ts')}';
import { openWebThreads } from '${at('runtimes/artifact/web-threads.ts')}';
import { WasmEngine } from '${at('runtimes/wasm/engine.ts')}';

window.threads = async () => {
  const host = await openWebThreads();
  if ('missing' in host) return host.missing;
  const b = new GraphBuilder();
  const [p, x] = [input(b, 'state', 'p', [64, 4096]), input(b, 'feed', 'x', [64, 4096])];
  const next = add(b, p, tanh(b, x));
  const outputs = [{ kind: 'state', name: 'p', node: next }, { kind: 'value', name: 'mean', node: mean(b, next) }];
  const program = programOf(b.build('step', outputs));
  const feeds = new Map([['x', Float32Array.from({ length: 64 * 4096 }, (_, i) => Math.sin(i))]]);
  const found = [];
  for (const threads of [undefined, { host, count: 3, cost: { stage: 0, run: -Infinity } }]) {
    const executable = await new WasmEngine({ threads }).load(program);
    for (let i = 0; i < 50; i++) await executable.run('step', { feeds, scalars: new Map() });
    found.push({ threads: executable.threads, mean: (await executable.read('step', 'mean'))[0], state: [...await executable.readState('p')] });
    executable.dispose();
  }
  const [one, three] = found;
  const same = one.mean === three.mean && one.state.every((value, i) => value === three.state[i]);
  return [one.threads, three.threads, same, host.maySleep].join();
};
`;

function at(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url));
}

const ISOLATED = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

describe.skipIf(!hasChromium)('threads of a page', () => {
  let browser: Browser;
  let code: string;
  let folder: string;
  beforeAll(async () => {
    browser = await openChromium();
    folder = await mkdtemp(join(tmpdir(), 'began-page-threads-'));
    await writeFile(join(folder, 'page.js'), SCRIPT);
    const bundle = await rolldown({ input: join(folder, 'page.js') });
    const { output } = await bundle.generate({ format: 'esm' });
    code = output[0].code;
    await bundle.close();
  });
  afterAll(async () => {
    await browser.close();
    await rm(folder, { recursive: true });
  });

  async function answer(headers: Readonly<Record<string, string>>): Promise<unknown> {
    const server = createServer((request, response) => {
      const isScript = request.url === '/page.js';
      response.writeHead(200, { ...headers, 'Content-Type': isScript ? 'text/javascript' : 'text/html' });
      response.end(isScript ? code : '<!doctype html><script type="module" src="/page.js"></script>');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const page = await browser.newPage();
    try {
      await page.goto(`http://localhost:${(server.address() as AddressInfo).port}/`);
      await page.waitForFunction('window.threads !== undefined');
      return await page.evaluate('window.threads()');
    } finally {
      await page.close();
      server.closeAllConnections();
      server.close();
    }
  }

  it('give the bits of one thread, also to a thread that may not sleep', async () => {
    expect(await answer(ISOLATED)).toBe('1,3,true,false');
  });

  it('are not there, with the reason, without isolation or where a policy forbids them', async () => {
    expect(await answer({})).toBe('the page is not cross-origin isolated');
    const policy = { 'Content-Security-Policy': "worker-src 'self'" };
    expect(await answer({ ...ISOLATED, ...policy })).toBe('the page forbids workers that it makes itself');
  });
});
