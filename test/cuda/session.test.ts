/** State, memory and failures of programs that live in a TensorFlow session. */
import { describe, expect, it } from 'vitest';
import { compile } from '../../compiler/compile.js';
import { GraphBuilder } from '../../compiler/graph/builder.js';
import { add, input } from '../../compiler/graph/construct.js';
import type { Graph } from '../../compiler/graph/graph.js';
import { CudaEngine } from '../../runtimes/cuda/engine.js';
import { folderLibrary } from '../../runtimes/node/library-source.js';
import { SYSTEMS } from '../library/systems.js';
import { programOf } from '../ops/program-of.js';
import { expectFrozenByNaN } from '../parity/non-finite.js';
import { nativeTensorflow } from './native-tensorflow.js';

const tensorflow = nativeTensorflow();
const NOTHING = { feeds: new Map<string, Float32Array>(), scalars: new Map<string, number>() };

/** Two tensors that change places. */
function swap(): Graph {
  const b = new GraphBuilder();
  const first = input(b, 'state', 'first', [3]);
  const second = input(b, 'state', 'second', [3]);
  return b.build('swap', [
    { kind: 'state', name: 'first', node: second },
    { kind: 'value', name: 'was first', node: first },
    { kind: 'state', name: 'second', node: first },
  ]);
}

const ELEMENTS = 16_384;

/** w = w + x. */
function accumulate(): Graph {
  const b = new GraphBuilder();
  const w = add(b, input(b, 'feed', 'x', [ELEMENTS]), input(b, 'state', 'w', [ELEMENTS]));
  return b.build('accumulate', [
    { kind: 'state', name: 'w', node: w },
    { kind: 'value', name: 'w', node: w },
  ]);
}

/** y = x + w. */
function sum(): Graph {
  const b = new GraphBuilder();
  const y = add(b, input(b, 'feed', 'x', [2]), input(b, 'state', 'w', [2]));
  return b.build('sum', [{ kind: 'value', name: 'y', node: y }]);
}

describe.runIf(tensorflow !== undefined)('a program in a session of the native TensorFlow', () => {
  const engine = () => new CudaEngine(tensorflow!.binding);

  it('names TensorFlow and, without a GPU, the CPU, so that a run without a GPU shows', () => {
    const version = tensorflow!.binding.TF_Version;
    expect(engine().name).toBe(
      tensorflow!.kind === 'cuda'
        ? `cuda (TensorFlow ${version})`
        : `cuda on the CPU (TensorFlow ${version})`,
    );
  });

  it('has state of zero until it is written, and writes all of it from what it was before', async () => {
    const executable = await engine().load(programOf(swap()));
    expect(await executable.readState('first')).toEqual(new Float32Array(3));
    await executable.writeState('first', [1, 2, 3]);
    expect(await executable.readState('first'), 'before any run').toEqual(Float32Array.of(1, 2, 3));
    expect(await executable.readState('second'), 'what was not written stays').toEqual(new Float32Array(3));
    await executable.writeState('second', [4, 5, 6]);
    for (let i = 0; i < 5; i++) {
      await executable.run('swap', NOTHING);
      const [was, is] = i % 2 === 0 ? [[1, 2, 3], [4, 5, 6]] : [[4, 5, 6], [1, 2, 3]]; // prettier-ignore
      expect([...(await executable.read('swap', 'was first'))]).toEqual(was);
      expect([...(await executable.readState('first'))]).toEqual(is);
      expect([...(await executable.readState('second'))]).toEqual(was);
    }
    executable.dispose();
    executable.dispose();
  });

  it('gives copies: what a caller does to them is not read again', async () => {
    const executable = await engine().load(programOf(swap()));
    await executable.writeState('first', [1, 2, 3]);
    await executable.run('swap', NOTHING);
    (await executable.readState('second')).fill(9);
    (await executable.read('swap', 'was first')).fill(9);
    expect([...(await executable.readState('second'))]).toEqual([1, 2, 3]);
    expect([...(await executable.read('swap', 'was first'))]).toEqual([1, 2, 3]);
    executable.dispose();
  });

  it('keeps to itself: two of one program have two states', async () => {
    const [one, two] = [await engine().load(programOf(swap())), await engine().load(programOf(swap()))];
    await one.writeState('first', [1, 2, 3]);
    await two.run('swap', NOTHING);
    await one.run('swap', NOTHING);
    expect([...(await one.readState('second'))]).toEqual([1, 2, 3]);
    expect([...(await two.readState('second'))]).toEqual([0, 0, 0]);
    one.dispose();
    expect([...(await two.read('swap', 'was first'))], 'after the other was disposed').toEqual([0, 0, 0]);
    await two.run('swap', NOTHING);
    two.dispose();
  });

  it('refuses what it does not have, by name, and leaves no tensor behind', async () => {
    const executable = await engine().load(programOf(sum()));
    const give = (...x: number[]) => ({ ...NOTHING, feeds: new Map([['x', Float32Array.from(x)]]) });
    await expect(executable.run('sum', NOTHING)).rejects.toThrow('sum needs the feed x');
    await expect(executable.run('sum', give(1))).rejects.toThrow('the feed x of sum has 2 elements, not 1');
    await expect(executable.run('product', NOTHING)).rejects.toThrow('no phase or output product');
    await expect(executable.read('sum', 'y')).rejects.toThrow('sum has not run');
    await expect(executable.readState('v')).rejects.toThrow('no state v');
    await expect(executable.writeState('w', [1])).rejects.toThrow('the state w has 2 elements, not 1');
    await executable.run('sum', give(1, 2));
    await expect(executable.read('sum', 'z')).rejects.toThrow('sum has no value z');
    expect([...(await executable.read('sum', 'y'))]).toEqual([1, 2]);
    expect(tensorflow!.binding.getNumOfTensors()).toBe(0);
    executable.dispose();
  });

  const wganGp = () => {
    const { text } = SYSTEMS.find(({ name }) => name === 'wgan_gp')!;
    return compile({ name: 'system.yaml', text }, folderLibrary()).program!;
  };

  it('a step that is not finite leaves all state as it was', async () => {
    await expectFrozenByNaN(engine(), wganGp());
  });

  it('memory does not grow over 1,000 steps', async () => {
    const executable = await engine().load(programOf(accumulate()));
    const feeds = new Map([['x', new Float32Array(ELEMENTS).fill(1)]]);
    const resident = () => process.memoryUsage().rss - process.memoryUsage().heapTotal;
    const steps = async (count: number) => {
      for (let i = 0; i < count; i++) {
        await executable.run('accumulate', { ...NOTHING, feeds });
        await executable.read('accumulate', 'w');
      }
    };
    await steps(200);
    const before = resident();
    await steps(1000);
    expect((await executable.readState('w'))[0]).toBe(1200);
    expect(tensorflow!.binding.getNumOfTensors()).toBe(0);
    // One tensor forgotten at every step would be twice as much.
    expect(resident() - before).toBeLessThan((1000 * 4 * ELEMENTS) / 2);
    executable.dispose();
  });
});
