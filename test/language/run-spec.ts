/** Specs that are run on the reference runtime, for the numbers that come out. */
import { compile } from '../../compiler/compile.js';
import type { Program } from '../../compiler/program.js';
import { DiagnosticError } from '../../spec/diagnostics/diagnostic.js';
import { folderLibrary } from '../../runtimes/node/library-source.js';
import type { Engine } from '../../runtimes/engine.js';
import { referenceEngine } from '../../runtimes/reference/engine.js';
import type { PackedExamples } from '../../runtimes/training/example-source.js';
import { TrainingSession } from '../../runtimes/training/session.js';

/** The program of a spec; throws DiagnosticError with what is wrong with it. */
export function programOf(text: string): Program {
  const { program, diagnostics } = compile({ name: 'language.yaml', text }, folderLibrary());
  if (program === undefined) throw new DiagnosticError(diagnostics);
  return program;
}

/** A spec whose D has one number w, moved from 0 along the slope of (w - 1)^2 / 2. */
export const withOneNumber = ({
  sections = '',
  metrics = 'none: 0 * step',
  optimizer = '{ sgd: { rate: 0 } }',
  steps = 10,
}): string => `version: 1
data: { x: { points: ring, count: 4 } }
noise: { one: { uniform: [1, 1], shape: [1] } }
${sections}
networks: { D: [{ dense: { units: 1, bias: false, init: zeros() } }] }
objective:
  metrics: { ${metrics} }
  updates: [{ name: only, minimize: mean(square(D(one) - 1)) / 2, train: D, optimizer: ${optimizer} }]
outputs: { number: D(one) }
train: { batch: 2, steps: ${steps} }
`;

export async function open(
  text: string,
  examples: ReadonlyMap<string, PackedExamples> = new Map(),
  engine: Engine = referenceEngine,
): Promise<TrainingSession> {
  const program = programOf(text);
  return TrainingSession.create({ program, executable: await engine.load(program), examples });
}

/** Every metric at every step. */
export async function metricsOf(text: string): Promise<Readonly<Record<string, readonly number[]>>> {
  const session = await open(text);
  const found: Record<string, number[]> = {};
  for (let step = 0; step < session.program.steps; step++) {
    const { metrics } = await session.step();
    for (const [name, value] of metrics!) (found[name] ??= []).push(value);
  }
  return found;
}
