/** What is said of an option that cannot be used, or of what it asks for. */
import { DiagnosticError } from '../../spec/diagnostics/diagnostic.js';

export const refuseOption = (message: string, help: string): DiagnosticError =>
  new DiagnosticError({ code: 'run/option', severity: 'error', message, help });
