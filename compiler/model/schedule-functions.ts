/**
 * Schedules: open-loop functions of the step, written as calls and expanded to plain arithmetic, so that every
 * runtime only ever sees a number. Durations are steps, or shares of the run (`50%`).
 */
import type { Span } from '../../spec/diagnostics/diagnostic.js';
import { requireHost } from './constant.js';
import type { Elaborator } from './elaborate.js';
import { SCALAR } from './symbolic-shape.js';
import type { Term } from './term.js';

export interface ScheduleRule {
  readonly doc: string;
  readonly example: string;
  readonly parameters: readonly string[] | 'any';
  readonly optional?: Readonly<Record<string, number>>;
  /** A complaint about the number of arguments, where `parameters` cannot say it. */
  readonly check?: (count: number) => string | undefined;
  build(elaborator: Elaborator, terms: readonly Term[], span: Span): Term;
}

const number = (value: number, span: Span): Term => ({ kind: 'number', value, span, shape: SCALAR });
const step = (span: Span): Term => ({ kind: 'step', span, shape: SCALAR });

/** How far the step has come from `start` over `duration`, kept in [0, 1]. */
function progress(e: Elaborator, start: Term, duration: Term, span: Span): Term {
  const passed = e.apply('sub', [step(span), start], span);
  return e.apply('clip', [e.apply('div', [passed, duration], span), number(0, span), number(1, span)], span);
}

/** from + (to - from) * share */
function blend(e: Elaborator, from: Term, to: Term, share: Term, span: Span): Term {
  return e.apply('add', [from, e.apply('mul', [e.apply('sub', [to, from], span), share], span)], span);
}

export const SCHEDULE_FUNCTIONS: Readonly<Record<string, ScheduleRule>> = {
  linear: {
    doc: 'A straight line from one value to another over a number of steps, constant after.',
    example: 'linear(1, 0, steps=50%)',
    parameters: ['from', 'to', 'steps', 'start'],
    optional: { start: 0 },
    build: (e, [from, to, steps, start], span) =>
      blend(e, from!, to!, progress(e, start!, steps!, span), span),
  },
  cosine: {
    doc: 'Half a cosine wave from one value to another over a number of steps, constant after.',
    example: 'cosine(1e-3, 1e-5, steps=100%)',
    parameters: ['from', 'to', 'steps', 'start'],
    optional: { start: 0 },
    build: (e, [from, to, steps, start], span) => {
      // No graph computes a cosine.
      requireHost(steps!, '`steps` of `cosine`', steps!.span);
      requireHost(start!, '`start` of `cosine`', start!.span);
      const angle = e.apply('mul', [number(Math.PI, span), progress(e, start!, steps!, span)], span);
      const share = e.apply(
        'mul',
        [number(0.5, span), e.apply('sub', [number(1, span), e.apply('cos', [angle], span)], span)],
        span,
      );
      return blend(e, from!, to!, share, span);
    },
  },
  exponential: {
    doc: 'A value multiplied by a factor once every so many steps, smoothly in between.',
    example: 'exponential(1e-3, factor=0.5, every=10000)',
    parameters: ['from', 'factor', 'every'],
    build: (e, [from, factor, every], span) =>
      e.apply(
        'mul',
        [from!, e.apply('pow', [factor!, e.apply('div', [step(span), every!], span)], span)],
        span,
      ),
  },
  step: {
    doc: 'A value multiplied by a factor once every so many steps, at once: a staircase.',
    example: 'step(1e-3, factor=0.5, every=10000)',
    parameters: ['from', 'factor', 'every'],
    build: (e, [from, factor, every], span) => {
      const stairs = e.apply('floor', [e.apply('div', [step(span), every!], span)], span);
      return e.apply('mul', [from!, e.apply('pow', [factor!, stairs], span)], span);
    },
  },
  piecewise: {
    doc: 'Constant pieces: a value, then pairs of the step it ends at and the next value.',
    example: 'piecewise(5e-4, 50%, 2.5e-4, 80%, 1e-4)',
    parameters: 'any',
    check: (count) =>
      count >= 3 && count % 2 === 1
        ? undefined
        : `\`piecewise\` takes a value and then pairs of a step and a value, and ${count} arguments are given`,
    build: (e, terms, span) => {
      let result = terms[0]!;
      for (let i = 1; i < terms.length; i += 2) {
        result = e.apply(
          'where',
          [e.apply('less', [step(span), terms[i]!], span), result, terms[i + 1]!],
          span,
        );
      }
      return result;
    },
  },
};
