/** What a call refuses with. */
import { DiagnosticError } from '../../spec/diagnostics/diagnostic.js';
import type { Diagnostic } from '../../spec/diagnostics/diagnostic.js';

/** The diagnostics that `body` throws, without their places; throws where it does not throw them. */
export async function refusal(body: () => unknown): Promise<readonly Omit<Diagnostic, 'span'>[]> {
  try {
    await body();
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    return error.diagnostics.map(
      (diagnostic) =>
        Object.fromEntries(
          Object.entries(diagnostic).filter(([key, value]) => key !== 'span' && value !== undefined),
        ) as unknown as Omit<Diagnostic, 'span'>,
    );
  }
  throw new Error('nothing was refused');
}
