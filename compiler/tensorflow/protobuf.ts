/**
 * The protocol buffers that TensorFlow reads graphs from, as far as they are written here, and their bytes. Field
 * numbers are those of tensorflow/core/framework/{graph,node_def,attr_value,tensor,tensor_shape,types,versions}.proto
 * and tensorflow/core/protobuf/{meta_graph,saved_model}.proto.
 */
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import type { Shape } from '../graph/graph.js';
import { integer, message, text, type Write } from '../protobuf/wire.js';

/** The values of tensorflow.DataType. */
export const DATA_TYPES = { float32: 1, int32: 3, bool: 10, resource: 20 } as const;
export type DataType = keyof typeof DATA_TYPES;

/** A tensor in the file: `bytes` holds it row-major and little-endian; `fill` is the one number it is made of. */
export type TensorProto =
  | { readonly dtype: 'float32' | 'int32'; readonly shape: Shape; readonly bytes: Uint8Array }
  | { readonly dtype: 'float32'; readonly shape: Shape; readonly fill: number };

export type AttrValue =
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'int'; readonly value: number }
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'type'; readonly value: DataType }
  | { readonly kind: 'shape'; readonly value: Shape }
  | { readonly kind: 'tensor'; readonly value: TensorProto }
  | { readonly kind: 'ints'; readonly value: readonly number[] };

export interface NodeDef {
  readonly name: string;
  readonly op: string;
  /** `node`, `node:1` for its second output, `^node` to run after it. */
  readonly inputs: readonly string[];
  readonly attributes: Readonly<Record<string, AttrValue>>;
}

export interface TensorInfo {
  /** `node:0`. */
  readonly tensor: string;
  readonly dtype: DataType;
  readonly shape: Shape;
}

/** An op that is run for what it does. */
export interface OperationInfo {
  readonly operation: string;
}

export interface SignatureDef {
  readonly inputs: ReadonlyMap<string, TensorInfo>;
  readonly outputs: ReadonlyMap<string, TensorInfo | OperationInfo>;
  readonly method: string;
}

export interface SavedModel {
  readonly nodes: readonly NodeDef[];
  readonly signatures: ReadonlyMap<string, SignatureDef>;
  readonly tags: readonly string[];
}

/** The schema version of saved_model.pb, and the graph version whose op definitions the nodes follow. */
const SAVED_MODEL_SCHEMA = 1;
export const GRAPH_PRODUCER = 1087;

/** A map field is a repeated message of key and value. */
function entry(writer: BinaryWriter, field: number, key: string, write: Write): void {
  message(writer, field, (pair) => {
    text(pair, 1, key);
    message(pair, 2, write);
  });
}

function writeShape(writer: BinaryWriter, shape: Shape): void {
  for (const size of shape) message(writer, 2, (dimension) => integer(dimension, 1, size));
}

function writeTensor(writer: BinaryWriter, tensor: TensorProto): void {
  integer(writer, 1, DATA_TYPES[tensor.dtype]);
  message(writer, 2, (shape) => writeShape(shape, tensor.shape));
  if ('bytes' in tensor) writer.tag(4, WireType.LengthDelimited).bytes(tensor.bytes);
  else message(writer, 5, (packed) => packed.float(tensor.fill));
}

function writeAttribute(writer: BinaryWriter, attribute: AttrValue): void {
  switch (attribute.kind) {
    case 'string':
      return text(writer, 2, attribute.value);
    case 'int':
      return integer(writer, 3, attribute.value);
    case 'bool':
      writer.tag(5, WireType.Varint).bool(attribute.value);
      return;
    case 'type':
      return integer(writer, 6, DATA_TYPES[attribute.value]);
    case 'shape':
      return message(writer, 7, (shape) => writeShape(shape, attribute.value));
    case 'tensor':
      return message(writer, 8, (tensor) => writeTensor(tensor, attribute.value));
    case 'ints':
      return message(writer, 1, (list) =>
        message(list, 3, (packed) => attribute.value.forEach((value) => packed.int64(value))),
      );
    default:
      attribute satisfies never;
  }
}

function writeNode(writer: BinaryWriter, { name, op, inputs, attributes }: NodeDef): void {
  text(writer, 1, name);
  text(writer, 2, op);
  for (const input of inputs) text(writer, 3, input);
  for (const [key, value] of Object.entries(attributes)) {
    entry(writer, 5, key, (attribute) => writeAttribute(attribute, value));
  }
}

function writeSignature(writer: BinaryWriter, { inputs, outputs, method }: SignatureDef): void {
  const writeTensors = (field: number, tensors: ReadonlyMap<string, TensorInfo | OperationInfo>): void => {
    for (const [key, named] of tensors) {
      entry(writer, field, key, (info) => {
        if ('operation' in named) return text(info, 1, named.operation);
        const { tensor, dtype, shape } = named;
        text(info, 1, tensor);
        integer(info, 2, DATA_TYPES[dtype]);
        message(info, 3, (proto) => writeShape(proto, shape));
      });
    }
  };
  writeTensors(1, inputs);
  writeTensors(2, outputs);
  text(writer, 3, method);
}

/** The content of `saved_model.pb`. Equal models give equal bytes. */
export function encodeSavedModel({ nodes, signatures, tags }: SavedModel): Uint8Array {
  const writer = new BinaryWriter();
  integer(writer, 1, SAVED_MODEL_SCHEMA);
  message(writer, 2, (metaGraph) => {
    message(metaGraph, 1, (info) => {
      for (const tag of tags) text(info, 4, tag);
    });
    message(metaGraph, 2, (graph) => {
      for (const node of nodes) message(graph, 1, (nodeDef) => writeNode(nodeDef, node));
      message(graph, 4, (versions) => integer(versions, 1, GRAPH_PRODUCER));
    });
    for (const [key, signature] of signatures) {
      entry(metaGraph, 5, key, (signatureDef) => writeSignature(signatureDef, signature));
    }
  });
  return writer.finish();
}
