/**
 * A TensorFlow graph as a TensorFlow.js graph model: `model.json` holds the graph (a GraphDef in protobuf's JSON form),
 * one signature and a list of the constants, whose numbers lie one after the other in shards. It is what
 * tf.loadGraphModel reads, as @tensorflow/tfjs-converter 4.22 defines it.
 */
import type { Shape } from '../graph/graph.js';
import { float16Weight } from '../float16-weight.js';
import { elementCount } from '../ops/shape-checks.js';
import {
  GRAPH_PRODUCER,
  type AttrValue,
  type DataType,
  type NodeDef,
  type SavedModel,
  type TensorInfo,
  type TensorProto,
} from './protobuf.js';

/** How the weights are stored; the model computes in float32 either way. */
export type WeightType = 'float32' | 'float16';

export interface GraphModelOptions {
  /** Who wrote it, with a version. */
  readonly generatedBy: string;
  readonly weights: WeightType;
}

/** A file of a model's folder. */
export interface ModelFile {
  readonly name: string;
  readonly content: Uint8Array;
}

/** What browsers cache well: the size that TensorFlow's own converter cuts at. */
export const SHARD_BYTES = 4 * 1024 * 1024;

const shardName = (number: number, of: number): string => `group1-shard${number}of${of}.bin`;

/** Whether a file of a model's folder is a shard, of this model or of one that it replaces. */
export const isShardName = (name: string): boolean => /^group1-shard\d+of\d+\.bin$/.test(name);

const TYPE_NAMES: Readonly<Record<DataType, string>> = {
  float32: 'DT_FLOAT',
  int32: 'DT_INT32',
  bool: 'DT_BOOL',
  resource: 'DT_RESOURCE',
};

interface Weight {
  readonly name: string;
  readonly tensor: TensorProto;
  readonly type: WeightType | 'int32';
}

/**
 * The files, `model.json` last. All signatures become one, which takes and gives what any of them does by the same
 * names: TensorFlow.js runs of the graph what the outputs asked for need, and asks for their inputs only. Equal models
 * give equal files. Throws a DiagnosticError where a weight is too large for its type.
 */
export function encodeGraphModel(model: SavedModel, options: GraphModelOptions): readonly ModelFile[] {
  const weights = model.nodes.flatMap((node) => weightsOf(node, options.weights));
  const shards = cut(weights.map(weightBytes));
  const paths = shards.map((_, i) => shardName(i + 1, shards.length));
  const { nodes, signatures } = model;
  const json = {
    format: 'graph-model',
    generatedBy: options.generatedBy,
    convertedBy: null,
    signature: {
      inputs: tensorInfos([...signatures.values()].flatMap(({ inputs }) => [...inputs])),
      outputs: tensorInfos(
        [...signatures.values()].flatMap(({ outputs }) =>
          [...outputs].flatMap(([name, info]) => ('tensor' in info ? [[name, info] as const] : [])),
        ),
      ),
    },
    modelTopology: { node: nodes.map(nodeJson), versions: { producer: GRAPH_PRODUCER, minConsumer: 0 } },
    weightsManifest: [{ paths, weights: weights.map(manifestEntry) }],
  };
  return [
    ...shards.map((content, i) => ({ name: paths[i]!, content })),
    { name: 'model.json', content: new TextEncoder().encode(JSON.stringify(json)) },
  ];
}

/** Constants with numbers of their own are weights; those that the graph is made with keep all their bits. */
function weightsOf({ name, op, attributes }: NodeDef, type: WeightType): Weight[] {
  if (op !== 'Const') return [];
  const value = attributes['value'];
  if (value?.kind !== 'tensor') throw new Error(`internal: the constant "${name}" has no value`);
  const tensor = value.value;
  if (tensor.dtype === 'int32') return [{ name, tensor, type: 'int32' }];
  return [{ name, tensor, type: 'bytes' in tensor ? type : 'float32' }];
}

function weightBytes({ name, tensor, type }: Weight): Uint8Array {
  if ('fill' in tensor) {
    const bytes = new Uint8Array(elementCount(tensor.shape) * 4);
    const view = new DataView(bytes.buffer);
    for (let offset = 0; offset < bytes.length; offset += 4) view.setFloat32(offset, tensor.fill, true);
    return bytes;
  }
  if (type !== 'float16') return tensor.bytes;
  const { buffer, byteOffset, byteLength } = tensor.bytes;
  const from = new DataView(buffer, byteOffset, byteLength);
  const bytes = new Uint8Array(byteLength / 2);
  const to = new DataView(bytes.buffer);
  for (let i = 0; i < byteLength / 4; i++) {
    to.setUint16(i * 2, float16Weight(name, from.getFloat32(i * 4, true)), true);
  }
  return bytes;
}

/** All bytes after each other, in pieces of SHARD_BYTES; a tensor may lie in several. */
function cut(parts: readonly Uint8Array[]): Uint8Array[] {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return Array.from({ length: Math.ceil(all.length / SHARD_BYTES) }, (_, i) =>
    all.subarray(i * SHARD_BYTES, (i + 1) * SHARD_BYTES),
  );
}

function manifestEntry({ name, tensor: { shape, dtype }, type }: Weight): object {
  return { name, shape, dtype, ...(type === 'float16' ? { quantization: { dtype: 'float16' } } : {}) };
}

function tensorInfos(named: readonly (readonly [string, TensorInfo])[]): object {
  const known = new Map<string, TensorInfo>();
  for (const [name, info] of named) {
    const before = known.get(name) ?? info;
    if (before.tensor !== info.tensor) throw new Error(`internal: two tensors are called "${name}"`);
    known.set(name, info);
  }
  return Object.fromEntries(
    [...known].map(([name, { tensor, dtype, shape }]) => [
      name,
      { name: tensor, dtype: TYPE_NAMES[dtype], tensorShape: shapeJson(shape) },
    ]),
  );
}

function nodeJson({ name, op, inputs, attributes }: NodeDef): object {
  const attr = Object.fromEntries(
    Object.entries(attributes).map(([key, value]) => [key, attributeJson(value)]),
  );
  return { name, op, ...(inputs.length > 0 ? { input: inputs } : {}), attr };
}

/** Whole numbers are strings, as protobuf's JSON has those of 64 bits; texts are their bytes in base64. */
function attributeJson(attribute: AttrValue): object {
  switch (attribute.kind) {
    case 'string':
      return { s: btoa(attribute.value) };
    case 'int':
      return { i: String(attribute.value) };
    case 'bool':
      return { b: attribute.value };
    case 'type':
      return { type: TYPE_NAMES[attribute.value] };
    case 'shape':
      return { shape: shapeJson(attribute.value) };
    // The numbers stand in the shards.
    case 'tensor':
      return {
        tensor: { dtype: TYPE_NAMES[attribute.value.dtype], tensorShape: shapeJson(attribute.value.shape) },
      };
    case 'ints':
      return { list: { i: attribute.value.map(String) } };
    default:
      return attribute satisfies never;
  }
}

const shapeJson = (shape: Shape): object =>
  shape.length === 0 ? {} : { dim: shape.map((size) => ({ size: String(size) })) };
