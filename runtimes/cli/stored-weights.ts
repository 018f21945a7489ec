/** A state tensor as a file of weights has it. */
import { float16Weight } from '../../compiler/float16-weight.js';
import type { StateDeclaration } from '../../compiler/program.js';
import type { WeightType } from '../../compiler/tensorflow/graph-model.js';
import type { Tensor } from '../training/safetensors.js';

/** Throws DiagnosticError run/option where a number does not fit float16. */
export function storedWeights(
  { name, shape }: Pick<StateDeclaration, 'name' | 'shape'>,
  state: ReadonlyMap<string, Float32Array>,
  weights: WeightType,
): Tensor {
  const values = state.get(name);
  if (values === undefined) throw new Error(`internal: there is no state "${name}"`);
  if (weights === 'float32') return { dtype: 'F32', shape, data: values };
  return { dtype: 'F16', shape, data: Uint16Array.from(values, (value) => float16Weight(name, value)) };
}
