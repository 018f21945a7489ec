/** The nodes of a TensorFlow graph as they are made: names that are valid and told apart, shared constants. */
import type { Shape } from '../graph/graph.js';
import type { AttrValue, DataType, NodeDef, TensorInfo } from './protobuf.js';

/** A tensor of the TensorFlow graph. */
export interface Operand {
  /** As nodes name their inputs: `node`, or `node:1`. */
  readonly tensor: string;
  readonly dtype: DataType;
  readonly shape: Shape;
}

/** What signatures call it by. */
export function tensorInfo({ tensor, dtype, shape }: Operand): TensorInfo {
  return { tensor: tensor.includes(':') ? tensor : `${tensor}:0`, dtype, shape };
}

export class NodeList {
  readonly #nodes: NodeDef[] = [];
  readonly #names = new Map<string, number>();
  readonly #constants = new Map<string, Operand>();

  get nodes(): readonly NodeDef[] {
    return this.#nodes;
  }

  /** Adds a node and gives the name it got: `wanted` in TensorFlow's letters, numbered where it was taken. */
  add(
    op: string,
    wanted: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, AttrValue>> = {},
  ): string {
    const name = this.#free(wanted);
    this.#nodes.push({ name, op, inputs, attributes });
    return name;
  }

  /** A vector or a matrix of whole numbers (row-major), or with the shape [] a single one. */
  integers(values: readonly number[], shape: Shape = [values.length]): Operand {
    return this.#constant(`integers [${shape.join()}] ${values.join()}`, () => ({
      dtype: 'int32',
      shape,
      bytes: littleEndian(values, (view, offset, value) => view.setInt32(offset, value, true)),
    }));
  }

  /** A tensor filled with one number. */
  filled(value: number, shape: Shape = []): Operand {
    const key = `filled [${shape.join()}] ${Object.is(value, -0) ? '-0' : value}`;
    return this.#constant(key, () => ({ dtype: 'float32', shape, fill: value }));
  }

  /** A float32 tensor of its own, row-major. */
  floats(name: string, values: ArrayLike<number>, shape: Shape): Operand {
    const bytes = littleEndian(values, (view, offset, value) => view.setFloat32(offset, value, true));
    return this.#addConstant(name, { dtype: 'float32', shape, bytes });
  }

  #constant(key: string, make: () => ConstantTensor): Operand {
    const known = this.#constants.get(key);
    if (known !== undefined) return known;
    const made = this.#addConstant('constant', make());
    this.#constants.set(key, made);
    return made;
  }

  #addConstant(name: string, value: ConstantTensor): Operand {
    const { dtype, shape } = value;
    const tensor = this.add('Const', name, [], {
      dtype: { kind: 'type', value: dtype },
      value: { kind: 'tensor', value },
    });
    return { tensor, dtype, shape };
  }

  /** Names may hold letters, digits and `_.-/`, and start with a letter, a digit or a dot. */
  #free(wanted: string): string {
    const valid = wanted.replaceAll(/[^A-Za-z0-9_.\-/]/g, '_').replace(/^(?![A-Za-z0-9.])/, 'n');
    const taken = this.#names.get(valid) ?? 0;
    this.#names.set(valid, taken + 1);
    return taken === 0 ? valid : this.#free(`${valid}_${taken}`);
  }
}

type ConstantTensor = Extract<AttrValue, { readonly kind: 'tensor' }>['value'];

function littleEndian(
  values: ArrayLike<number>,
  write: (view: DataView, offset: number, value: number) => void,
): Uint8Array {
  const bytes = new Uint8Array(values.length * 4);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < values.length; i++) write(view, i * 4, values[i]!);
  return bytes;
}
