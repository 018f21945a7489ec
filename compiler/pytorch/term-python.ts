/** A term as Python, where what its parts are called is known. */
import { toHost } from '../model/constant.js';
import { functionRule } from '../model/functions.js';
import type { Term } from '../model/term.js';
import { asCondition, FUNCTION_RULES, perSample } from './functions.js';
import type { Imports } from './imports.js';
import { call, callWith, name, number, type Python } from './python.js';

/** How a part of the term is written. */
export type WritePart = (term: Term) => Python;

/** Whether the host knows the term before a phase runs: a plain number of Python. */
export const isNumber = (term: Term): boolean => toHost(term) !== undefined;

type Computed = Extract<Term, { kind: 'number' | 'boolean' | 'gradient' | 'apply' }>;

export const isComputed = (term: Term): term is Computed =>
  term.kind === 'number' || term.kind === 'boolean' || term.kind === 'gradient' || term.kind === 'apply';

/** Numbers, functions and gradients. */
export function termPython(term: Computed, write: WritePart, imports: Imports): Python {
  switch (term.kind) {
    case 'number':
      return number(term.value);
    case 'boolean':
      return number(term.value ? 1 : 0);
    case 'gradient': {
      const wrt = term.wrt.shape[0] === 'B' ? [] : [{ label: 'shared', value: name('True') }];
      return callWith(imports.from('functions', 'grad'), [
        { value: write(term.of) },
        { value: write(term.wrt) },
        ...wrt,
      ]);
    }
    case 'apply':
      return applied(term, write, imports);
    default:
      throw new Error(`internal: unknown term ${String(term satisfies never)}`);
  }
}

function applied(term: Extract<Term, { kind: 'apply' }>, write: WritePart, imports: Imports): Python {
  const { function: of, arguments: given, extent, shape } = term;
  // Sizes are known without the value.
  const unread = of === 'samples' || of === 'size';
  const parts = given.map((argument, i) => {
    const part = unread ? name('None') : write(argument);
    if (of === 'where' && i === 0) return asCondition(part);
    const isPerSample = argument.shape.length === 1 && argument.shape[0] === 'B' && shape.length > 1;
    return isPerSample && functionRule(of).pointwise ? perSample(part, shape.length) : part;
  });
  return FUNCTION_RULES[of](parts, {
    imports,
    extent,
    shapes: given.map((argument) => argument.shape),
    classes: given.map((argument) => argument.classes),
    isNumber: isNumber(term),
  });
}

/** A number of Python, of a term whose leaves are written by `leaf`. */
export function numberPython(term: Term, leaf: WritePart, imports: Imports): Python {
  return isComputed(term)
    ? termPython(term, (part) => numberPython(part, leaf, imports), imports)
    : leaf(term);
}

/** As `numberPython`, of what may be a tensor: optimisers and bounds take plain numbers. */
export function plainNumber(term: Term, leaf: WritePart, imports: Imports): Python {
  const python = numberPython(term, leaf, imports);
  return isNumber(term) ? python : call('float', python);
}
