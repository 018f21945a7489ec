import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serveFolder, type StaticServer } from './static-server.js';

let root: string;
let server: StaticServer;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'began-serve-'));
  await mkdir(join(root, 'site/inner folder'), { recursive: true });
  await mkdir(join(root, 'site-of-another'));
  await writeFile(join(root, 'secret.txt'), 'secret');
  await writeFile(join(root, 'site-of-another/secret.txt'), 'secret');
  await writeFile(join(root, 'site/index.html'), '<p>home');
  await writeFile(join(root, 'site/inner folder/index.html'), '<p>inner');
  await writeFile(join(root, 'site/program.wasm'), new Uint8Array(70_000).fill(7));
  await writeFile(join(root, 'site/weights.safetensors'), 'w');
  await symlink(join(root, 'secret.txt'), join(root, 'site/link.txt'));
  server = await serveFolder(join(root, 'site'), 0);
});
afterAll(async () => {
  await server.close();
  await rm(root, { recursive: true });
});

const get = (path: string, options?: RequestInit): Promise<Response> =>
  fetch(`http://127.0.0.1:${server.port}${path}`, options);

/** The status line of what comes back for a path that no URL parser has tidied up. */
const raw = (path: string): Promise<string> =>
  new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(server.port, '127.0.0.1');
    socket
      .setEncoding('utf8')
      .on('data', (text: string) => (answer += text))
      .on('end', () => resolve(answer))
      .on('error', reject);
    socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
  });

describe('a served folder', () => {
  it('gives whole files with their types and the headers of isolated pages', async () => {
    const page = await get('/');
    expect(await page.text()).toBe('<p>home');
    expect(Object.fromEntries(page.headers)).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
      'x-content-type-options': 'nosniff',
    });
    const wasm = await get('/program.wasm?v=1');
    expect(wasm.headers.get('content-type')).toBe('application/wasm');
    expect(new Uint8Array(await wasm.arrayBuffer())).toEqual(new Uint8Array(70_000).fill(7));
    expect((await get('/weights.safetensors')).headers.get('content-type')).toBe('application/octet-stream');
  });

  it('leads from a folder to its page, so that relative addresses in it are right', async () => {
    const redirect = await get('/inner%20folder?x=1', { redirect: 'manual' });
    expect([redirect.status, redirect.headers.get('location')]).toEqual([301, '/inner%20folder/?x=1']);
    expect(await (await get('/inner%20folder')).text()).toBe('<p>inner');
  });

  it.each([
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/inner%20folder/..%2f..%2fsecret.txt',
    '/../site-of-another/secret.txt',
    '/..%2fsite-of-another/secret.txt',
    '/link.txt',
    '/%00',
    '/%zz',
    '/nothing',
    '/index.html/x',
  ])('gives nothing from outside: %s', async (path) => {
    const answer = await raw(path);
    expect(answer).toMatch(/^HTTP\/1\.1 40[04] /);
    expect(answer).not.toContain('secret');
  });

  it('never sends a reader to another machine', async () => {
    expect(await raw('//example.com/..')).not.toMatch(/location: \/\//i);
    expect(await raw('//inner%20folder')).not.toMatch(/location: \/\//i);
  });

  it('only reads', async () => {
    expect((await get('/', { method: 'POST', body: 'x' })).status).toBe(405);
    const head = await get('/program.wasm', { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '70000', '']);
  });

  it('says where a port is taken', async () => {
    await expect(serveFolder(root, server.port)).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
