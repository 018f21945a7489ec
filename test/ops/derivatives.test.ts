/** Every gradient rule against differences, mid-graph and with coefficients other than 1; then the gradients' gradients. */
import { describe, expect, test } from 'vitest';
import { verifyGraph } from '../../compiler/graph/verify.js';
import { OPS } from '../../compiler/ops/ops.js';
import { OP_CASES } from './cases.js';
import { COMPOSITE_CASES } from './composite-cases.js';
import { largestDisagreement } from './derivative-check.js';
import { fuzzCases } from './fuzz-cases.js';
import { caseFeeds, caseGraph, gradientGraph, secondOrderGraph } from './op-case.js';

const CASES = [...OP_CASES, ...COMPOSITE_CASES, ...fuzzCases(1, process.env.HEAVY === undefined ? 90 : 2000)];

test('the table names every case once and covers every op', () => {
  expect(new Set(CASES.map(({ name }) => name)).size).toBe(CASES.length);
  const covered = new Set<string>(OP_CASES.map(({ op }) => op));
  expect(Object.keys(OPS).filter((op) => !covered.has(op))).toEqual([]);
});

test('the same seed gives the same fuzz cases, another seed others', () => {
  const names = (seed: number): string[] => fuzzCases(seed, 20).map(({ name }) => name.replace(/^[^:]*/, ''));
  expect(names(7)).toEqual(names(7));
  expect(names(7)).not.toEqual(names(8));
});

describe.each(CASES)('$name', (opCase) => {
  const feeds = caseFeeds(opCase);

  test('the gradient is the slope of the loss', () => {
    verifyGraph(caseGraph(opCase));
    const graph = gradientGraph(opCase);
    verifyGraph(graph);
    expect(largestDisagreement(graph, feeds)).toBeLessThan(1e-6);
  });

  test.runIf(opCase.order === 2)('the gradient of its squared gradient is the slope of that', () => {
    const graph = secondOrderGraph(opCase);
    verifyGraph(graph);
    expect(largestDisagreement(graph, feeds)).toBeLessThan(1e-6);
  });
});
