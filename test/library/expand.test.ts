import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { compile } from '../../compiler/compile.js';
import type { Program } from '../../compiler/program.js';
import { folderLibrary } from '../../runtimes/node/library-source.js';
import { renderDiagnostics } from '../../spec/diagnostics/render.js';
import { expandSpec } from '../../spec/expand/expand-spec.js';
import { flattenSpec } from '../../spec/flatten.js';

const library = folderLibrary();
const root = new URL('../../', import.meta.url);

/** Everything of a program but the places in files that it came from. */
function contentOf(program: Program): unknown {
  return JSON.parse(
    JSON.stringify(program, (key, value: unknown): unknown => {
      if (key === 'span' || key === 'keySpan' || key === 'source') return undefined;
      if (value instanceof Map) return [...value.entries()];
      if (ArrayBuffer.isView(value)) return Array.from(value as Float32Array);
      return value;
    }),
  ) as unknown;
}

/** A spec and what it extends as one text. */
function flat(path: string): string {
  const read = (file: string) => ({ name: file, text: readFileSync(new URL(file, root), 'utf8') });
  const { text } = flattenSpec(read(path), {
    readSpec: (named, from) => read(new URL(named, new URL(from.name, root)).href.slice(root.href.length)),
    rebase: (named) => named,
  });
  return text;
}

function programOf(name: string, text: string): Program {
  const { program, diagnostics } = compile({ name, text }, library);
  if (program === undefined) throw new Error(`${renderDiagnostics(diagnostics)}\n\n${text}`);
  return program;
}

const specs = ['examples', 'spec/templates'].flatMap((folder) =>
  readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => `${folder}/${name}`),
);

const uses = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && ('use' in value || Object.values(value).some(uses));

it.each(specs)('%s, written out, uses nothing of the library and is the same program', (path) => {
  const text = flat(path);
  const whole = expandSpec({ name: path, text }, library);
  expect(uses(parse(whole))).toBe(false);
  expect(contentOf(programOf(path, whole))).toEqual(contentOf(programOf(path, text)));
});

it('no entry of the library is without a spec that is written out', () => {
  const used = new Set<string>();
  const note = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if ('use' in value) {
      const name = String(value.use);
      if (!used.has(name)) note(parse(library.read(name)!.text));
      used.add(name);
    }
    Object.values(value).forEach(note);
  };
  for (const path of specs) note(parse(flat(path)));
  expect(library.names().filter((name) => !used.has(name))).toEqual([]);
});

const TEXT = `# yaml-language-server: $schema=x.json
version: 1
hyper: { limit: 0.3, how: one }
data: { x: { points: ring, count: 64 } } # points
noise: { z: { normal: [0, 1], shape: [2] } }
networks:
  # The generator.
  G: { use: my/stack, with: { width: 4, times: 1 + 1 } }
  Critic:
    - dense: 3
    - repeat: 2
      index: i
      layers:
        - { use: my/stack, with: { width: 2 * (i + 1), times: i, act: tanh } }
    - dense: 1
objective:
  use: my/loss
  with: { D: Critic, weight: 'max(limit, v)', sides: how }
outputs: { generate: G(z) }
train: { batch: 2, steps: 1 }
`;

const MINE: Readonly<Record<string, string>> = {
  'my/stack': `block: my/stack
description: Layers on layers.
parameters:
  width: { description: Their width. }
  times: { description: How many. }
  act: { description: Between them., words: [relu, tanh], default: relu }
  head: { description: Whether there is one., default: times * 0 }
layers:
  # As often as asked.
  - repeat: times
    index: i
    layers:
      - dense: width + i
      - activation: act
  - when: act == "relu"
    layers: [{ dense: 2 - head }]
`,
  'my/loss': `# What is minimised.
objective: my/loss
description: A loss.
parameters:
  x: { description: Data., default: x }
  z: { description: Noise., default: z }
  G: { description: Generator., default: G }
  D: { description: Critic., default: D }
  weight: { description: A weight. }
  sides: { description: Which., words: [one, two], default: two }
  power: { description: An exponent., default: 2 }
let:
  size(v): mean(v ** power) * weight
  fake: G(z)
  unread: mean(D(x))
  score: where(sides == "one", size(D(x)), size(D(fake)))
updates:
  - { name: critic, minimize: score - -power, train: D, optimizer: { sgd: { rate: 1e-2 } } }
state:
  idle: { init: 0, next: idle + 1 }
metrics: { score: critic.score }
`,
};
const mine = {
  names: () => Object.keys(MINE),
  read: (name: string) => {
    const text = MINE[name];
    return text === undefined ? undefined : { name, text };
  },
};

it('names that would change their meaning are renamed or refused; comments and unread names are not in the way', () => {
  const text = TEXT.replace('how: one }', 'how: one, v: 0.1 }');
  const whole = expandSpec({ name: 'a.yaml', text }, mine);
  expect(whole).toMatchInlineSnapshot(`
    "# yaml-language-server: $schema=x.json
    version: 1
    hyper: { limit: 0.3, how: one, v: 0.1 }
    data: { x: { points: ring, count: 64 } } # points
    noise: { z: { normal: [0, 1], shape: [2] } }
    networks:
      # The generator.
      G:
        # As often as asked.
        - repeat: 1 + 1
          index: i
          layers:
            - dense: 4 + i
            - activation: relu
        - { dense: 2 - (1 + 1) * 0 }
      Critic:
        - dense: 3
        - repeat: 2
          index: i
          layers:
            - group: stack
              layers:
                # As often as asked.
                - repeat: i
                  index: i2
                  layers:
                    - dense: 2 * (i + 1) + i2
                    - activation: tanh
        - dense: 1
    objective:
      # What is minimised.
      let:
        size(v2): mean(v2**2) * max(limit, v)
        score: where(how == "one", size(Critic(x)), size(Critic(fake)))
        fake: G(z)
      updates:
        - { name: critic, minimize: score - -2, train: Critic, optimizer: { sgd: { rate: 1e-2 } } }
      metrics: { score: critic.score }
    outputs: { generate: G(z) }
    train: { batch: 2, steps: 1 }
    "
  `);
  const program = (source: string) => compile({ name: 'a.yaml', text: source }, mine);
  expect(renderDiagnostics(program(text).diagnostics)).toBe('');
  expect(renderDiagnostics(program(whole).diagnostics)).toBe('');
  expect(contentOf(program(whole).program!)).toEqual(contentOf(program(text).program!));
});

it('an objective whose names would hide those of the spec is not written out', () => {
  const text = TEXT.replace('how: one }', 'how: one, fake: 1, v: 1 }').replace(
    'max(limit, v)',
    'max(limit, fake)',
  );
  expect(() => expandSpec({ name: 'a.yaml', text }, mine)).toThrow(
    'run/option: `my/loss` cannot be written out: its `fake` would hide that of the spec',
  );
});
