/** Every code has a page whose bad example brings it about and whose good example does not. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { pageOf, STAGE_NAMES } from '../../spec/diagnostics/pages.js';
import { CODES, findings } from './examples.js';
import { referenceText } from './reference.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const pages = await Promise.all(CODES.map(async (code) => [code, await pageOf(code)] as const));
const checkable = pages.filter(([, { bad }]) => bad.kind === 'spec' && bad.where === undefined);

describe.each(pages)('%s', (_code, page) => {
  it('is explained in two to five sentences', () => {
    const sentences = page.explanation.match(/[.?:](?= |$)/g) ?? [];
    expect(sentences.length, page.explanation).toBeGreaterThanOrEqual(2);
    expect(page.explanation.length).toBeLessThan(700);
  });

  it('has a bad and a good example, and they differ', () => {
    const { bad, good } = page;
    expect(bad.text).not.toBe('');
    expect(good.text).not.toBe('');
    expect([bad.text, bad.where, bad.kind]).not.toEqual([good.text, good.where, good.kind]);
  });

  it('finds nothing in its good example', () => {
    if (page.good.kind === 'spec') expect(findings(page.good)).toEqual([]);
  });
});

describe('the bad example is answered by its own code alone:', () => {
  it.each(checkable)('%s', (code, { bad }) => {
    if (bad.kind !== 'spec') throw new Error('internal: no spec');
    expect(findings(bad).map((found) => found.code)).toEqual([code]);
  });

  it('for every code that is found without data', () => {
    const stages = new Set(['yaml', 'schema', 'expression', 'model', 'lint']);
    const wanted = CODES.filter((code) => stages.has(code.slice(0, code.indexOf('/'))));
    expect(checkable.map(([code]) => code)).toEqual(wanted);
  });
});

it('the stages are those of the codes, in their order', () => {
  expect([...new Set(CODES.map((code) => code.slice(0, code.indexOf('/'))))]).toEqual(STAGE_NAMES);
});

it('what data and runs say is asserted in a test, code by code', () => {
  const tests = ['spec', 'runtimes', 'test'].flatMap((folder) =>
    readdirSync(`${ROOT}${folder}`, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.test.ts') && !path.includes('render.test'))
      .map((path) => readFileSync(`${ROOT}${folder}/${path}`, 'utf8')),
  );
  const missing = CODES.filter((code) => /^(data|run)\//.test(code)).filter(
    (code) => !tests.some((text) => text.includes(code)),
  );
  expect(missing).toEqual([]);
});

it('docs/diagnostics.md is what the pages say (vitest -u writes it)', async () => {
  const file = `${ROOT}docs/diagnostics.md`;
  await expect(await referenceText(file)).toMatchFileSnapshot(file);
});
