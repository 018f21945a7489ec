/** The nodes of an ONNX graph as they are made: names told apart, constants shared, sizes kept for readers. */
import type { Shape } from '../graph/graph.js';
import type { Attribute, DataType, Dimension, NodeProto, TensorProto, ValueInfo } from './protobuf.js';

/** The name of the first axis of tensors that have one row for every example. */
export const BATCH = 'batch';

/** A shape whose axis 0 has `rows` rows for each example; a fixed one where they are left out. */
export interface Extent {
  readonly shape: Shape;
  readonly rows?: number | undefined;
}

export function dimensions({ shape, rows }: Extent): readonly Dimension[] {
  if (rows === undefined) return shape;
  return [rows === 1 ? BATCH : undefined, ...shape.slice(1)];
}

export class NodeList {
  readonly #nodes: NodeProto[] = [];
  readonly #initializers: TensorProto[] = [];
  readonly #values = new Map<string, ValueInfo>();
  readonly #names = new Set<string>();
  readonly #constants = new Map<string, string>();

  /** `reserved` names are those of inputs and outputs. */
  constructor(reserved: readonly string[]) {
    for (const name of reserved) this.#names.add(name);
  }

  /** Adds a node; its name, which is also its tensor's, is `scope/OP`, numbered where it is taken. */
  add(
    op: string,
    scope: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>>,
    result: Extent & { readonly dtype: DataType },
  ): string {
    const name = this.#free(`${scope}/${op}`);
    this.#nodes.push({ name, op, inputs, outputs: [name], attributes });
    this.#values.set(name, { name, dtype: result.dtype, shape: dimensions(result) });
    return name;
  }

  /** A node whose second output is read, of `[values, indices]`. */
  addTopK(
    scope: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>>,
    shape: Shape,
  ): string {
    const name = this.#free(`${scope}/TopK`);
    const indices = this.#free(`${name}/indices`);
    this.#nodes.push({ name, op: 'TopK', inputs, outputs: [name, indices], attributes });
    this.#values.set(name, { name, dtype: 'float32', shape });
    this.#values.set(indices, { name: indices, dtype: 'int64', shape });
    return indices;
  }

  /** A tensor of weights under the name they have in the spec. */
  weights(name: string, shape: Shape, values: ArrayLike<number>, doc?: string): string {
    const key = `weights ${name} [${shape.join()}] ${doc ?? ''}`;
    return this.#shared(key, () => this.#initializer({ name, dtype: 'float32', shape, values, doc }));
  }

  /** Whole numbers: shapes, axes, amounts. */
  integers(values: readonly number[], shape: Shape = [values.length]): string {
    const name = `integers/${values.join('x')}`;
    return this.#shared(`${name} [${shape.join()}]`, () =>
      this.#initializer({ name, dtype: 'int64', shape, values }),
    );
  }

  floats(values: readonly number[], shape: Shape = [values.length]): string {
    const shown = values.map((value) => (Object.is(value, -0) ? '-0' : String(value)));
    const name = `number/${shown.length > 4 ? `${shown.slice(0, 3).join('x')}...` : shown.join('x')}`;
    return this.#shared(`number/${shown.join('x')} [${shape.join()}]`, () =>
      this.#initializer({ name, dtype: 'float32', shape, values }),
    );
  }

  /** The graph in which `tensor`, which a node made, is called `output`; undefined where no node made it. */
  rename(tensor: string, output: string): boolean {
    const made = this.#nodes.findIndex(({ outputs }) => outputs.includes(tensor));
    if (made === -1) return false;
    const renamed = (name: string): string => (name === tensor ? output : name);
    this.#nodes.forEach((node, i) => {
      this.#nodes[i] = {
        ...node,
        inputs: node.inputs.map(renamed),
        outputs: node.outputs.map(renamed),
      };
    });
    this.#values.delete(tensor);
    return true;
  }

  identity(tensor: string, output: string): void {
    const name = this.#free(`${output}/Identity`);
    this.#nodes.push({ name, op: 'Identity', inputs: [tensor], outputs: [output], attributes: {} });
  }

  get nodes(): readonly NodeProto[] {
    return this.#nodes;
  }

  get initializers(): readonly TensorProto[] {
    return this.#initializers;
  }

  get values(): readonly ValueInfo[] {
    return [...this.#values.values()];
  }

  #initializer(tensor: TensorProto): string {
    const name = this.#free(tensor.name);
    this.#initializers.push({ ...tensor, name });
    return name;
  }

  #shared(key: string, make: () => string): string {
    const known = this.#constants.get(key);
    if (known !== undefined) return known;
    const made = make();
    this.#constants.set(key, made);
    return made;
  }

  #free(wanted: string): string {
    let name = wanted;
    for (let i = 1; this.#names.has(name); i++) name = `${wanted}_${i}`;
    this.#names.add(name);
    return name;
  }
}
