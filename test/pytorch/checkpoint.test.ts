/** A run goes from began-compile to PyTorch and back: the same samples from the same file, and the same next step. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compile } from '../../compiler/compile.js';
import { folderLibrary } from '../../runtimes/node/library-source.js';
import { readCheckpoint, restoreCheckpoint, saveCheckpoint } from '../../runtimes/training/checkpoint.js';
import { decodeSafetensors, encodeSafetensors } from '../../runtimes/training/safetensors.js';
import { TrainingSession } from '../../runtimes/training/session.js';
import { WasmEngine } from '../../runtimes/wasm/engine.js';
import { nmse } from '../ops/nmse.js';
import { compiled, writeExport, type ExportedSpec } from './exported.js';
import { ENVIRONMENT, hasTorch, PYTHON } from './python-torch.js';

/** Pictures and labels, convolutions of both kinds, batch norm, a controller, an average: all that a layout can get wrong. */
const SPEC = `version: 1
title: Digits
data:
  x: { mnist: train, size: 8, flip: horizontal, subset: { per_class: 4, seed: 3 } }
  y: { labels: x }
noise:
  z: { uniform: [-1, 1], shape: [4] }
hyper: { gamma: 0.7 }
networks:
  G:
    inputs: [z, c]
    layers:
      - concat: one_hot(c)
      - { dense: 32 }
      - reshape: [2, 4, 4]
      - batch_norm
      - elu
      - transposed_conv: { filters: 3, kernel: 4, stride: [2, 1] }
      - upsample: [2, 2]
      - conv: { filters: 1, kernel: 3 }
      - tanh
  D: [{ conv: { filters: 3, stride: 2 } }, elu, { dense: 8 }, { dense: 64 }, { reshape: [8, 8, 1] }]
  H: { average: G, decay: 0.9 }
objective:
  let:
    fake: G(z, y)
    Lx: mean(abs(x - D(x)))
    Lg: mean(abs(fake - D(fake)))
  updates:
    - together:
        - { name: discriminator, minimize: Lx - k * Lg, train: D, optimizer: { adam: { rate: rate } } }
        - { name: generator, minimize: Lg, train: G, optimizer: { rmsprop: { rate: rate, momentum: 0.5 } } }
  state:
    k: { init: 0.3, next: 'clip(k + 0.05 * (gamma * Lx - Lg), 0, 1)' }
    rate: { plateau: { of: Lx, start: 1e-3, factor: 0.5, window: 3, floor: 1e-4 } }
  metrics: { Lx: Lx, Lg: Lg, k: k }
outputs: { generate: 'H(z, y)', reconstruct: D(x) }
train: { batch: 6, steps: 40, log: 1, checkpoint: 4 }
`;

const ENGINE = 'wasm';

/** `step 8  Lx 0.71` */
const metricsOf = (printed: string): ReadonlyMap<string, number> =>
  new Map([...printed.matchAll(/(\w+) +([\d.e-]+)/g)].map(([, name, value]) => [name!, Number(value)]));

async function session({ examples }: ExportedSpec): Promise<TrainingSession> {
  const { program } = compile({ name: 'digits.yaml', text: SPEC }, folderLibrary());
  return TrainingSession.create({
    program: program!,
    executable: await new WasmEngine().load(program!),
    examples,
  });
}

/** Every Python starts anew and imports PyTorch, which takes a quarter of a minute where others compute. */
const PATIENCE = 300_000;

describe.runIf(hasTorch())('a run that changes hands', { timeout: PATIENCE }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'began-compile-pytorch-run-'));
  const at = (...parts: readonly string[]): string => join(folder, ...parts);
  let spec: ExportedSpec;

  const python = (...given: readonly string[]): string => {
    const { status, stdout, stderr } = spawnSync(PYTHON, given, {
      cwd: folder,
      env: ENVIRONMENT,
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(stderr);
    return stdout;
  };

  beforeAll(async () => {
    spec = await compiled(SPEC);
    writeExport(spec, at('program'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** An output of a checkpoint, as `sample.py` writes it. */
  function sampled(checkpoint: string, output: string, count: number): Float32Array {
    python(
      'program/sample.py',
      checkpoint,
      '--output',
      output,
      '--count',
      String(count),
      '--seed',
      '5',
      '--out',
      at('s'),
    );
    return decodeSafetensors(readFileSync(at('s.safetensors'))).tensors.get(output)!.data as Float32Array;
  }

  test('PyTorch samples what was trained here, and goes on with the same step', async () => {
    const own = await session(spec);
    for (let i = 0; i < 7; i++) await own.step();
    const context = { spec: { name: 'digits.yaml', text: SPEC }, engine: ENGINE, versions: {} };
    writeFileSync(at('own.safetensors'), await saveCheckpoint(own, context));
    for (const output of ['generate', 'reconstruct']) {
      const expected = await own.generate(output, { count: 5, seed: 5 });
      expect(nmse(sampled('own.safetensors', output, 5), expected.values), output).toBeLessThan(1e-11);
    }
    const next = await own.step();
    const printed = python('program/train.py', '--resume', 'own.safetensors', '--steps', '8', '--out', 'on');
    const metrics = metricsOf(printed);
    expect(metrics.get('step')).toBe(8);
    for (const [name, value] of next.metrics!) {
      expect(metrics.get(name), name).toBeCloseTo(value, 4);
    }
  });

  test('what PyTorch has trained is sampled here, and goes on with the same step', async () => {
    python('program/train.py', '--steps', '8', '--out', 'theirs');
    const file = at('theirs', 'checkpoints', 'step-000008.safetensors');
    const checkpoint = readCheckpoint(readFileSync(file), 'theirs');
    expect(checkpoint.spec.text, 'the steps of the run stand in the spec').toBe(
      SPEC.replace('steps: 40', 'steps: 8'),
    );
    const own = await session(spec);
    await restoreCheckpoint(own, checkpoint, ENGINE);
    for (const output of ['generate', 'reconstruct']) {
      const { values } = await own.generate(output, { count: 5, seed: 5 });
      expect(nmse(sampled(file, output, 5), values), output).toBeLessThan(1e-11);
    }
    const next = await own.step();
    const printed = python('program/train.py', '--resume', 'theirs', '--steps', '9');
    expect(metricsOf(printed).get('Lx')).toBeCloseTo(next.metrics!.get('Lx')!, 4);
  });

  test('a run that goes on is the run that was not stopped, to the last bit', () => {
    python('program/train.py', '--steps', '8', '--out', 'whole');
    python('program/train.py', '--steps', '4', '--out', 'parts');
    python('program/train.py', '--steps', '8', '--resume', 'parts');
    const [whole, parts] = ['whole', 'parts'].map((run) =>
      decodeSafetensors(readFileSync(at(run, 'checkpoints', 'step-000008.safetensors'))),
    );
    expect([...parts!.tensors]).toEqual([...whole!.tensors]);
    expect(parts!.metadata.get('progress')).toBe(whole!.metadata.get('progress'));
  });

  test('checkpoints that are damaged, or of another spec, are refused', () => {
    const file = at('whole', 'checkpoints', 'step-000008.safetensors');
    const damaged = new Uint8Array(readFileSync(file));
    damaged[damaged.length - 3]! ^= 1;
    writeFileSync(at('damaged.safetensors'), damaged);
    const { metadata, tensors } = decodeSafetensors(readFileSync(file));
    writeFileSync(
      at('other.safetensors'),
      encodeSafetensors({ metadata: new Map([...metadata, ['format', 'another']]), tensors }),
    );
    const refusal = (name: string): string =>
      spawnSync(PYTHON, ['program/train.py', '--resume', name, '--out', 'none'], {
        cwd: folder,
        env: ENVIRONMENT,
        encoding: 'utf8',
      }).stderr.trim();
    expect(refusal('damaged.safetensors')).toBe(
      'error: damaged.safetensors cannot be gone on with: its checksum is wrong',
    );
    expect(refusal('other.safetensors')).toBe(
      'error: other.safetensors cannot be gone on with: it is no `began-compile checkpoint 1`',
    );
    expect(existsSync(at('none'))).toBe(false);
  });

  test('a loss that is not finite stops the run, and leaves the last checkpoint', () => {
    const checkpoint = at('whole', 'checkpoints', 'step-000008.safetensors');
    const code =
      'import sys; sys.path.insert(0, "program"); import model, torch;' +
      'from support import checkpoint, data, training;' +
      'run = training.Training(model.PROGRAM, torch.device("cpu"), streams=data.open_streams(model.PROGRAM.streams, "program/data", {}));' +
      `checkpoint.restore(run, ${JSON.stringify(checkpoint)});` +
      'run.networks["D"].conv1.weight.data[0, 0, 0, 0] = float("nan"); before = checkpoint.collect(run);\n' +
      'try: run.take_step()\n' +
      'except training.NotFinite as problem: print(problem)\n' +
      'after = checkpoint.collect(run)\n' +
      'print(all((before[name] == after[name]).all() or "conv1/weight" in name for name in before), run.step)';
    expect(python('-c', code)).toBe(
      'step 9, in phase `discriminator+generator`: the loss of `discriminator` is not finite\nTrue 8\n',
    );
  });

  test('a folder of pictures in place of packed examples gives its bytes, but for the rounding of a few', async () => {
    const code =
      'import sys; sys.path.insert(0, "faces"); import numpy; from pathlib import Path; from support.data import read_folder;' +
      'own, _ = read_folder(Path("pictures"), (16, 12, 3), "centre", None); off = abs(own.astype(int) - numpy.load("faces/data/x.npy")); print(off.max() <= 1, (off > 0).mean() < 0.01, own.shape)';
    python(
      '-c',
      'import numpy; from PIL import Image; from pathlib import Path; Path("pictures").mkdir(); r = numpy.random.default_rng(0)\n' +
        'for i in range(6): Image.fromarray(r.integers(0, 255, (40 + i, 50, 3), dtype=numpy.uint8)).save(f"pictures/{i}.png")',
    );
    const text = SPEC.replace(
      / x: \{.*\}/,
      ' x: { images: ./pictures, size: [16, 12], channels: 3, range: [-1, 1] }',
    )
      .replace(/\n {2}y: .*/, '')
      .replace(
        /networks:[\s\S]*outputs:.*/,
        'networks:\n  G: [{ dense: 576 }, { reshape: [16, 12, 3] }]\n  D: [{ dense: 1 }]\nobjective: { use: gan }\noutputs: { generate: G(z) }',
      );
    writeExport(await compiled(text, folder), at('faces'));
    expect(python('-c', code)).toBe('True True (6, 16, 12, 3)\n');
  });

  test.runIf(process.env['HEAVY'])(
    '--compile trains on when a carry has vanished, though two losses go back through one pass',
    async () => {
      const text = readFileSync('examples/faces-32.yaml', 'utf8')
        .replace('n: 24', 'n: 4')
        .replace('facesjs: 4000', 'facesjs: 40');
      writeExport(await compiled(text), at('carry'));
      const steps = ['--steps', '4', '--log-every', '1'];
      const [plain, fast] = [[], ['--compile']].map((own, i) =>
        python('carry/train.py', ...steps, ...own, '--out', `carried-${i}`),
      );
      const last = (printed: string): ReadonlyMap<string, number> =>
        metricsOf(printed.trim().split('\n').at(-1)!);
      expect(last(fast!).get('step')).toBe(4);
      for (const [name, value] of last(plain!)) expect(last(fast!).get(name), name).toBeCloseTo(value, 3);
    },
  );

  test.runIf(process.env['HEAVY'])(
    'where one process is killed the others stop and say so, and the run goes on from a whole checkpoint',
    async () => {
      const run = (...given: readonly string[]) => {
        const launch = [
          '-m',
          'torch.distributed.run',
          '--standalone',
          '--nproc-per-node=2',
          'program/train.py',
        ];
        return spawn(PYTHON, [...launch, ...given], { cwd: folder, env: ENVIRONMENT });
      };
      const steps = ['--steps', '100000', '--save-every', '5', '--out', 'killed'];
      const training = run(...steps);
      let said = '';
      training.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
      const ended = new Promise<number | null>((resolve) => training.once('close', resolve));
      while (!existsSync(at('killed', 'checkpoints', 'step-000010.safetensors'))) {
        if (training.exitCode !== null) throw new Error(said);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      const children = spawnSync('pgrep', ['-P', String(training.pid)], { encoding: 'utf8' }).stdout;
      process.kill(Number(children.trim().split('\n').at(-1)), 'SIGKILL');
      expect(await ended).not.toBe(0);
      expect(said).toMatch(
        /error: process 0 lost the others in step \d+: one of them has stopped\. Go on from killed\/checkpoints\/step-\d+\.safetensors with --resume killed/,
      );
      const left = readdirSync(at('killed', 'checkpoints')).filter((name) => name.startsWith('step-'));
      for (const name of left) readCheckpoint(readFileSync(at('killed', 'checkpoints', name)), name);
      const step = Number(/\d+/.exec(left.sort().at(-1)!)![0]);
      const done = async (child: ReturnType<typeof run>): Promise<void> => {
        expect(await new Promise((resolve) => child.once('close', resolve))).toBe(0);
      };
      await done(run('--steps', String(step + 5), '--resume', 'killed'));
      await done(run('--steps', String(step + 5), '--out', 'unharmed'));
      const name = `step-${String(step + 5).padStart(6, '0')}.safetensors`;
      const [killed, unharmed] = ['killed', 'unharmed'].map((out) =>
        decodeSafetensors(readFileSync(at(out, 'checkpoints', name))),
      );
      expect([...killed!.tensors]).toEqual([...unharmed!.tensors]);
    },
  );
});
