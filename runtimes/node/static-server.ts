/** Serves the files of a folder to this machine alone, with the headers that let pages use shared memory. */
import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';

const LOOPBACK = '127.0.0.1';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.webp': 'image/webp',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
  '.ts': 'text/plain; charset=utf-8',
  '.yaml': 'text/plain; charset=utf-8',
};
const OTHER_TYPE = 'application/octet-stream';

const HEADERS: Readonly<Record<string, string>> = {
  // Together these make a page crossOriginIsolated: SharedArrayBuffer exists there.
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
  // A model that was built again is seen at the next reload.
  'Cache-Control': 'no-cache',
};

export interface StaticServer {
  readonly port: number;
  close(): Promise<void>;
}

/** @param port 0 for any that is free. Throws the system's own error, EADDRINUSE among them. */
export async function serveFolder(folder: string, port: number): Promise<StaticServer> {
  const root = await realpath(folder);
  const server = createServer((request, response) => {
    answer(root, request, response).catch(() => {
      // The reader has gone, or the file has while it was read: what was sent cannot be taken back.
      if (response.headersSent) response.destroy();
      else end(response, 500);
    });
  });
  await listen(server, port);
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error === undefined ? resolve() : reject(error)));
        server.closeAllConnections();
      }),
  };
}

const listen = (server: Server, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, LOOPBACK, resolve);
  });

async function answer(
  root: string,
  { method, url }: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (method !== 'GET' && method !== 'HEAD') return end(response, 405, { Allow: 'GET, HEAD' });
  const [pathname, search] = /^([^?]*)(.*)$/s.exec(url ?? '/')!.slice(1) as [string, string];
  const path = decoded(pathname);
  if (path === undefined) return end(response, 400);
  const found = await locate(root, path);
  if (found === undefined) return end(response, 404);
  if (found.isFolder) {
    // One slash: two would be another machine's address.
    return end(response, 301, { Location: `/${pathname.replace(/^\/+/, '')}/${search}` });
  }
  response.writeHead(200, {
    ...HEADERS,
    'Content-Type': TYPES[extname(found.file).toLowerCase()] ?? OTHER_TYPE,
    'Content-Length': found.bytes,
  });
  if (method === 'HEAD') response.end();
  else await pipeline(createReadStream(found.file), response);
}

function decoded(pathname: string): string | undefined {
  try {
    const path = decodeURIComponent(pathname);
    return path.includes('\0') ? undefined : path;
  } catch {
    return undefined;
  }
}

type Located =
  { readonly isFolder: true } | { readonly isFolder: false; readonly file: string; readonly bytes: number };

/** The file that a path means; nothing outside of the root is ever found, by `..` or by links. */
async function locate(root: string, path: string): Promise<Located | undefined> {
  try {
    const real = await realpath(join(root, path));
    if (real !== root && !real.startsWith(root.endsWith(sep) ? root : root + sep)) return undefined;
    const { size, isDirectory, isFile } = await status(real);
    if (isFile) return { isFolder: false, file: real, bytes: size };
    if (!isDirectory) return undefined;
    return path.endsWith('/') ? await locate(root, `${path}index.html`) : { isFolder: true };
  } catch (error) {
    if (ABSENT.has((error as NodeJS.ErrnoException).code)) return undefined;
    throw error;
  }
}

const ABSENT: ReadonlySet<string | undefined> = new Set([
  'ENOENT',
  'ENOTDIR',
  'ENAMETOOLONG',
  'ELOOP',
  'EACCES',
]);

async function status(path: string): Promise<{ size: number; isDirectory: boolean; isFile: boolean }> {
  const found = await stat(path);
  return { size: found.size, isDirectory: found.isDirectory(), isFile: found.isFile() };
}

function end(response: ServerResponse, code: number, headers: Readonly<Record<string, string>> = {}): void {
  response.writeHead(code, { ...HEADERS, 'Content-Type': 'text/plain; charset=utf-8', ...headers });
  response.end(`${code}\n`);
}
