/** What can be said of a TensorFlow graph without TensorFlow; test/tensorflow runs them. */
import { expect, test } from 'vitest';
import { folderLibrary } from '../../runtimes/node/library-source.js';
import { SYSTEMS } from '../../test/library/systems.js';
import { IN_PARTS } from '../../test/library/written-systems.js';
import { compile } from '../compile.js';
import type { Program } from '../program.js';
import { encodeSavedModel, type NodeDef } from './protobuf.js';
import { trainingModel } from './saved-model.js';

const { text } = SYSTEMS.find(({ name }) => name === 'wgan_gp')!;
const programOf = (spec = text): Program =>
  compile({ name: 'system.yaml', text: spec }, folderLibrary()).program!;

/** The nodes that run before another. */
function ancestors(nodes: readonly NodeDef[], name: string): Set<string> {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const found = new Set<string>();
  const visit = (one: string): void => {
    for (const input of byName.get(one)!.inputs) {
      const before = input.replace(/^\^|:\d+$/g, '');
      if (found.has(before)) continue;
      found.add(before);
      visit(before);
    }
  };
  visit(name);
  return found;
}

test('one program always gives the same bytes', () => {
  const [first, second] = [programOf(), programOf()].map((program) =>
    encodeSavedModel(trainingModel(program)),
  );
  expect(Buffer.compare(first!, second!)).toBe(0);
});

test('names are told apart and in the letters that TensorFlow takes', () => {
  const { nodes } = trainingModel(programOf());
  const names = nodes.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(names.filter((name) => !/^[A-Za-z0-9.][A-Za-z0-9_.\-/]*$/.test(name))).toEqual([]);
});

test('a phase writes only when all that it reads has been read, and gives its values after the last write', () => {
  const program = programOf();
  const { nodes, signatures } = trainingModel(program);
  for (const phase of program.phases) {
    const written = phase.graph.outputs.filter(({ kind }) => kind === 'state').length;
    const below = (op: string): string[] =>
      nodes
        .filter((node) => node.op === op && node.name.startsWith(`${phase.name.replace('@', 'n_')}/`))
        .map(({ name }) => name);
    const [reads, writes] = [below('ReadVariableOp'), below('AssignVariableOp')];
    expect(writes).toHaveLength(written);
    for (const write of writes) {
      const before = ancestors(nodes, write);
      expect(reads.filter((read) => !before.has(read))).toEqual([]);
    }
    for (const value of signatures.get(phase.name)!.outputs.values()) {
      if (!('tensor' in value)) throw new Error('a phase gives an op');
      const before = ancestors(nodes, value.tensor.replace(/:0$/, ''));
      expect(writes.filter((write) => !before.has(write))).toEqual([]);
    }
  }
});

test('the signatures are the phases, the outputs, and those for state', () => {
  expect([...trainingModel(programOf()).signatures.keys()]).toEqual([
    'critic',
    'generator',
    '@controller',
    'generate',
    'state/read',
    'state/write',
    '__saved_model_init_op',
  ]);
});

test('the parts of a phase have a signature of their own, which gives something and so is run, writes and all', () => {
  const { nodes, signatures } = trainingModel(programOf(IN_PARTS.text));
  expect([...signatures.keys()].slice(0, 4)).toEqual([
    'critic/part',
    'critic',
    'generator/part',
    'generator',
  ]);
  const [given] = signatures.get('critic/part')!.outputs.values();
  if (given === undefined || !('tensor' in given)) throw new Error('the parts give nothing');
  const before = ancestors(nodes, given.tensor.replace(/:0$/, ''));
  const writes = nodes.filter(({ op, name }) => op === 'AssignVariableOp' && name.startsWith('critic/part/'));
  expect(writes.length).toBeGreaterThan(4);
  expect(writes.filter(({ name }) => !before.has(name))).toEqual([]);
});
