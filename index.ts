/**
 * The package's entry for programs and web pages; nothing here needs Node. Files, pictures and the library as it lies in the
 * package are in `began-compile/node`, the engine that runs on tfjs in `began-compile/tfjs`.
 */
export type { Diagnostic, Located, Severity, SourceFile, Span } from './spec/diagnostics/diagnostic.js';
export { DiagnosticError } from './spec/diagnostics/diagnostic.js';
export { DIAGNOSTIC_CODES, type DiagnosticCode } from './spec/diagnostics/codes.js';
export { renderDiagnostic, renderDiagnostics } from './spec/diagnostics/render.js';
export { overrideSpec, type Override } from './spec/override.js';
export { parseLibraryEntry, parseSpec } from './spec/parse.js';
export type { LibraryEntry, LibrarySource, Spec } from './spec/spec.js';

export { check, compile, type Compilation, type CompileOptions } from './compiler/compile.js';
export type { Model } from './compiler/model/model.js';
export type { Program } from './compiler/program.js';

export type { Engine, Executable, GraphInputs } from './runtimes/engine.js';
export { referenceEngine } from './runtimes/reference/engine.js';
export { WasmEngine, type WasmEngineOptions } from './runtimes/wasm/engine.js';

export type {
  ExampleSource,
  Labels,
  LoadedExamples,
  PackedExamples,
  PackedImages,
  PackedVectors,
} from './runtimes/training/example-source.js';
export {
  readCheckpoint,
  restoreCheckpoint,
  saveCheckpoint,
  type Checkpoint,
  type CheckpointContext,
} from './runtimes/training/checkpoint.js';
export type { Generated, GenerateOptions } from './runtimes/training/generate.js';
export { train, type TrainingEvent, type TrainOptions } from './runtimes/training/loop.js';
export type { MetricsRow } from './runtimes/training/metrics.js';
export { TrainingSession, type SessionOptions, type StepReport } from './runtimes/training/session.js';
