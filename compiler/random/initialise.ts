/** The initial content of a state tensor. */
import type { StateDeclaration } from '../program.js';
import { drawKey, fillNormal, fillTruncatedNormal, fillUniform } from './stream.js';

/** A new array of the declared shape, drawn from the stream (seed, 'init/' + name, execution 0), or of
 * `drawAs` instead of the name. */
export function initialState(declaration: StateDeclaration, seed: number): Float32Array {
  const values = new Float32Array(declaration.shape.reduce((product, size) => product * size, 1));
  const key = drawKey(seed, `init/${declaration.drawAs ?? declaration.name}`, 0);
  const { init } = declaration;
  switch (init.kind) {
    case 'constant':
      return values.fill(init.value);
    case 'uniform':
      fillUniform(values, key, init.low, init.high);
      return values;
    case 'normal':
      fillNormal(values, key, init.mean, init.deviation);
      return values;
    case 'truncated_normal':
      fillTruncatedNormal(values, key, init.deviation);
      return values;
    default:
      return init satisfies never;
  }
}
