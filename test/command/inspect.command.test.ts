import { readdir } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { TINY_SPEC, Workspace } from './began-compile.js';

it('shows layers, phases, outputs and state', async () => {
  const workspace = await Workspace.create({ 'tiny.yaml': TINY_SPEC });
  const { code, out, err } = await workspace.run('inspect', 'tiny.yaml', '--no-measure');
  expect({ code, err }).toEqual({ code: 0, err: '' });
  const phases = out.indexOf('Training step');
  expect(out.slice(0, phases)).toMatchInlineSnapshot(`
    "D  16 x 16 x 3 -> 16 x 16 x 3
      layer                kind          output       parameters  multiply-adds
      D/encoder/conv1      conv 3x3      16 x 16 x 4         112         27.6 k
      D/encoder/elu1       elu           16 x 16 x 4
      D/encoder/conv2      conv 3x3      16 x 16 x 4         148         36.9 k
      D/encoder/elu2       elu           16 x 16 x 4
      D/encoder/conv3      conv 3x3 / 2  8 x 8 x 8           296         18.4 k
      D/encoder/elu3       elu           8 x 8 x 8
      D/encoder/dense1     dense         8                 4,104         4.10 k
      D/decoder/dense1     dense         256               2,304         2.05 k
      D/decoder/reshape1   reshape       8 x 8 x 4
      D/decoder/h0         tap           8 x 8 x 4
      D/decoder/conv1      conv 3x3      8 x 8 x 4           148         9.22 k
      D/decoder/elu1       elu           8 x 8 x 4
      D/decoder/upsample1  upsample x2   16 x 16 x 4
      D/decoder/conv2      conv 3x3      16 x 16 x 4         148         36.9 k
      D/decoder/elu2       elu           16 x 16 x 4
      D/decoder/conv3      conv 3x3      16 x 16 x 3         111         27.6 k
      total                                                7,371          163 k

    G  8 -> 16 x 16 x 3
      layer        kind         output       parameters  multiply-adds
      G/dense1     dense        256               2,304         2.05 k
      G/reshape1   reshape      8 x 8 x 4
      G/h0         tap          8 x 8 x 4
      G/conv1      conv 3x3     8 x 8 x 4           148         9.22 k
      G/elu1       elu          8 x 8 x 4
      G/upsample1  upsample x2  16 x 16 x 4
      G/conv2      conv 3x3     16 x 16 x 4         148         36.9 k
      G/elu2       elu          16 x 16 x 4
      G/conv3      conv 3x3     16 x 16 x 3         111         27.6 k
      total                                       2,711         75.8 k

    "
  `);
  // How many kernels there are is the planner's business: here only that every phase and output has its row.
  const rows = out
    .slice(phases)
    .split('\n')
    .map((line) =>
      line
        .replace(/\d[\d.,]*( [KM]iB| [kMGT])?/g, '#')
        .replace(/ +/g, ' ')
        .trim(),
    );
  expect(rows).toEqual([
    'Training step batch #; operations of the graph, and the kernels they are fused into',
    'phase operations contractions pointwise reductions layout multiply-adds',
    'discriminator+generator # # # # # #',
    'controller # # # # # #',
    '',
    'Outputs',
    'output operations contractions pointwise reductions layout multiply-adds',
    'generate # # # # # #',
    'reconstruct # # # # # #',
    '',
    'Convolutions with --backend wasm, unless --precise',
    'done by kernels because',
    'Winograd # estimated # to # times as fast as the plain sum',
    'plain sum # Winograd is estimated to take # to # times as long',
    'plain sum # its kernel is not #x# with steps of #',
    '',
    'Memory # planned; # if every operation kept its result',
    'state #: # parameters, # optimizer moments',
    'temporary #',
    'other #: inputs, values, scratch',
    '',
  ]);
});

it('measures a step on random pictures, and needs no data', async () => {
  const spec = TINY_SPEC.replace('facesjs: 40, size: 16, background: plain', 'images: ./nowhere, size: 16');
  const workspace = await Workspace.create({ 'tiny.yaml': spec });
  const { code, out, err } = await workspace.run('inspect', 'tiny.yaml', '--set', 'train.steps=100');
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toMatch(/^Measured here {2}wasm( relaxed-simd)?, .* planned$/m);
  expect(out).toMatch(/^ {2}made ready in [\d.]+ s; a step takes [\d.]+ ms \(\d+ timed\)$/m);
  expect(out).toMatch(/^ {2}100 steps: about \d+ s$/m);
});

it('dumps what the compiler holds after a pass, and trains nothing', async () => {
  const workspace = await Workspace.create({ 'tiny.yaml': TINY_SPEC });
  const dump = (command: string, pass: string) => workspace.run(command, 'tiny.yaml', '--dump-after', pass);
  const { code, out, err } = await dump('run', 'lowering');
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toMatch(/^graph discriminator\+generator \(\d+ nodes\)\n {2}%0 = /);
  expect(out).toMatch(/^graph generate \(\d+ nodes\)$/m);
  const merged = await dump('inspect', 'merge-batches');
  expect(merged.code).toBe(0);
  expect(merged.out).not.toBe(out);
  expect((await dump('inspect', 'plan')).out).toContain('discriminator+generator');
  expect(await dump('run', 'cse ')).toEqual({
    code: 2,
    out: '',
    err: `error[run/option] The compiler has no pass \`cse \`
help: Write \`lowering\`, \`simplify\`, \`cse\`, \`merge-batches\` or \`plan\`.

`,
  });
  expect(await readdir(workspace.folder)).toEqual(['tiny.yaml']);
});

it('shows the parts of a phase and how many sums they keep', async () => {
  const workspace = await Workspace.create({ 'tiny.yaml': TINY_SPEC });
  const inspected = async (...options: readonly string[]): Promise<string> =>
    (await workspace.run('inspect', 'tiny.yaml', '--no-measure', '--set', 'train.batch=16', ...options)).out;
  const [whole, parts] = [await inspected(), await inspected('--set', 'train.micro_batch=2')];
  expect(parts).toContain('Training step  batch 16, 2 at once; operations of the graph');
  expect(parts).toMatch(/\n {2}discriminator\+generator\/part +\d/);
  expect(parts).toMatch(/ parameters, [\d,]+ optimizer moments, [\d,]+ sums over parts\n/);
  expect(whole).not.toMatch(/part|at once/);
});
