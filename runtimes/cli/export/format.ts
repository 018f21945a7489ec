/** What a format of `export` is. The names stand apart from the writers, which `--help` need not load. */
import type { StateDeclaration } from '../../../compiler/program.js';
import type { FrozenOutput } from '../../../compiler/tensorflow/frozen-model.js';
import type { WeightType } from '../../../compiler/tensorflow/graph-model.js';
import type { FolderFile } from '../../node/write-folder.js';

export const EXPORT_FORMATS = ['savedmodel', 'tfjs'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export const WEIGHT_TYPES = ['float32', 'float16'] as const satisfies readonly WeightType[];

/** What every format writes: outputs, with the state that they read as it was at the checkpoint. */
export interface TrainedOutputs {
  readonly outputs: readonly FrozenOutput[];
  readonly declarations: readonly StateDeclaration[];
  readonly state: ReadonlyMap<string, ArrayLike<number>>;
}

export interface OutputFormat {
  /** How it can store weights. */
  readonly weights: readonly WeightType[];
  /** The files of the model's folder; the one that names the others comes last. */
  readonly files: (trained: TrainedOutputs, weights: WeightType) => readonly FolderFile[];
  /** Whether a file of the folder is of an earlier model, and goes where the new one has none of its name. */
  readonly isLeftover: (name: string) => boolean;
}
