/** `--dump-after PASS`: what the compiler holds after one of its passes, as text. */
import { dumpGraph } from '../../../compiler/graph/dump.js';
import { optimize } from '../../../compiler/passes/optimize.js';
import { dumpPlan } from '../../../compiler/plan/dump.js';
import { planProgram } from '../../../compiler/plan/plan.js';
import { programGraphs, type Program } from '../../../compiler/program.js';
import { DiagnosticError } from '../../../spec/diagnostics/diagnostic.js';
import { enumerate } from '../../../spec/diagnostics/quote.js';

/** Before the first pass, and after the last: the kernels and where their buffers lie. */
const FIRST = 'lowering';
const LAST = 'plan';

/**
 * The graph of every phase and output after `pass`; a pass that runs more than once is shown each time. Throws
 * DiagnosticError run/option where there is no such pass.
 */
export function dumpAfter(program: Program, pass: string): string {
  if (pass === LAST) return dumpPlan(planProgram(program, optimize, { winograd: 'faster' }));
  const dumps: string[] = [];
  const passes = new Set([FIRST]);
  for (const { graph } of programGraphs(program)) {
    if (pass === FIRST) dumps.push(dumpGraph(graph));
    optimize(graph, {
      dumpAfter: (name, after) => {
        passes.add(name);
        if (name === pass) dumps.push(dumpGraph(after));
      },
    });
  }
  if (dumps.length > 0) return dumps.join('\n');
  throw new DiagnosticError({
    code: 'run/option',
    severity: 'error',
    message: `The compiler has no pass \`${pass}\``,
    help: `Write ${enumerate([...passes, LAST], 'or')}.`,
  });
}
