/** The example page, on the built package: `npm run web`. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: at('.'),
  // Served from any folder of any server.
  base: './',
  // What prepare.mjs makes: a model, and the faces to train on.
  publicDir: at('../../.cache/web'),
  resolve: {
    alias: [
      { find: /^began-compile$/, replacement: at('../../dist/index.js') },
      { find: /^began-compile\/web$/, replacement: at('../../dist/runtimes/artifact/index.js') },
    ],
  },
  worker: { format: 'es' },
  build: { target: 'es2022', outDir: at('dist'), emptyOutDir: true },
  server: {
    headers: {
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Embedder-Policy': 'require-corp',
    },
  },
});
