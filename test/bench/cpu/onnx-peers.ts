/** onnxruntime, native and in WebAssembly, on the generator as `export --format onnx` writes it. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Program } from '../../../compiler/program.js';
import { noise } from '../rounds.js';
import { here, type Runner } from './rounds.js';

/** What both packages have; they are installed apart, so their own types are not here. */
interface Onnxruntime {
  readonly env: { readonly wasm: { numThreads: number } };
  readonly Tensor: new (type: 'float32', data: Float32Array, shape: readonly number[]) => object;
  readonly InferenceSession: {
    create(model: Uint8Array, options: object): Promise<OnnxSession>;
  };
}

interface OnnxSession {
  readonly inputNames: readonly string[];
  run(inputs: Readonly<Record<string, object>>): Promise<unknown>;
}

const fromHere = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Throws where the packages are not installed, or the command is not built. */
export async function onnxRunners(spec: string, program: Program): Promise<readonly Runner[]> {
  const model = exported(spec);
  const load = createRequire(fromHere('cpu/package.json'));
  const native = load('onnxruntime-node') as Onnxruntime;
  const web = load('onnxruntime-web') as Onnxruntime;
  // It starts no threads under Node, whatever it is told. The packages share their list of providers: each is named below, or both
  // would take the native one.
  web.env.wasm.numThreads = 1;
  return [
    {
      name: 'onnxruntime-node (native), 2 threads',
      run: await forward(native, model, program, {
        intraOpNumThreads: 2,
        executionProviders: ['cpu'],
      }),
    },
    {
      name: 'onnxruntime-web (wasm), 1 thread',
      run: await forward(web, model, program, { executionProviders: ['wasm'] }),
    },
  ];
}

async function forward(
  { InferenceSession, Tensor }: Onnxruntime,
  model: Uint8Array,
  program: Program,
  options: object,
): Promise<Runner['run']> {
  const session = await InferenceSession.create(model, options);
  const { feeds } = program.outputs.find(({ name }) => name === 'generate')!;
  const given = Object.fromEntries(
    feeds.map(({ name, shape }) => [
      name,
      new Tensor('float32', noise(shape.reduce((product, size) => product * size, 1)), shape),
    ]),
  );
  const missing = session.inputNames.filter((name) => !(name in given));
  for (const name of missing) given[name] = new Tensor('float32', Float32Array.of(0.5), []);
  return here(async () => void (await session.run(given)));
}

function exported(spec: string): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), 'began-bench-'));
  try {
    const made = spawnSync(
      process.execPath,
      [
        fromHere('../../dist/runtimes/cli/main.js'),
        ...['export', fromHere(`specs/${spec}.yaml`), '--format', 'onnx', '--output', 'generate'],
        ...['-o', join(folder, 'model')],
      ],
      { encoding: 'utf8' },
    );
    if (made.status !== 0) throw new Error(made.stderr);
    return readFileSync(join(folder, 'model', 'generate.onnx'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
