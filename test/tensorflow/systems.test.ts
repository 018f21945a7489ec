/**
 * Whole training steps as TensorFlow graphs: traces, every gradient and what every tensor has changed by against the
 * reference; state that is written together or not at all.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compile } from '../../compiler/compile.js';
import { GraphBuilder } from '../../compiler/graph/builder.js';
import { input } from '../../compiler/graph/construct.js';
import type { NodeId } from '../../compiler/graph/graph.js';
import type { Program } from '../../compiler/program.js';
import { folderLibrary } from '../../runtimes/node/library-source.js';
import { referenceEngine } from '../../runtimes/reference/engine.js';
import { FLOAT32 } from '../library/limits.js';
import { madeUpFeeds } from '../library/made-up-feeds.js';
import { SYSTEMS } from '../library/systems.js';
import { IN_PARTS } from '../library/written-systems.js';
import { programOf as graphProgram } from '../ops/program-of.js';
import { judgeAgainst } from '../parity/judge.js';
import { recordRun } from '../parity/run.js';
import { expectFrozenByNaN } from '../parity/non-finite.js';
import { hasTensorflow, PythonTensorflow } from './python-tensorflow.js';

/** As test/library has them; the heavy run takes all. */
const TAKEN = new Set([
  IN_PARTS.name,
  'began k0: 0.3, rate: 1e-3',
  'wgan_gp',
  'acgan',
  'infogan',
  'gan, the networks of DCGAN',
]);

function programOf(text: string): Program {
  return compile({ name: 'system.yaml', text }, folderLibrary(), { exposeGradients: true }).program!;
}

describe.runIf(hasTensorflow())('training steps in TensorFlow', () => {
  let tensorflow: PythonTensorflow;
  beforeAll(() => {
    tensorflow = new PythonTensorflow();
  });
  afterAll(() => tensorflow.dispose());

  const systems = [...SYSTEMS, IN_PARTS].filter(({ name }) => process.env['HEAVY'] || TAKEN.has(name));

  test('the systems named here are systems of the library', () => {
    expect(systems.length).toBeGreaterThanOrEqual(TAKEN.size);
  });

  test.each(systems)('$name: 5 steps are those of the reference', async ({ text }) => {
    const program = programOf(text);
    const options = { steps: 5, from: 30, feeds: madeUpFeeds(program) };
    const reference = await recordRun(referenceEngine, program, options);
    const run = await recordRun(tensorflow, program, options);
    expect(judgeAgainst(run, reference, FLOAT32)).toEqual([]);
  });

  test('a step that is not finite leaves all state as it was, and says so', async () => {
    await expectFrozenByNaN(tensorflow, programOf(SYSTEMS.find(({ name }) => name === 'wgan_gp')!.text));
  });

  test('all state is written from what it was before: two tensors change places', async () => {
    const b = new GraphBuilder();
    const [first, second] = ['first', 'second'].map((name) => input(b, 'state', name, [1000])) as [
      NodeId,
      NodeId,
    ];
    const graph = b.build('swap', [
      { kind: 'state', name: 'first', node: second },
      { kind: 'value', name: 'was first', node: first },
      { kind: 'state', name: 'second', node: first },
    ]);
    const executable = await tensorflow.load(graphProgram(graph));
    expect(await executable.readState('first'), 'zero until written').toEqual(new Float32Array(1000));
    const [ones, twos] = [new Float32Array(1000).fill(1), new Float32Array(1000).fill(2)];
    await executable.writeState('first', ones);
    await executable.writeState('second', twos);
    for (let i = 1; i <= 9; i++) {
      await executable.run('swap', { feeds: new Map(), scalars: new Map() });
      const [was, is] = i % 2 === 1 ? [ones, twos] : [twos, ones];
      expect(await executable.read('swap', 'was first')).toEqual(was);
      expect([await executable.readState('first'), await executable.readState('second')]).toEqual([is, was]);
    }
    executable.dispose();
  });
});
