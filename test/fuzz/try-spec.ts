/** Takes a text as far as it goes: diagnostics, a model, a program, a training step on wasm. */
import { check } from '../../compiler/compile.js';
import { evaluateHost } from '../../compiler/host-expression.js';
import { lowerModel } from '../../compiler/lowering/lower-model.js';
import type { Model } from '../../compiler/model/model.js';
import { flattenLayers, multiplyAdds } from '../../compiler/model/network.js';
import { elementCount, perSample } from '../../compiler/model/symbolic-shape.js';
import { optimize } from '../../compiler/passes/optimize.js';
import { planProgram, type ProgramPlan } from '../../compiler/plan/plan.js';
import { programGraphs, type Program } from '../../compiler/program.js';
import type { PackedExamples } from '../../runtimes/training/example-source.js';
import { TrainingSession } from '../../runtimes/training/session.js';
import { loadPlan } from '../../runtimes/wasm/engine.js';
import { classCount, isLabelled } from '../../spec/data-classes.js';
import { DiagnosticError, type Diagnostic, type SourceFile } from '../../spec/diagnostics/diagnostic.js';
import { renderDiagnostics } from '../../spec/diagnostics/render.js';
import type { ReadSpec } from '../../spec/extend.js';
import { flattenSpec } from '../../spec/flatten.js';
import { formatSpec } from '../../spec/format.js';
import type { LibrarySource } from '../../spec/spec.js';

/**
 * `refused`: by diagnostics. `model`: too large for a program here. `program`: too large to run here. `not finite`: the step
 * was refused. `ran`: a step was made and every output computed.
 */
export type Outcome = 'refused' | 'model' | 'program' | 'not finite' | 'ran';

export interface Attempt {
  readonly source: SourceFile;
  readonly library: LibrarySource;
  readonly readSpec: ReadSpec;
}

/** What one mutant may cost: a second or so at the most. */
const SMALL = { layers: 250, multiplyAdds: 1e8, parameters: 1e6, bytes: 2 ** 27, elements: 1e8 };

/** Throws where the compiler or the program does what it must not. */
export async function trySpec({ source, library, readSpec }: Attempt): Promise<Outcome> {
  const { model, diagnostics } = check(source, library, { readSpec });
  requireSound(diagnostics);
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  if ((model === undefined) !== errors.length > 0) {
    throw new Error(`${model === undefined ? 'no' : 'a'} model, and ${errors.length} errors`);
  }
  rewrite({ source, library, readSpec }, model !== undefined);
  if (model === undefined) return 'refused';
  if (!isSmallModel(model)) return 'model';
  const program = lowerModel(model);
  if (!isSmallProgram(program)) return 'program';
  const plan = planProgram(program, optimize);
  return isSmallPlan(program, plan) ? run(program, plan) : 'program';
}

/** `fmt`, and what a run keeps of a spec that extends another: both see to it that the meaning stays, or throw. */
function rewrite({ source, readSpec }: Attempt, good: boolean): void {
  try {
    const formatted = formatSpec(source);
    if (formatSpec({ name: source.name, text: formatted }) !== formatted) {
      throw new Error(`formatted twice is not what it is formatted once:\n${formatted}`);
    }
  } catch (error) {
    if (good || !(error instanceof DiagnosticError)) throw error;
  }
  if (good) flattenSpec(source, { readSpec, rebase: (path) => path });
}

function requireSound(diagnostics: readonly Diagnostic[]): void {
  for (const { message, span, related = [], code } of diagnostics) {
    for (const place of [span, ...related.map((found) => found.span)]) {
      if (place === undefined) {
        if (place === span) throw new Error(`${code} has no place: ${message}`);
        continue;
      }
      const { start, end, file } = place;
      if (!(Number.isInteger(start) && 0 <= start && start <= end && end <= file.text.length)) {
        throw new Error(`${code} stands at ${start} to ${end} of ${file.text.length}: ${message}`);
      }
    }
  }
  const text = renderDiagnostics(diagnostics);
  if (/internal:|\bundefined\b(?! *`)|\[object/.test(text.replace(/^.*\|.*$/gm, ''))) {
    throw new Error(`a diagnostic speaks of the inside:\n${text}`);
  }
}

function isSmallModel({ networks, spec, phases }: Model): boolean {
  const layers = networks.flatMap((network) => flattenLayers(network.layers));
  const batch = spec.train.batch.value * Math.max(...phases.map((phase) => phase.batch));
  const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
  return (
    layers.length <= SMALL.layers &&
    batch * sum(layers.map(multiplyAdds)) <= SMALL.multiplyAdds &&
    batch * sum(layers.map(({ outputShape }) => elementCount(perSample(outputShape)))) <= SMALL.elements &&
    sum(networks.flatMap(({ parameters }) => parameters.map(({ shape }) => elementCount(shape)))) <=
      SMALL.parameters
  );
}

const executionsPerStep = (program: Program, name: string): number => {
  const phase = program.phases.find((one) => one.name === name || one.parts?.graph.name === name);
  if (phase === undefined) return 1;
  const times = phase.name === name ? 1 : phase.parts!.count;
  const repeat = evaluateHost(phase.repeat, {
    hyper: (hyper) => program.hyper.get(hyper)!,
    step: 0,
    steps: program.steps,
    execution: 0,
  });
  return times * (Number.isFinite(repeat) ? repeat : 1);
};

function isSmallProgram(program: Program): boolean {
  let elements = 0;
  for (const { name, graph } of programGraphs(program)) {
    const once = graph.nodes.reduce((sum, { shape }) => sum + elementCount(shape), 0);
    elements += once * executionsPerStep(program, name);
  }
  return elements <= SMALL.elements;
}

function isSmallPlan(program: Program, { graphs, memory }: ProgramPlan): boolean {
  let work = 0;
  for (const { plan } of graphs) {
    const once = plan.launches.reduce((sum, launch) => sum + launch.multiplyAdds, 0);
    work += once * executionsPerStep(program, plan.name);
  }
  return work <= SMALL.multiplyAdds && memory.plannedBytes <= SMALL.bytes;
}

async function run(program: Program, plan: ProgramPlan): Promise<Outcome> {
  const executable = await loadPlan(plan);
  try {
    const session = await TrainingSession.create({ program, executable, examples: madeUpExamples(program) });
    for (const { name } of program.outputs) {
      await unlessRefused(session.generate(name, { count: 2 }), ['run/option']);
    }
    return (await unlessRefused(session.step(), ['run/non-finite', 'run/option'])) ? 'ran' : 'not finite';
  } finally {
    executable.dispose();
  }
}

/** Whether it was done; throws what is no diagnostic of these codes. */
async function unlessRefused(done: Promise<unknown>, codes: readonly Diagnostic['code'][]): Promise<boolean> {
  try {
    await done;
    return true;
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    if (!error.diagnostics.every(({ code }) => codes.includes(code))) throw error;
    renderDiagnostics(error.diagnostics);
    return false;
  }
}

/** As many examples as the largest batch takes, with a class each where the data have classes. */
function madeUpExamples(program: Program): ReadonlyMap<string, PackedExamples> {
  const count = Math.max(program.batch, ...program.phases.map(({ batch }) => batch));
  const examples = new Map<string, PackedExamples>();
  for (const [name, { shape, data }] of program.streams) {
    if (data.kind === 'labels') continue;
    const classes = isLabelled(data) ? (classCount(data) ?? 10) : 0;
    const labels =
      classes === 0
        ? undefined
        : {
            classes: Array.from({ length: classes }, (_, i) => `class ${i}`),
            of: Uint32Array.from({ length: count }, (_, i) => i % classes),
          };
    const size = elementCount(shape);
    const values = Float32Array.from({ length: count * size }, (_, i) => ((i * 37) % 101) / 50 - 1);
    examples.set(name, { count, shape, values, labels });
  }
  return examples;
}
