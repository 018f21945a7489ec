/** The package's entry for programs and web pages: nothing here needs Node. The command is `began-compile`. */
export type { Diagnostic, Severity, SourceFile, Span } from './spec/diagnostics/diagnostic.js';
export { DiagnosticError } from './spec/diagnostics/diagnostic.js';
export type { Program } from './compiler/program.js';
export type { Engine, Executable, GraphInputs } from './runtimes/engine.js';
