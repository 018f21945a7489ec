/** What the native addon tells of itself. */
export interface LoadedTensorflow {
  /** The version of the TensorFlow library behind it: `2.9.1`. */
  readonly TF_Version: string;
  /** Whether TensorFlow has a GPU to run on. Without one it runs everything on the CPU and says nothing. */
  isUsingGpuDevice(): boolean;
}

/**
 * The native addon of `@tensorflow/tfjs-node-gpu` (`tfjs_binding.node`), as far as whole graphs need it. It is loaded by
 * itself: the package around it takes five times as long to load, and brings nothing that a graph uses.
 */
export interface NativeBinding extends LoadedTensorflow {
  /** tensorflow.DataType of float32. */
  readonly TF_FLOAT: number;
  /** Copies the values to the device; gives an id, which is good until `deleteTensor`. */
  createTensor(shape: readonly number[], dtype: number, values: Float32Array): number;
  deleteTensor(id: number): void;
  /** A copy of its values on the host. */
  tensorDataSync(id: number): Float32Array | Int32Array | Uint8Array;
  getNumOfTensors(): number;
  /** Loads `folder`/saved_model.pb, runs its init op, and gives the id of its session. */
  loadSavedModel(folder: string, tags: string): number;
  deleteSavedModel(id: number): void;
  /** Names are those of the graph's tensors (`node:0`), joined by commas; it blocks until all outputs are there. */
  runSavedModel(
    model: number,
    inputs: readonly number[],
    inputNames: string,
    outputNames: string,
  ): readonly { readonly id: number }[];
}
