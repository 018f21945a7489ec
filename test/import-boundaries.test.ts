import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import { describe, expect, it } from 'vitest';

const eslint = new ESLint({
  // The files are not on disk, so no types are known for them; the boundaries need none.
  overrideConfig: [{ ...tseslint.configs.disableTypeChecked, files: ['**/*.ts'] }],
});

async function refused(file: string, imported: string): Promise<boolean> {
  const [result] = await eslint.lintText(
    `import { thing } from '${imported}';\nexport const here = thing;\n`,
    {
      filePath: file,
    },
  );
  const messages = result!.messages;
  for (const message of messages) expect(message.ruleId, message.message).toBe('no-restricted-imports');
  return messages.length > 0;
}

describe('import boundaries', () => {
  it.each([
    ['spec/virtual.ts', '../compiler/graph/graph.js'],
    ['spec/schema/virtual.ts', '../../runtimes/engine.js'],
    ['spec/virtual.ts', 'node:fs'],
    ['spec/virtual.ts', 'fs/promises'],
    ['compiler/virtual.ts', '../runtimes/engine.js'],
    ['compiler/plan/virtual.ts', 'node:path'],
    ['runtimes/wasm/virtual.ts', '../training/session.js'],
    ['runtimes/wasm/virtual.ts', '../cli/main.js'],
    ['runtimes/wasm/virtual.ts', '../reference/engine.js'],
    ['runtimes/wasm/virtual.ts', 'node:worker_threads'],
    ['runtimes/tfjs/virtual.ts', '../node/png.js'],
    ['runtimes/tfjs/virtual.ts', '../../runtimes/training/session.js'],
    ['runtimes/reference/virtual.ts', '../wasm/engine.js'],
    ['runtimes/cuda/virtual.ts', '../tfjs/engine.js'],
    ['runtimes/cuda/virtual.ts', '../training/session.js'],
    ['runtimes/tfjs-heap/virtual.ts', '../training/session.js'],
    ['runtimes/training/virtual.ts', '../cli/main.js'],
    ['runtimes/training/virtual.ts', '../node/png.js'],
    ['runtimes/training/virtual.ts', '../wasm/engine.js'],
    ['runtimes/training/virtual.ts', 'node:fs'],
    ['runtimes/artifact/virtual.ts', '../cli/main.js'],
    ['runtimes/artifact/virtual.ts', '../node/png.js'],
    ['runtimes/artifact/virtual.ts', 'node:fs'],
    ['runtimes/node/virtual.ts', '../cli/main.js'],
    ['index.ts', './runtimes/cli/main.js'],
  ])('%s may not import %s', async (file, imported) => {
    expect(await refused(file, imported)).toBe(true);
  });

  it.each([
    ['spec/schema/virtual.ts', '../diagnostics/diagnostic.js'],
    ['spec/virtual.ts', 'yaml'],
    ['compiler/plan/virtual.ts', '../../spec/spec.js'],
    ['runtimes/wasm/virtual.ts', '../../compiler/program.js'],
    ['runtimes/cuda/virtual.ts', 'node:fs'],
    ['runtimes/tfjs-heap/virtual.ts', '../wasm/engine.js'],
    ['runtimes/training/virtual.ts', '../engine.js'],
    ['runtimes/artifact/virtual.ts', '../training/session.js'],
    ['runtimes/artifact/virtual.ts', '../webgpu/engine.js'],
    ['runtimes/node/virtual.ts', 'node:fs'],
    ['runtimes/cli/virtual.ts', '../wasm/engine.js'],
    ['runtimes/cli/virtual.ts', 'node:fs'],
    ['runtimes/wasm/virtual.test.ts', '../reference/engine.js'],
  ])('%s may import %s', async (file, imported) => {
    expect(await refused(file, imported)).toBe(false);
  });
});
