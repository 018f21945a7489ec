import pc from 'picocolors';
import { describe, expect, it } from 'vitest';
import { progressParts, StepRate, type ProgressState } from './progress.js';
import { StatusLine } from './status-line.js';
import { wantsColour, type Terminal } from './terminal.js';

const state: ProgressState = {
  step: 140,
  steps: 1400,
  metrics: new Map([
    ['Lx', 0.1021],
    ['Lg', 0.0979],
    ['k', 0.121],
    ['convergence', 0.15],
    ['balance', 0.9589],
    ['slope', 1.25],
  ]),
  gamma: 1,
  diversity: 0.81,
};
const plain = pc.createColors(false);

function fakeTerminal(interactive: boolean, columns = 200): Terminal & { readonly printed: string[] } {
  const printed: string[] = [];
  const colours = pc.createColors(false);
  return {
    printed,
    out: (text) => void printed.push(text),
    err: () => undefined,
    interactive,
    columns: () => columns,
    colours: { out: colours, err: colours },
  };
}

describe('the progress line', () => {
  it('shows step, rate, ETA, every metric by name, balance against gamma, and diversity', () => {
    expect(progressParts(state, 6.3, plain).join('  ')).toBe(
      'step   140/1,400  6.30/s  ETA 3 min 20 s  L(x) 0.102  L(G(z)) 0.0979  k 0.121  M 0.150  balance 0.959/1.0  slope 1.25  diversity 0.81',
    );
  });

  it('leaves out what is not known yet', () => {
    expect(progressParts({ step: 1, steps: 10, metrics: new Map() }, undefined, plain)).toEqual([
      'step  1/10',
    ]);
  });

  it('rewrites itself on a terminal, on as many lines as it needs', () => {
    const terminal = fakeTerminal(true, 31);
    let now = 0;
    const status = new StatusLine({ terminal, clock: () => now });
    status.show(() => progressParts(state, undefined, plain));
    status.show(() => ['too soon']);
    now = 1;
    status.show(() => ['short']);
    status.end();
    status.show(() => ['at once']);
    status.clear();
    expect(terminal.printed).toEqual([
      'step   140/1,400  L(x) 0.102\n  L(G(z)) 0.0979  k 0.121\n  M 0.150  balance 0.959/1.0\n  slope 1.25  diversity 0.81',
      '\u001b[3A\r\u001b[Jshort',
      '\n',
      'at once',
      '\r\u001b[J',
    ]);
  });

  it('prints plain lines every interval elsewhere, and when told to', () => {
    const terminal = fakeTerminal(false);
    let now = 0;
    const status = new StatusLine({ terminal, clock: () => now, interval: 10 });
    for (now = 1; now <= 25; now++) status.show(() => ['at', String(now)], now === 25);
    expect(terminal.printed).toEqual(['at  1\n', 'at  11\n', 'at  21\n', 'at  25\n']);
  });

  it('measures the rate over the last seconds only', () => {
    const rate = new StepRate(10);
    rate.mark(0, 0);
    rate.mark(1, 100);
    for (let i = 1; i <= 20; i++) rate.mark(1 + 5 * i, 100 + i);
    expect(rate.value).toBe(5);
  });

  it('uses colour on a terminal only, and never against NO_COLOR', () => {
    expect(wantsColour({ isTTY: true }, {})).toBe(true);
    expect(wantsColour({ isTTY: true }, { NO_COLOR: '1' })).toBe(false);
    expect(wantsColour({ isTTY: true }, { TERM: 'dumb' })).toBe(false);
    expect(wantsColour({}, {})).toBe(false);
  });
});
