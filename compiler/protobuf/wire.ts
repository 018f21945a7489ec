/** Fields of protocol buffers, as TensorFlow's and ONNX's files are made of them. */
import { WireType, type BinaryWriter } from '@bufbuild/protobuf/wire';

/** What a nested message holds. */
export type Write = (writer: BinaryWriter) => void;

export function message(writer: BinaryWriter, field: number, write: Write): void {
  writer.tag(field, WireType.LengthDelimited).fork();
  write(writer);
  writer.join();
}

export const text = (writer: BinaryWriter, field: number, value: string): void => {
  writer.tag(field, WireType.LengthDelimited).string(value);
};

export const integer = (writer: BinaryWriter, field: number, value: number): void => {
  writer.tag(field, WireType.Varint).int64(value);
};
