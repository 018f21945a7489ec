/**
 * Reductions. Where there are many results, each is one thread's; where there are few, a group shares each: its threads
 * take every GROUP-th element, and a tree joins what they have. The order of additions depends on the shape alone.
 */
import { elementCount } from '../ops/shape-checks.js';
import type { ReductionKernel } from '../plan/kernel.js';
import { evaluate, GROUP, kernelCode, names, runBody, threads, type KernelCode } from './shader.js';
import { f32, loops, u32, unravel } from './wgsl.js';

/** Elements from which on a result is worth a group. */
const SHARED_ELEMENTS = 4 * GROUP;
/** Results from which on threads alone keep a machine busy. */
const ENOUGH_RESULTS = 16_384;

const START = { sum: f32(0), max: f32(-Infinity) } as const;
const JOIN = {
  sum: (a: string, b: string) => `${a} + ${b}`,
  max: (a: string, b: string) => `maximum(${a}, ${b})`,
} as const;

export function reduction(kernel: ReductionKernel): KernelCode {
  const { domain, reduced } = kernel;
  const results = elementCount(domain.filter((_, i) => reduced[i] !== true));
  const elements = elementCount(domain.filter((_, i) => reduced[i] === true));
  return elements >= SHARED_ELEMENTS && results < ENOUGH_RESULTS
    ? sharedByGroups(kernel, results, elements)
    : byThreads(kernel, results);
}

function byThreads(
  { domain, reduced, combine, prologue, epilogue, parameters }: ReductionKernel,
  results: number,
): KernelCode {
  const { groups, lines } = threads(results);
  const indices = names('i', domain.length);
  const kept = indices.filter((_, i) => reduced[i] !== true);
  const inner = indices.filter((_, i) => reduced[i] === true);
  const value = evaluate(prologue.instructions, indices);
  return kernelCode(
    parameters,
    [groups, 1, 1],
    [
      ...lines,
      ...unravel(
        'thread',
        domain.filter((_, i) => reduced[i] !== true),
        kept,
      ),
      `var total = ${START[combine]};`,
      ...loops(
        domain.filter((_, i) => reduced[i] === true),
        inner,
        [...value.lines, `total = ${JOIN[combine]('total', value.values[prologue.value]!)};`],
      ),
      ...atResult(epilogue, indices, reduced),
    ],
  );
}

function sharedByGroups(
  { domain, reduced, combine, prologue, epilogue, parameters }: ReductionKernel,
  results: number,
  elements: number,
): KernelCode {
  const indices = names('i', domain.length);
  const kept = indices.filter((_, i) => reduced[i] !== true);
  const inner = indices.filter((_, i) => reduced[i] === true);
  const value = evaluate(prologue.instructions, indices);
  const tree: string[] = [];
  for (let half = GROUP / 2; half >= 1; half /= 2) {
    tree.push(
      'workgroupBarrier();',
      `if (local < ${u32(half)}) { shared_totals[local] = ${JOIN[combine]('shared_totals[local]', `shared_totals[local + ${u32(half)}]`)}; }`,
    );
  }
  return kernelCode(
    parameters,
    [results, 1, 1],
    [
      ...unravel(
        'group.x',
        domain.filter((_, i) => reduced[i] !== true),
        kept,
      ),
      `var total = ${START[combine]};`,
      `for (var at = local; at < ${u32(elements)}; at += ${u32(GROUP)}) {`,
      ...unravel(
        'at',
        domain.filter((_, i) => reduced[i] === true),
        inner,
      ),
      ...value.lines,
      `total = ${JOIN[combine]('total', value.values[prologue.value]!)};`,
      '}',
      'shared_totals[local] = total;',
      ...tree,
      'if (local == 0u) {',
      'total = shared_totals[0];',
      ...atResult(epilogue, indices, reduced),
      '}',
    ],
  );
}

/** Reduced indices mean nothing where the result is: their strides are 0. */
function atResult(
  epilogue: ReductionKernel['epilogue'],
  indices: readonly string[],
  reduced: readonly boolean[],
): readonly string[] {
  const places = indices.map((name, i) => (reduced[i] === true ? '0u' : name));
  return runBody(epilogue, places, { result: 'total', prefix: 'e' });
}
