import { describe, expect, it } from 'vitest';
import { renderDiagnostics } from './diagnostics/render.js';
import { printExpression } from './expression/print.js';
import { overrideSpec } from './override.js';
import type { ReadSpec } from './extend.js';
import { parseSpec } from './parse.js';
import type { ObjectiveSpec, Spec } from './spec.js';

const BASE = `version: 1
title: base
hyper: { n: 16, gamma: 0.5 }
data:
  x: { images: ./faces, size: 32, flip: horizontal }
noise:
  z: { uniform: [-1, 1], shape: [n] }
networks:
  G: [{ dense: n }]
  D: { layers: [elu] }
objective:
  updates:
    - { minimize: mean(D(x)), train: D, optimizer: { sgd: { rate: 1 } } }
  state:
    k: { init: 0, next: k + 1 }
train: { batch: 16, steps: 1000 }
`;

/** A folder in memory; the first file is the one that is parsed. */
function folder(files: Readonly<Record<string, string>>) {
  const asked: string[] = [];
  const readSpec: ReadSpec = (path, from) => {
    asked.push(`${from.name} asks for ${path}`);
    const name = path.replace(/^\.\//, '');
    const text = files[name];
    return text === undefined ? undefined : { name, text };
  };
  const [name = '', text = ''] = Object.entries(files)[0] ?? [];
  return { file: { name, text }, readSpec, asked };
}

function specOf(files: Readonly<Record<string, string>>): Spec {
  const { file, readSpec } = folder(files);
  const { spec, diagnostics } = parseSpec(file, { readSpec });
  expect(renderDiagnostics(diagnostics)).toBe('');
  return spec!;
}

function refusal(files: Readonly<Record<string, string>>): string {
  const { file, readSpec } = folder(files);
  const { spec, diagnostics } = parseSpec(file, { readSpec });
  expect(spec).toBeUndefined();
  return renderDiagnostics(diagnostics);
}

describe('a spec that extends another', () => {
  const child = (text: string) => specOf({ 'a.yaml': `extends: ./base.yaml\n${text}`, 'base.yaml': BASE });

  it('completes mappings, and replaces lists and plain values', () => {
    const spec = child(
      `hyper: { gamma: 0.7, extra: 1 }
data: { x: { size: 64 } }
noise: { z: { shape: [n, 2] } }
networks: { G: [elu, tanh] }
train: { steps: 5 }
`,
    );
    expect([...spec.hyper].map(([name, { value }]) => [name, value])).toEqual([
      ['n', 16],
      ['gamma', 0.7],
      ['extra', 1],
    ]);
    expect(spec.title?.value).toBe('base');
    expect(spec.data.get('x')).toMatchObject({
      kind: 'images',
      path: { value: './faces' },
      size: { height: { value: 64 } },
      flip: 'horizontal',
    });
    expect(spec.noise.get('z')?.shape.map(printExpression)).toEqual(['n', '2']);
    expect(spec.networks.get('G')?.layers.map(({ kind }) => kind)).toEqual(['elu', 'tanh']);
    expect(spec.networks.get('D')?.layers.map(({ kind }) => kind)).toEqual(['elu']);
    expect(spec.train).toMatchObject({ batch: { value: 16 }, steps: { value: 5 } });
  });

  it('replaces a mapping of another kind as a whole', () => {
    const spec = child(
      `data: { x: { mnist: train } }
noise: { z: { categorical: 10 } }
networks: { D: { average: G } }
`,
    );
    expect(spec.data.get('x')).toMatchObject({
      kind: 'mnist',
      size: { height: { value: 28 } },
      flip: 'none',
    });
    expect(spec.noise.get('z')).toMatchObject({ distribution: 'categorical', shape: [] });
    expect(spec.networks.get('D')?.average?.of.value).toBe('G');
    expect(child('objective: { use: began }\n').objective).toMatchObject({ kind: 'use' });
    const state = (
      child(
        'objective: { state: { k: { plateau: { of: l, start: 1, factor: 0.5, window: 9, floor: 0 } } } }\n',
      ).objective as ObjectiveSpec
    ).state;
    expect(state.get('k')?.kind).toBe('plateau');
  });

  it('keeps the parameters of the library entry it uses, and none of another one', () => {
    const base = BASE.replace(
      /objective:[^]*train:/,
      'objective: { use: gan, with: { rate_D: 1, rate_G: 2 } }\ntrain:',
    );
    const objective = (text: string) =>
      specOf({ 'a.yaml': `extends: ./base.yaml\nobjective: ${text}\n`, 'base.yaml': base }).objective;
    const parameters = (text: string) => {
      const use = objective(text);
      return use.kind === 'use' ? [use.name.value, ...use.with.keys()] : [];
    };
    expect(parameters('{ with: { rate_G: 3 } }')).toEqual(['gan', 'rate_D', 'rate_G']);
    expect(parameters('{ use: gan, with: { rate_G: 3 } }')).toEqual(['gan', 'rate_D', 'rate_G']);
    expect(parameters('{ use: dragan, with: { rate: 3 } }')).toEqual(['dragan', 'rate']);
    expect(parameters('{ use: dragan }')).toEqual(['dragan']);
  });

  it('takes labels of images for an option, not for another kind', () => {
    expect(child('data: { x: { labels: folders } }\n').data.get('x')).toMatchObject({
      kind: 'images',
      labels: { value: 'folders' },
    });
  });

  it('keeps every place in its own file', () => {
    const spec = child('data: { x: { size: 2 * 32 } }\n');
    const at = (span: { file: { name: string; text: string }; start: number; end: number }) =>
      `${span.file.name}: ${span.file.text.slice(span.start, span.end)}`;
    const x = spec.data.get('x');
    expect(x?.kind === 'images' && [at(x.size.height.span), at(x.path.span), at(x.span)]).toEqual([
      'a.yaml: 2 * 32',
      'base.yaml: ./faces',
      'a.yaml: { size: 2 * 32 }',
    ]);
    expect(spec.source.name).toBe('a.yaml');
    expect(spec.bases?.map(({ name }) => name)).toEqual(['base.yaml']);
  });

  it('follows a chain, each path from the file that names it', () => {
    const { file, readSpec, asked } = folder({
      'a.yaml': 'extends: ./b.yaml\ntitle: a\n',
      'b.yaml': 'extends: ./base.yaml\ntitle: b\nhyper: { gamma: 0.3 }\n',
      'base.yaml': BASE,
    });
    const { spec } = parseSpec(file, { readSpec });
    expect(spec?.title?.value).toBe('a');
    expect(spec?.hyper.get('gamma')?.value).toBe(0.3);
    expect(spec?.bases?.map(({ name }) => name)).toEqual(['b.yaml', 'base.yaml']);
    expect(asked).toEqual(['a.yaml asks for ./b.yaml', 'b.yaml asks for ./base.yaml']);
  });
});

describe('a user who extends a spec reads about', () => {
  it.each([
    [
      'a file that is not there, and about nothing that it may hold',
      { 'a.yaml': 'extends: ./bse.yaml\ntrain: { steps: 5 }\n' },
      `error[schema/extends] There is no spec \`./bse.yaml\`
 --> a.yaml:1:10
  |
1 | extends: ./bse.yaml
  |          ^^^^^^^^^^
why: The path is relative to the file that says \`extends\`.
help: Correct the path.`,
    ],
    [
      'a file that extends itself',
      { 'a.yaml': 'extends: a.yaml\n' },
      `error[schema/extends] \`a.yaml\` extends itself
 --> a.yaml:1:10
  |
1 | extends: a.yaml
  |          ^^^^^^
help: Name another file, or remove \`extends\`.`,
    ],
    [
      'a circle',
      { 'a.yaml': 'extends: b.yaml\n', 'b.yaml': 'extends: c.yaml\n', 'c.yaml': 'extends: b.yaml\n' },
      `error[schema/extends] \`b.yaml\` extends itself, by way of \`c.yaml\`
 --> c.yaml:1:10
  |
1 | extends: b.yaml
  |          ^^^^^^
help: Name another file, or remove \`extends\`.`,
    ],
    [
      'an empty file',
      { 'a.yaml': 'extends: base.yaml\n', 'base.yaml': '# nothing yet\n' },
      `error[schema/extends] \`base.yaml\` is empty
 --> a.yaml:1:10
  |
1 | extends: base.yaml
  |          ^^^^^^^^^
why: A spec is a mapping of keys.
help: Name another file, or remove \`extends\`.`,
    ],
    [
      'a file that is a list',
      { 'a.yaml': 'extends: base.yaml\n', 'base.yaml': '- elu\n' },
      `error[schema/extends] \`base.yaml\` holds no spec
 --> a.yaml:1:10
  |
1 | extends: base.yaml
  |          ^^^^^^^^^
why: A spec is a mapping of keys.
help: Name another file, or remove \`extends\`.`,
    ],
    [
      'a file that is not YAML, in that file',
      { 'a.yaml': 'extends: base.yaml\n', 'base.yaml': 'hyper: { n: 1\n' },
      `error[yaml/syntax] This \`{\` is never closed
 --> base.yaml:1:8
  |
1 | hyper: { n: 1
  |        ^
help: Add a \`}\`.`,
    ],
    [
      'a path that is none, in a file below',
      { 'a.yaml': 'extends: base.yaml\n', 'base.yaml': 'extends: [c.yaml]\n' },
      `error[schema/type] \`extends\` must be text, but this is a list
 --> base.yaml:1:10
  |
1 | extends: [c.yaml]
  |          ^^^^^^^^
why: Another spec, relative to this file. Its mappings are completed by what stands here; everything else is replaced.
help: Write \`extends: ./other.yaml\`.`,
    ],
    [
      'mistakes in both files, its own first',
      {
        'a.yaml': 'extends: base.yaml\n\n\n\n\nhyper: { gamma: 2 * n }\n',
        'base.yaml': BASE.replace('steps: 1000', 'stepz: 1000'),
      },
      `error[schema/value] \`gamma\` must be a number, true, false or a word, but this is the text \`2 * n\`
 --> a.yaml:6:17
  |
6 | hyper: { gamma: 2 * n }
  |                 ^^^^^
why: Hyper values are plain values; expressions belong in \`schedules\`, \`let\` or the place where they are used.

error[schema/unknown-key] \`train\` does not know the key \`stepz\`
  --> base.yaml:16:21
   |
16 | train: { batch: 16, stepz: 1000 }
   |                     ^^^^^
why: Training steps of the whole run.
help: Did you mean \`steps\`?`,
    ],
    [
      'a key that both files lack',
      { 'a.yaml': 'extends: base.yaml\ntitle: a\n', 'base.yaml': BASE.replace(/^train.*/m, '') },
      `error[schema/missing-key] The file has no \`train\`
 --> a.yaml:2:1
  |
2 | title: a
  | ^^^^^
why: How long and how.
help: Add \`train: { batch: 16, steps: 20000 }\`.`,
    ],
  ])('%s', (_name, files, expected) => {
    expect(refusal(files as Record<string, string>)).toBe(expected);
  });

  it('more files than anyone needs', () => {
    const files = Object.fromEntries(
      Array.from({ length: 40 }, (_, index) => [`${index}.yaml`, `extends: ${index + 1}.yaml\n`]),
    );
    const text = refusal({ 'first.yaml': 'extends: 0.yaml\n', ...files });
    expect(text).toContain('error[schema/extends] More than 16 specs extend each other');
  });
});

describe('overrideSpec on a spec that extends another', () => {
  const text = 'extends: base.yaml\nhyper: { gamma: 0.7 }\n';
  const { file, readSpec } = folder({ 'a.yaml': text, 'base.yaml': BASE });
  const set = (path: string, value: string): string =>
    overrideSpec(file, [{ path, value }], { readSpec }).text;

  it('changes what stands in the file, and adds what the other one has', () => {
    expect(set('hyper.gamma', '1')).toBe('extends: base.yaml\nhyper: { gamma: 1 }\n');
    expect(set('hyper.n', '8')).toBe('extends: base.yaml\nhyper: { gamma: 0.7, n: 8 }\n');
    expect(set('train.steps', '5')).toBe(`${text.trimEnd()}\ntrain: { steps: 5 }\n`);
    expect(set('data.x.channels', '1')).toBe(`${text.trimEnd()}\ndata: { x: { channels: 1 } }\n`);
  });

  it('refuses what neither has, and items of a list of the other', () => {
    expect(() => set('hyper.m', '1')).toThrow('run/option: `hyper.m` leads nowhere: `hyper` has no `m`');
    expect(() => set('objective.updates.0.minimize', '1')).toThrow(
      'run/option: `objective.updates.0.minimize` is an item of a list in a file that this one extends',
    );
    expect(() => overrideSpec(file, [{ path: 'hyper.n', value: '1' }])).toThrow(
      'schema/extends: `extends` cannot be followed here',
    );
  });
});
