import { expect, test } from 'vitest';
import { folderLibrary } from '../../runtimes/node/library-source.js';
import { renderDiagnostics } from '../../spec/diagnostics/render.js';
import { check } from '../compile.js';

const wgan = (parameters: string) =>
  check(
    {
      name: 'wgan.yaml',
      text: `version: 1
hyper: { early: before }
data: { x: { points: ring, count: 64 } }
noise: { z: { normal: [0, 1], shape: [2] } }
networks:
  G: [{ dense: 2 }]
  D: [{ dense: 1 }]
objective:
  use: wgan
  with: { ${parameters} }
outputs: { generate: G(z) }
train: { batch: 4, steps: 10 }
`,
    },
    folderLibrary(),
  );

const written = (when: string) =>
  check(
    {
      name: 'critic.yaml',
      text: `version: 1
data: { x: { points: ring, count: 64 } }
networks: { D: [{ dense: 1 }] }
objective:
  updates:
    - { name: critic, minimize: mean(D(x)), train: D, optimizer: { sgd: { rate: 1 } }, project: { clip: [-1, 1], when: ${when} } }
outputs: { score: D(x) }
train: { batch: 4, steps: 10 }
`,
    },
    folderLibrary(),
  );

test.each([
  ['c: 0.1', 'after'],
  ['clip_when: after', 'after'],
  ['clip_when: before', 'before'],
  ['clip_when: early', 'before'],
])('wgan with %s cuts %s the step', (parameters, when) => {
  const { model } = wgan(parameters);
  expect(model!.phases[0]!.updates[0]!.project).toMatchObject({ when });
});

test('a projection at another time is refused, with the word that was meant', () => {
  const { diagnostics } = written('befor');
  expect(diagnostics.map(({ code, message, help }) => ({ code, message, help }))).toEqual([
    {
      code: 'schema/value',
      message: '`when` must be `after` or `before`, but this is `befor`',
      help: 'Did you mean `before`?',
    },
  ]);
  expect(renderDiagnostics(diagnostics)).toContain('critic.yaml:6:');
});
