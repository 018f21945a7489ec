import { describe, expect, it } from 'vitest';
import type { Program } from '../../compiler/program.js';
import { readCheckpoint, restoreCheckpoint, saveCheckpoint } from '../../runtimes/training/checkpoint.js';
import { decodeSafetensors, encodeSafetensors } from '../../runtimes/training/safetensors.js';
import type { Safetensors } from '../../runtimes/training/safetensors.js';
import { TrainingSession } from '../../runtimes/training/session.js';
import { refusal } from './errors.js';
import { tinyImages, tinyProgram, TinyExecutable } from './tiny-program.js';

const CONTEXT = {
  spec: { name: 'tiny.yaml', text: 'version: 1 # größer\n' },
  engine: 'tiny',
  versions: { 'began-compile': '0.1.0' },
  extra: { seconds: '12.5' },
};

async function open(program: Program = tinyProgram, seed?: number) {
  const executable = new TinyExecutable(program);
  const examples = new Map([['x', tinyImages()]]);
  const session = await TrainingSession.create({ program, executable, examples, seed });
  return { session, executable };
}

async function steps(session: TrainingSession, count: number) {
  const metrics: (readonly [string, number])[][] = [];
  for (let i = 0; i < count; i++) metrics.push([...(await session.step()).metrics!]);
  return metrics;
}

/** A file with one part changed. */
async function edited(
  edit: (file: { metadata: Map<string, string> } & Safetensors) => Safetensors | undefined,
) {
  const { session } = await open();
  const { metadata, tensors } = decodeSafetensors(await saveCheckpoint(session, CONTEXT));
  const file = { metadata: new Map(metadata), tensors };
  return encodeSafetensors(edit(file) ?? file);
}

describe('a checkpoint', () => {
  it('makes 20 + 20 steps equal to 40, bit for bit, in every state tensor and metric', async () => {
    const whole = await open();
    whole.session.setHyper('rate', 0.07);
    const expected = await steps(whole.session, 40);

    const first = await open();
    first.session.setHyper('rate', 0.07);
    const before = await steps(first.session, 20);
    const bytes = await saveCheckpoint(first.session, CONTEXT);

    // Another seed, and moved on: everything has to come from the file.
    const second = await open(tinyProgram, 99);
    await steps(second.session, 3);
    expect(await restoreCheckpoint(second.session, readCheckpoint(bytes, 'a'), 'tiny')).toEqual([]);
    expect(second.session.progress).toEqual(first.session.progress);
    const after = await steps(second.session, 20);

    expect([...before, ...after]).toEqual(expected);
    expect(second.executable.state).toEqual(whole.executable.state);
    expect(second.session.progress).toEqual(whole.session.progress);
    expect(after.at(-1)).not.toEqual(before.at(-1));
  });

  it('keeps the spec, versions and extras', async () => {
    const { session } = await open();
    const { spec, engine, versions, extra, progress } = readCheckpoint(
      await saveCheckpoint(session, CONTEXT),
      'a',
    );
    expect({ spec, engine, versions, extra }).toEqual(CONTEXT);
    expect(progress).toEqual({
      seed: 11,
      step: 0,
      executions: { fit: 0, controller: 0 },
      cursors: { x: { epoch: 0, position: 0 } },
      hyper: { rate: 0.1, poison_at: -1 },
      stopped: false,
    });
  });

  it('can be sampled from without data', async () => {
    const trained = await open();
    await steps(trained.session, 5);
    const bytes = await saveCheckpoint(trained.session, CONTEXT);
    const sampler = await TrainingSession.create({
      program: tinyProgram,
      executable: new TinyExecutable(),
      examples: new Map(),
    });
    await restoreCheckpoint(sampler, readCheckpoint(bytes, 'a'), 'tiny');
    expect(await sampler.generate('generate', { count: 4 })).toEqual(
      await trained.session.generate('generate', { count: 4 }),
    );
  });

  it('says so when another engine goes on', async () => {
    const { session } = await open();
    const checkpoint = readCheckpoint(await saveCheckpoint(session, CONTEXT), 'step-20.safetensors');
    expect(await restoreCheckpoint(session, checkpoint, 'other')).toEqual([
      {
        code: 'run/checkpoint-mismatch',
        severity: 'information',
        message: '`step-20.safetensors` was written by the engine tiny and goes on with other',
        note: 'The run continues from the same state, but not bit for bit as it would have gone on there.',
      },
    ]);
  });
});

describe('a damaged checkpoint is refused', () => {
  const cases: readonly (readonly [string, () => Promise<Uint8Array> | Uint8Array, string])[] = [
    ['empty', () => new Uint8Array(), 'it ends before its header'],
    [
      'cut off in the header',
      async () => (await edited(() => undefined)).slice(0, 100),
      'it ends before its header',
    ],
    [
      'cut off in the tensors',
      async () => (await edited(() => undefined)).slice(0, -1),
      'it ends inside the tensor `value/fit/loss`',
    ],
    [
      'with bytes after its end',
      async () => new Uint8Array([...(await edited(() => undefined)), 0]),
      'it has 41 bytes of tensors, its header describes 40',
    ],
    [
      'with one bit of a weight flipped',
      async () => {
        const bytes = await edited(() => undefined);
        bytes[bytes.length - 40]! ^= 1;
        return bytes;
      },
      'its checksum is wrong',
    ],
    [
      'a text file',
      () => new TextEncoder().encode('version: 1\nname: faces\n'),
      'it does not begin as a safetensors file',
    ],
    [
      'a JSON header that is none',
      () => new Uint8Array([8, 0, 0, 0, 0, 0, 0, 0, ...new TextEncoder().encode('not json')]),
      'its header is not JSON',
    ],
    [
      'of another program',
      () => encodeSafetensors({ metadata: new Map(), tensors: new Map() }),
      'it is a safetensors file, but not of began-compile',
    ],
    [
      'of a later version',
      () => edited((file) => void file.metadata.set('format', 'began-compile checkpoint 2')),
      'it is a `began-compile checkpoint 2`, this version reads `began-compile checkpoint 1`',
    ],
    [
      'without its spec',
      () => edited((file) => void file.metadata.delete('spec')),
      'its metadata has no `spec`',
    ],
    [
      'with a negative counter',
      () => edited((file) => void file.metadata.set('progress', file.metadata.get('progress')!.replace('"step":0', '"step":-1'))), // prettier-ignore
      'its progress has no valid step',
    ],
    [
      'with a broken cursor',
      () => edited((file) => void file.metadata.set('progress', file.metadata.get('progress')!.replace('"epoch":0', '"epoch":null'))), // prettier-ignore
      'its progress has no valid epoch of `x`',
    ],
    ['with progress that is no JSON', () => edited((file) => void file.metadata.set('progress', '{')), 'its progress is not JSON'], // prettier-ignore
  ];
  it.each(cases)('%s', async (_name, bytes, why) => {
    const file = await bytes();
    expect(await refusal(() => readCheckpoint(file, 'a.safetensors'))).toEqual([
      {
        code: 'run/checkpoint-corrupt',
        severity: 'error',
        message: `\`a.safetensors\` cannot be read as a checkpoint: ${why}`,
      },
    ]);
  });
});

describe('a checkpoint of another spec is refused', () => {
  it('with every tensor that differs named, and nothing written', async () => {
    const { session } = await open();
    const checkpoint = readCheckpoint(await saveCheckpoint(session, CONTEXT), 'a.safetensors');
    const other = await open({
      ...tinyProgram,
      state: [
        { ...tinyProgram.state[0]!, shape: [2, 2] },
        { ...tinyProgram.state[1]!, name: 'D/conv/weight', shape: [3, 3] },
        ...tinyProgram.state.slice(2),
      ],
    });
    other.executable.state.get('w')!.fill(5);
    const before = structuredClone(other.executable.state);
    expect(await refusal(() => restoreCheckpoint(other.session, checkpoint, 'tiny'))).toEqual([
      {
        code: 'run/checkpoint-mismatch',
        severity: 'error',
        message:
          '`a.safetensors` is not a checkpoint of this spec: `w` is [4] instead of [2, 2]; `D/conv/weight` is missing; `m/w` is unknown to the spec',
        note: 'It was written for `tiny.yaml`, whose text it holds.',
        help: 'Resume with the spec it was written for, or start a new run.',
      },
    ]);
    expect(other.executable.state).toEqual(before);
  });
});
