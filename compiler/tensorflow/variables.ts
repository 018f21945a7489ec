/** State tensors as TensorFlow variables: all graphs of one model share them. */
import type { StateDeclaration } from '../program.js';
import type { NodeList, Operand } from './node-list.js';

export class Variables {
  readonly #list: NodeList;
  readonly #handles = new Map<string, { readonly handle: string; readonly declaration: StateDeclaration }>();

  constructor(list: NodeList, state: readonly StateDeclaration[]) {
    this.#list = list;
    for (const declaration of state) {
      const handle = list.add('VarHandleOp', `state/${declaration.name}`, [], {
        dtype: { kind: 'type', value: 'float32' },
        shape: { kind: 'shape', value: declaration.shape },
        shared_name: { kind: 'string', value: declaration.name },
      });
      this.#handles.set(declaration.name, { handle, declaration });
    }
  }

  get declarations(): readonly StateDeclaration[] {
    return [...this.#handles.values()].map(({ declaration }) => declaration);
  }

  /** Its content when the node runs. */
  read(scope: string, name: string): Operand {
    const { handle, declaration } = this.#find(name);
    const tensor = this.#list.add('ReadVariableOp', `${scope}/read/${name}`, [handle], {
      dtype: { kind: 'type', value: 'float32' },
    });
    return { tensor, dtype: 'float32', shape: declaration.shape };
  }

  /** Replaces its content after the nodes `after` have run; gives the node that does it. */
  assign(scope: string, name: string, value: Operand, after: readonly string[]): string {
    const { handle } = this.#find(name);
    return this.#list.add(
      'AssignVariableOp',
      `${scope}/assign/${name}`,
      [handle, value.tensor, ...after.map((node) => `^${node}`)],
      { dtype: { kind: 'type', value: 'float32' } },
    );
  }

  #find(name: string): { readonly handle: string; readonly declaration: StateDeclaration } {
    const found = this.#handles.get(name);
    if (found === undefined) throw new Error(`internal: the program has no state "${name}"`);
    return found;
  }
}
