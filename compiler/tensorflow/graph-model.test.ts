/** What can be said of a graph model without TensorFlow.js; test/graph-model runs them. */
import { expect, test } from 'vitest';
import { folderLibrary } from '../../runtimes/node/library-source.js';
import { SYSTEMS } from '../../test/library/systems.js';
import { compile } from '../compile.js';
import { initialState } from '../random/initialise.js';
import { frozenModel } from './frozen-model.js';
import { GRAPH_MODEL_LOWERINGS } from './graph-model-lowerings.js';
import { encodeGraphModel, SHARD_BYTES, type ModelFile, type WeightType } from './graph-model.js';
import { NodeList, tensorInfo } from './node-list.js';
import { identity } from './program-graph.js';
import type { SavedModel } from './protobuf.js';

interface ModelJson {
  readonly modelTopology: { readonly node: readonly { readonly name: string; readonly op: string }[] };
  readonly signature: Readonly<Record<'inputs' | 'outputs', Readonly<Record<string, object>>>>;
  readonly weightsManifest: readonly {
    readonly paths: readonly string[];
    readonly weights: readonly {
      readonly name: string;
      readonly shape: readonly number[];
      readonly dtype: string;
      readonly quantization?: object;
    }[];
  }[];
}

const jsonOf = (files: readonly ModelFile[]): ModelJson =>
  JSON.parse(new TextDecoder().decode(files.at(-1)!.content)) as ModelJson;

const encode = (model: SavedModel, weights: WeightType = 'float32'): readonly ModelFile[] =>
  encodeGraphModel(model, { generatedBy: 'began-compile 1.2.3', weights });

function libraryModel(name: string): SavedModel {
  const { text } = SYSTEMS.find((system) => system.name === name)!;
  const { outputs, state, seed } = compile({ name: 'system.yaml', text }, folderLibrary()).program!;
  return frozenModel(
    outputs.map((source) => ({ source, scalars: new Map() })),
    state,
    new Map(state.map((declaration) => [declaration.name, initialState(declaration, seed)])),
    GRAPH_MODEL_LOWERINGS,
  );
}

/** A model that gives one weight. */
function weightModel(values: ArrayLike<number>): SavedModel {
  const list = new NodeList();
  const given = identity(list, 'given', list.floats('state/w', values, [values.length]), []);
  const signature = { inputs: new Map(), outputs: new Map([['given', tensorInfo(given)]]), method: '' };
  return { nodes: list.nodes, signatures: new Map([['given', signature]]), tags: [] };
}

test('one model always gives the same files, and model.json comes last', () => {
  const model = libraryModel('infogan');
  expect(encode(model)).toEqual(encode(model));
  expect(encode(model).map(({ name }) => name)).toEqual(['group1-shard1of1.bin', 'model.json']);
});

test('the numbers of all constants, and nothing else, fill the shards in the order of the manifest', () => {
  const files = encode(libraryModel('infogan'));
  const { modelTopology, weightsManifest } = jsonOf(files);
  const { weights } = weightsManifest[0]!;
  expect(weights.map(({ name }) => name)).toEqual(
    modelTopology.node.filter(({ op }) => op === 'Const').map(({ name }) => name),
  );
  const counted = weights.reduce(
    (sum, { shape }) => sum + shape.reduce((product, size) => product * size, 4),
    0,
  );
  expect(files[0]!.content.length).toBe(counted);
});

test('a constant is written as a GraphDef has it in JSON, its numbers in the shard', () => {
  const [shard, model] = encode(weightModel([1, -2]));
  expect(shard!.content).toEqual(new Uint8Array(Float32Array.of(1, -2).buffer));
  expect(JSON.parse(new TextDecoder().decode(model!.content))).toEqual({
    format: 'graph-model',
    generatedBy: 'began-compile 1.2.3',
    convertedBy: null,
    signature: {
      inputs: {},
      outputs: { given: { name: 'given:0', dtype: 'DT_FLOAT', tensorShape: { dim: [{ size: '2' }] } } },
    },
    modelTopology: {
      node: [
        {
          name: 'state/w',
          op: 'Const',
          attr: {
            dtype: { type: 'DT_FLOAT' },
            value: { tensor: { dtype: 'DT_FLOAT', tensorShape: { dim: [{ size: '2' }] } } },
          },
        },
        { name: 'given', op: 'Identity', input: ['state/w'], attr: { T: { type: 'DT_FLOAT' } } },
      ],
      versions: { producer: 1087, minConsumer: 0 },
    },
    weightsManifest: [
      { paths: ['group1-shard1of1.bin'], weights: [{ name: 'state/w', shape: [2], dtype: 'float32' }] },
    ],
  });
});

test('no shard is larger than 4 MiB, and together they hold every byte in order', () => {
  const values = Float32Array.from({ length: SHARD_BYTES / 2 + 1 }, (_, i) => i);
  const files = encode(weightModel(values));
  const shards = files.slice(0, -1);
  expect(shards.map(({ name, content }) => [name, content.length])).toEqual([
    ['group1-shard1of3.bin', SHARD_BYTES],
    ['group1-shard2of3.bin', SHARD_BYTES],
    ['group1-shard3of3.bin', 4],
  ]);
  const together = Buffer.concat(shards.map(({ content }) => content));
  expect(together.equals(Buffer.from(values.buffer))).toBe(true);
});

test('float16 halves the weights and leaves the numbers of the graph alone', () => {
  const model = libraryModel('infogan');
  const entries = jsonOf(encode(model, 'float16')).weightsManifest[0]!.weights;
  const halved = entries.filter(({ quantization }) => quantization !== undefined).map(({ name }) => name);
  expect(halved.length).toBeGreaterThan(0);
  expect(halved).toEqual(entries.filter(({ name }) => name.startsWith('state/')).map(({ name }) => name));
  expect(halved.length).toBeLessThan(entries.length);
});

test('a weight that float16 cannot hold is refused by its name', () => {
  expect(() => encode(weightModel([1, -70000]), 'float16')).toThrow(
    '`state/w` holds -70000, and float16 ends at 65504',
  );
});
