/** What a format of `export` is. The names stand apart from the writers, which `--help` need not load. */
import type { WeightType } from '../../../compiler/tensorflow/graph-model.js';
import type { FolderFile } from '../../node/write-folder.js';
import type { OpenedModel } from '../open-model.js';

export const EXPORT_FORMATS = ['savedmodel', 'tfjs', 'onnx', 'safetensors'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export const WEIGHT_TYPES = ['float32', 'float16'] as const satisfies readonly WeightType[];

/** What every format is made of: a model with its weights, and what was asked for. */
export interface ExportSource extends OpenedModel {
  /** Outputs by name, in the spec's order; all of them where the command names none. */
  readonly outputs: readonly string[];
  /** Whether the command names them. */
  readonly chosen: boolean;
  readonly weights: WeightType;
  /** Where the command says how many examples the model takes at once: the program's batch is that many. */
  readonly fixedBatch: boolean;
}

/** Axes as they are printed: sizes, and names of those that are open. */
export interface NamedShape {
  readonly name: string;
  readonly shape: readonly (number | string)[];
}

export interface ExportedOutput {
  readonly name: string;
  readonly takes: readonly NamedShape[];
  readonly gives: readonly NamedShape[];
}

export interface ExportedModel {
  /** The one that names the others comes last. */
  readonly files: readonly FolderFile[];
  readonly holds:
    | {
        readonly kind: 'outputs';
        readonly batch: number | 'any';
        readonly outputs: readonly ExportedOutput[];
      }
    | { readonly kind: 'tensors'; readonly count: number };
}

export interface OutputFormat {
  /** How it can store weights. */
  readonly weights: readonly WeightType[];
  /** Whether it has anything to run, and so a number of examples. */
  readonly runs: boolean;
  /** Throws DiagnosticError where the format has no way to say it. */
  readonly write: (source: ExportSource) => ExportedModel;
  /** Whether a file of the folder is of an earlier model, and goes where the new one has none of its name. */
  readonly isLeftover: (name: string) => boolean;
}
