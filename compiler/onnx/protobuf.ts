/**
 * The protocol buffers of ONNX, as far as they are written here, and their bytes. Field numbers are those of
 * https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 */
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { integer, message, text } from '../protobuf/wire.js';

/** The values of onnx.TensorProto.DataType. */
const DATA_TYPES = { float32: 1, int64: 7, bool: 9 } as const;
export type DataType = keyof typeof DATA_TYPES;

/** The version of the file format, and that of the operators (both of ONNX 1.12). */
const IR_VERSION = 8;
export const OPSET = 17;

/** A size, the name of one that is known when the model runs, or nothing where it follows from others. */
export type Dimension = number | string | undefined;

export interface TensorProto {
  readonly name: string;
  readonly dtype: 'float32' | 'int64';
  readonly shape: readonly number[];
  /** Row-major. */
  readonly values: ArrayLike<number>;
  readonly doc?: string | undefined;
}

export type Attribute =
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'int'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'ints'; readonly value: readonly number[] };

export interface NodeProto {
  readonly name: string;
  readonly op: string;
  /** Tensors by name; '' for an optional input that is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

export interface ValueInfo {
  readonly name: string;
  readonly dtype: DataType;
  readonly shape: readonly Dimension[];
  readonly doc?: string | undefined;
}

export interface OnnxModel {
  readonly name: string;
  readonly producer: { readonly name: string; readonly version: string };
  readonly doc: string;
  readonly metadata: ReadonlyMap<string, string>;
  readonly nodes: readonly NodeProto[];
  readonly initializers: readonly TensorProto[];
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  /** Tensors in between. */
  readonly values: readonly ValueInfo[];
}

/** The values of onnx.AttributeProto.AttributeType. */
const ATTRIBUTE_TYPES: Readonly<Record<Attribute['kind'], number>> = { float: 1, int: 2, string: 3, ints: 7 };

const doc = (writer: BinaryWriter, field: number, value: string | undefined): void => {
  if (value !== undefined) text(writer, field, value);
};

function writeAttribute(writer: BinaryWriter, name: string, attribute: Attribute): void {
  text(writer, 1, name);
  switch (attribute.kind) {
    case 'float':
      writer.tag(2, WireType.Bit32).float(attribute.value);
      break;
    case 'int':
      integer(writer, 3, attribute.value);
      break;
    case 'string':
      text(writer, 4, attribute.value);
      break;
    case 'ints':
      for (const value of attribute.value) integer(writer, 8, value);
      break;
    default:
      attribute satisfies never;
  }
  integer(writer, 20, ATTRIBUTE_TYPES[attribute.kind]);
}

function writeNode(writer: BinaryWriter, { name, op, inputs, outputs, attributes }: NodeProto): void {
  for (const input of inputs) text(writer, 1, input);
  for (const output of outputs) text(writer, 2, output);
  text(writer, 3, name);
  text(writer, 4, op);
  for (const [key, value] of Object.entries(attributes)) {
    message(writer, 5, (attribute) => writeAttribute(attribute, key, value));
  }
}

function writeTensor(writer: BinaryWriter, tensor: TensorProto): void {
  for (const size of tensor.shape) integer(writer, 1, size);
  integer(writer, 2, DATA_TYPES[tensor.dtype]);
  text(writer, 8, tensor.name);
  writer.tag(9, WireType.LengthDelimited).bytes(littleEndian(tensor));
  doc(writer, 12, tensor.doc);
}

function littleEndian({ dtype, values }: TensorProto): Uint8Array {
  const size = dtype === 'float32' ? 4 : 8;
  const bytes = new Uint8Array(values.length * size);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < values.length; i++) {
    if (dtype === 'float32') view.setFloat32(i * size, values[i]!, true);
    else view.setBigInt64(i * size, BigInt(values[i]!), true);
  }
  return bytes;
}

function writeValue(writer: BinaryWriter, { name, dtype, shape, doc: said }: ValueInfo): void {
  text(writer, 1, name);
  message(writer, 2, (type) => {
    message(type, 1, (tensor) => {
      integer(tensor, 1, DATA_TYPES[dtype]);
      message(tensor, 2, (proto) => {
        for (const size of shape) {
          message(proto, 1, (dimension) => {
            if (typeof size === 'number') integer(dimension, 1, size);
            else if (size !== undefined) text(dimension, 2, size);
          });
        }
      });
    });
  });
  doc(writer, 3, said);
}

/** The content of an `.onnx` file. Equal models give equal bytes. */
export function encodeOnnx(model: OnnxModel): Uint8Array {
  const writer = new BinaryWriter();
  integer(writer, 1, IR_VERSION);
  text(writer, 2, model.producer.name);
  text(writer, 3, model.producer.version);
  text(writer, 6, model.doc);
  message(writer, 7, (graph) => {
    for (const node of model.nodes) message(graph, 1, (proto) => writeNode(proto, node));
    text(graph, 2, model.name);
    for (const tensor of model.initializers) message(graph, 5, (proto) => writeTensor(proto, tensor));
    for (const value of model.inputs) message(graph, 11, (proto) => writeValue(proto, value));
    for (const value of model.outputs) message(graph, 12, (proto) => writeValue(proto, value));
    for (const value of model.values) message(graph, 13, (proto) => writeValue(proto, value));
  });
  message(writer, 8, (opset) => {
    text(opset, 1, '');
    integer(opset, 2, OPSET);
  });
  for (const [key, value] of model.metadata) {
    message(writer, 14, (entry) => {
      text(entry, 1, key);
      text(entry, 2, value);
    });
  }
  return writer.finish();
}
