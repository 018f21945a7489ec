import { describe, expect, it } from 'vitest';
import { DiagnosticError } from './diagnostics/diagnostic.js';
import { renderDiagnostics } from './diagnostics/render.js';
import { overrideSpec } from './override.js';
import { parseSpec } from './parse.js';

const text = `version: 1
hyper: { n: 16, gamma: 0.5 }   # gamma as in the paper
data:
  x: { facesjs: 600, size: 32 }
noise:
  z: { uniform: [-1, 1], shape: [n] }
networks:
  G: [{ dense: n }]
  D: [elu]
objective:
  updates:
    - minimize: mean(D(x)) # the loss
      train: D
      optimizer: { adam: { rate: 1e-4 } }
  state:
    k: { init: 0, next: k + 1 }
outputs:
train:
  # long enough
  batch: 16
  steps: 1000  # a short run
`;

const set = (...overrides: [path: string, value: string][]): string =>
  overrideSpec(
    { name: 'toy.yaml', text },
    overrides.map(([path, value]) => ({ path, value })),
  ).text;

function refusal(...overrides: [path: string, value: string][]): string {
  try {
    set(...overrides);
  } catch (error) {
    if (error instanceof DiagnosticError) return renderDiagnostics(error.diagnostics);
    throw error;
  }
  return 'nothing is refused';
}

describe('overrideSpec', () => {
  it.each([
    ['hyper.gamma', '0.7', 'gamma: 0.5', 'gamma: 0.7'],
    ['train.steps', '100', 'steps: 1000', 'steps: 100'],
    ['objective.updates.0.optimizer.adam.rate', '2e-4', 'rate: 1e-4', 'rate: 2e-4'],
    ['objective.updates.0.minimize', 'mean(max(x, 0))', 'mean(D(x))', '"mean(max(x, 0))"'],
    ['objective.state.k.next', 'clip(k, 0, 1)', 'k + 1', '"clip(k, 0, 1)"'],
    ['objective.state.k.init', '-1', 'init: 0', 'init: -1'],
    ['data.x.size', '[32, 48]', 'size: 32', 'size: [32, 48]'],
    ['noise.z.shape.0', '2 * n', 'shape: [n]', 'shape: [2 * n]'],
    ['networks.G', '{ use: began/decoder }', '[{ dense: n }]', '{ use: began/decoder }'],
    ['hyper.n', '!k', 'n: 16', 'n: "!k"'],
  ])('replaces only the value of %s', (path, value, from, to) => {
    expect(set([path, value])).toBe(text.replace(from, to));
  });

  it('adds a key that the language knows, in braces, in a block and without any value before', () => {
    expect(set(['objective.updates.0.optimizer.adam.beta1', '0.5'])).toBe(
      text.replace('rate: 1e-4', 'rate: 1e-4, beta1: 0.5'),
    );
    expect(set(['train.seed', '7'])).toBe(text.replace('# a short run\n', '# a short run\n  seed: 7\n'));
    expect(set(['objective.updates.0.name', 'critic'])).toBe(
      text.replace('{ rate: 1e-4 } }\n', '{ rate: 1e-4 } }\n      name: critic\n'),
    );
    expect(set(['outputs', '{ faces: G(z) }'])).toBe(text.replace('outputs:', 'outputs: { faces: G(z) }'));
  });

  it('applies several overrides in order and gives a spec that parses', () => {
    const changed = set(
      ['hyper.gamma', '1'],
      ['train.steps', '5'],
      ['train.steps', '6'],
      ['outputs', '{ o: G(z) }'],
    );
    const { spec, diagnostics } = parseSpec({ name: 'toy.yaml', text: changed });
    expect(renderDiagnostics(diagnostics)).toBe('');
    expect(spec?.train.steps.value).toBe(6);
    expect(spec?.hyper.get('gamma')?.value).toBe(1);
  });

  it('refuses paths that lead nowhere, all at once', () => {
    expect(
      refusal(
        ['hyper.gama', '1'],
        ['trian.steps', '1'],
        ['objective.updates.3.name', 'a'],
        ['hyper.n.k', '1'],
      ),
    ).toBe(`error[run/option] \`hyper.gama\` leads nowhere: \`hyper\` has no \`gama\`
 --> toy.yaml:2:8
  |
2 | hyper: { n: 16, gamma: 0.5 }   # gamma as in the paper
  |        ^^^^^^^^^^^^^^^^^^^^^
help: Did you mean \`hyper.gamma\`?

error[run/option] \`trian.steps\` leads nowhere: the spec has no \`trian\`
help: Did you mean \`train.steps\`?

error[run/option] \`objective.updates.3.name\` leads nowhere: \`objective.updates\` has no item \`3\`
  --> toy.yaml:12:5
   |
12 |     - minimize: mean(D(x)) # the loss
   |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
13 |       train: D
   |       ^^^^^^^^
14 |       optimizer: { adam: { rate: 1e-4 } }
   |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
help: Its items are numbered 0 to 0.

error[run/option] \`hyper.n.k\` leads nowhere: \`hyper.n\` is a plain value
 --> toy.yaml:2:13
  |
2 | hyper: { n: 16, gamma: 0.5 }   # gamma as in the paper
  |             ^^
help: Set \`hyper.n\` itself.`);
  });

  it('tells what is wrong with a file that is not YAML', () => {
    expect(() => overrideSpec({ name: 'a.yaml', text: 'a: [1' }, [{ path: 'a', value: '1' }])).toThrow(
      'yaml/syntax: This `[` is never closed',
    );
  });
});
