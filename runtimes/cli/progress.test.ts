import pc from 'picocolors';
import { describe, expect, it } from 'vitest';
import { Progress, progressLine, StepRate, type ProgressState } from './progress.js';
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
    expect(progressLine(state, 6.3, plain)).toBe(
      'step   140/1,400  6.30/s  ETA 3 min 20 s  L(x) 0.102  L(G(z)) 0.0979  k 0.121  M 0.150  balance 0.959/1.0  slope 1.25  diversity 0.81',
    );
  });

  it('leaves out what is not known yet', () => {
    expect(progressLine({ step: 1, steps: 10, metrics: new Map() }, undefined, plain)).toBe('step  1/10');
  });

  it('rewrites one line on a terminal, cut to its width', () => {
    const terminal = fakeTerminal(true, 31);
    const progress = new Progress({ terminal, clock: () => 0 });
    progress.update(state);
    progress.pause();
    expect(terminal.printed).toEqual(['\r\u001b[2Kstep   140/1,400  L(x) 0.102 …\u001b[0m', '\n']);
  });

  it('prints plain lines every interval, and the last step always', () => {
    const terminal = fakeTerminal(false);
    let now = 0;
    const progress = new Progress({ terminal, clock: () => now, interval: 10 });
    for (let step = 1; step <= 25; step++) {
      now = step;
      progress.update({ step, steps: 25, metrics: new Map() });
    }
    expect(terminal.printed).toEqual([
      'step  1/25\n',
      'step 11/25  1.00/s  ETA 14 s\n',
      'step 21/25  1.00/s  ETA 4 s\n',
      'step 25/25  1.00/s  ETA 0 s\n',
    ]);
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
