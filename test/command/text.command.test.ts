/** A run on text, from the file to its lines. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { metricsRows, Workspace } from './began-compile.js';

const LINES = `${Array.from({ length: 60 }, (_, i) => 'abcab'.slice(i % 3, 3 + (i % 3))).join('\n')}\n`;

const SPEC = `version: 1
title: Tiny text
hyper: { n: 4 }
data:
  x: { text: ./lines.txt, length: 6, alphabet: a-c, split: train, held_out: 0.2 }
noise:
  z: { normal: [0, 1], shape: [4] }
networks:
  G: { use: text/generator, with: { length: 6, symbols: 4, filters: n, blocks: 1 } }
  D: { use: text/critic, with: { filters: n, blocks: 1 } }
  E: [{ conv: { filters: 4, kernel: [1, 3] } }, softmax]
objective:
  use: wgan_gp
  with: { critic_steps: 2 }
outputs:
  generate: G(z)
  repeat: E(x)
lints: { untrained-network: off }
train: { batch: 4, steps: 4, seed: 1, log: 1, samples: 2, checkpoint: 2 }
`;

const start = () => Workspace.create({ 'tiny.yaml': SPEC, 'lines.txt': LINES });

const hashOf = async (workspace: Workspace, path: string): Promise<string> =>
  createHash('sha256')
    .update(await workspace.read(path))
    .digest('hex');

describe('a run on text', () => {
  it('prints lines, writes them, logs how far their n-grams are from held-out text, and shows all in the report', async () => {
    const workspace = await start();
    const { code, out, err } = await workspace.run('run', 'tiny.yaml');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^step 2 writes\n {2}[abc ]*\n/m);
    expect(out).toMatch(/^step 4\/4 .*diversity \S+ {2}divergence 0\.\d+\/0\.\d+$/m);

    const lines = (await workspace.text('runs/tiny/samples/step-000004.txt')).split('\n');
    expect(lines).toHaveLength(65);
    for (const line of lines) expect(line).toMatch(/^[abc]{0,6}$/);
    // Each line of data beside what came out of it: the order of the file, without what is held out.
    const pairs = (await workspace.text('runs/tiny/reconstructions/step-000004.txt')).trimEnd().split('\n');
    expect(pairs).toHaveLength(32);
    const whole = LINES.split('\n');
    let at = -1;
    for (const pair of pairs) {
      expect(pair).toMatch(/^[abc]{3} \| [abc]{0,6}$/);
      expect((at = whole.indexOf(pair.slice(0, 3), at + 1))).not.toBe(-1);
    }

    const rows = await metricsRows(workspace, 'runs/tiny');
    expect(rows.filter(({ divergence }) => divergence !== undefined).map(({ step }) => step)).toEqual([2, 4]);
    const { samples, text } = rows[3]!.divergence!;
    expect([samples, text].map((numbers) => numbers?.length)).toEqual([4, 4]);
    for (const value of [...samples!, ...text!]) expect(value >= 0 && value <= 1).toBe(true);

    const html = await workspace.text('runs/tiny/report.html');
    expect(html).toContain(`<pre>${lines.join('\n')}</pre>`);
    expect(html).toContain('<pre class="large"></pre>');
    expect(html).toContain('4-gram divergence');
  });

  it('is bit for bit the same when it is stopped and resumed', async () => {
    const workspace = await start();
    await workspace.run('run', 'tiny.yaml', '--out', 'whole');
    await workspace.run('run', 'tiny.yaml', '--out', 'parts', '--steps', '2');
    const { code } = await workspace.run('run', '--resume', 'parts', '--steps', '4');
    expect(code).toBe(0);
    const last = 'checkpoints/step-000004.safetensors';
    const [whole, parts] = await Promise.all(
      ['whole', 'parts'].map(async (folder) => tensorsOf(await workspace.read(`${folder}/${last}`))),
    );
    expect(parts!.equals(whole!)).toBe(true);
    expect(await hashOf(workspace, 'parts/samples/step-000004.txt')).toBe(
      await hashOf(workspace, 'whole/samples/step-000004.txt'),
    );
  });

  it('can be sampled with neither spec nor data: lines are printed, or written where --out says', async () => {
    const workspace = await start();
    await workspace.run('run', 'tiny.yaml');
    await workspace.write('lines.txt', '');
    const { code, out, err } = await workspace.run('sample', 'runs/tiny', '--count', '7');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^([abc]{0,6}\n){7}$/);
    const written = await workspace.run('sample', 'runs/tiny', '--count', '7', '--out', 'seven.txt');
    expect(written.out).toBe("7 samples of 'generate' at step 4, seed 1: seven.txt\n");
    expect(await workspace.text('seven.txt')).toBe(out);
    const refused = await workspace.run('sample', 'runs/tiny', '--separate');
    expect(refused).toEqual({
      code: 2,
      out: '',
      err: 'error[run/option] The output `generate` gives lines, which go into one file\nhelp: Leave `--separate` out.\n\n',
    });
  });
});

/** A safetensors file without its header, which holds the spec's text and so the number of steps. */
function tensorsOf(file: Buffer): Buffer {
  return file.subarray(8 + Number(file.readBigUInt64LE(0)));
}
