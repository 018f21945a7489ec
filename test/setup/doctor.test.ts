/** What `doctor` says, state by state, on the pretended TensorFlow. */
import { rmSync } from 'node:fs';
import pc from 'picocolors';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CHECKS } from '../../runtimes/cli/doctor/checks.js';
import type { Checkup, Surroundings } from '../../runtimes/cli/doctor/checkup.js';
import { showCheckup } from '../../runtimes/cli/doctor/show-checkup.js';
import { hasWasmFeature } from '../../runtimes/wasm/features.js';
import { nvidiaDriver } from '../../runtimes/cuda/nvidia-driver.js';
import { setUpCuda } from '../../runtimes/cuda/setup/set-up-cuda.js';
import { hasTools, Pretended } from './pretended.js';

let pretended: Pretended;
beforeEach(() => {
  pretended = new Pretended();
});
afterEach(() => pretended.remove());

/** Without nvidia-smi. */
const ENVIRONMENT = { PATH: '/nowhere' };

const examine = async (surroundings: Partial<Surroundings> = {}): Promise<Checkup> =>
  await CHECKS.cuda({
    environment: ENVIRONMENT,
    workingFolder: pretended.folder,
    packageFolders: () => [pretended.path('package')],
    signal: new AbortController().signal,
    log: () => undefined,
    ...surroundings,
  });

const shown = (checkup: Checkup): string =>
  showCheckup('cuda', checkup, pc.createColors(false)).replaceAll(pretended.folder, '~');

// The tests of detection have every driver; these are of the machine they run on.
const withoutDriver = nvidiaDriver() === undefined;
if (!withoutDriver) process.stderr.write('SKIPPED: what doctor says without a driver; here is one.\n');

describe.runIf(withoutDriver)('cuda', () => {
  it('package-missing', async () => {
    expect(shown(await examine({ packageFolders: () => [] }))).toMatchInlineSnapshot(`
      "cuda: not ready  --backend cuda
        state                      package-missing
        package                    not installed
        NVIDIA driver              none is loaded
        TF_DETERMINISTIC_OPS       1 (default here)
        TF_FORCE_GPU_ALLOW_GROWTH  true (default here)
        TF_NUM_INTEROP_THREADS     1 (default here)
        TF_CPP_MIN_LOG_LEVEL       2 (default here)
      error[cuda/package-missing] The package \`@tensorflow/tfjs-node-gpu\` is not installed
      why: It brings TensorFlow, which runs programs on CUDA. npm leaves it out where its download fails.
      help: Run \`began-compile setup cuda\`. \`--backend wasm\` needs nothing installed and runs the same specs.

      "
    `);
  });

  it('addon-missing, with settings of the user', async () => {
    pretended.package();
    const environment = { ...ENVIRONMENT, TF_DETERMINISTIC_OPS: '0', NVIDIA_TF32_OVERRIDE: '0' };
    expect(shown(await examine({ environment }))).toMatchInlineSnapshot(`
      "cuda: not ready  --backend cuda
        state                      addon-missing
        package                    4.22.0, ~/package
        addon                      missing
        NVIDIA driver              none is loaded
        TF_DETERMINISTIC_OPS       0
        TF_FORCE_GPU_ALLOW_GROWTH  true (default here)
        TF_NUM_INTEROP_THREADS     1 (default here)
        TF_CPP_MIN_LOG_LEVEL       2 (default here)
        NVIDIA_TF32_OVERRIDE       0
      error[cuda/addon-missing] The native addon of \`@tensorflow/tfjs-node-gpu\` is missing
      why: \`~/package/lib/napi-v8/tfjs_binding.node\` is not there: the package's install script has not run, or has failed.
      help: Run \`began-compile setup cuda\`. \`--backend wasm\` needs nothing installed and runs the same specs.

      "
    `);
  });

  describe.runIf(hasTools())('set up', () => {
    beforeEach(async () => {
      pretended.package();
      pretended.sitePackages('site', { cuda: true });
      await setUpCuda(
        { tensorflow: 'site', patience: 60 },
        {
          environment: process.env,
          packageFolders: () => [pretended.path('package')],
          setupFolder: pretended.path('cache'),
          workingFolder: pretended.folder,
          report: { line: () => undefined, progress: () => undefined },
          signal: new AbortController().signal,
          now: () => new Date('2026-01-02T03:04:05Z'),
        },
        {
          platform: { system: 'linux', processor: 'x64', glibc: '2.36' },
          find: async () => ({ libraries: new Set() }),
        },
      );
    });

    it('cpu-only: what it was made of, and the refusal of `run`', async () => {
      const checkup = await examine();
      expect(shown(checkup).replace(/^( {2}built by +).+$/m, '$1COMPILER')).toMatchInlineSnapshot(`
        "cuda: not ready  --backend cuda
          state                      cpu-only
          package                    4.22.0, ~/package
          addon                      ~/package/lib/napi-v8/tfjs_binding.node
          libraries                  ~/site/tensorflow
          TensorFlow                 2.21.0
          runs on                    the CPU only
          set up                     2026-01-02: TensorFlow 2.21.0, built with CUDA, folder (~/site)
          built by                   COMPILER
          NVIDIA driver              none is loaded
          TF_DETERMINISTIC_OPS       1 (default here)
          TF_FORCE_GPU_ALLOW_GROWTH  true (default here)
          TF_NUM_INTEROP_THREADS     1 (default here)
          TF_CPP_MIN_LOG_LEVEL       2 (default here)
        error[cuda/no-gpu] TensorFlow 2.21.0 finds no GPU on this machine
        why: No NVIDIA driver is loaded. It is never run on the CPU instead without being asked to.
        help: Install the driver until \`nvidia-smi\` lists the GPU, then look again with \`began-compile doctor cuda\`. To run the same graph on the CPU on purpose, add \`--allow-cpu\`.

        "
      `);
      expect(checkup.ready).toBe(false);
    });

    it('cuda: ready', async () => {
      const checkup = await examine({ environment: { ...ENVIRONMENT, PRETENDED_GPU: '1' } });
      expect([checkup.ready, checkup.diagnostics]).toEqual([true, []]);
      expect(shown(checkup)).toMatch(/^cuda: ready {2}--backend cuda\n {2}state +cuda\n/);
      expect(checkup.facts).toContainEqual(['runs on', 'the GPU']);
    });

    it('library-missing: TensorFlow was deleted', async () => {
      rmSync(pretended.path('site'), { recursive: true });
      const text = shown(await examine());
      expect(text).toContain(
        'error[cuda/library-missing] TensorFlow cannot be loaded: libtensorflow_cc.so.2:',
      );
      expect(text).toContain('~/site/tensorflow\n');
    });
  });
});

it('what WebAssembly can do is found by trying: threads and SIMD are in every Node that we run on', () => {
  expect(hasWasmFeature('SIMD')).toBe(true);
  expect(hasWasmFeature('threads')).toBe(true);
  // Relaxed SIMD came with V8 11.4: Node 20 has 11.3.
  expect(hasWasmFeature('relaxed SIMD')).toBe(Number(process.versions.node.split('.')[0]) > 20);
});
