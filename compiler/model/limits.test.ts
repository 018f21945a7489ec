/** Specs from strangers: whatever they ask for, the answer is a diagnostic, soon. */
import { beforeAll, describe, expect, it } from 'vitest';
import { folderLibrary } from '../../runtimes/node/library-source.js';
import { EQUATIONS, FACES, POINTS } from '../../spec/diagnostics/pages/base-specs.js';
import { changed } from '../../spec/diagnostics/pages/page.js';
import { check, compile } from '../compile.js';

const library = folderLibrary();

/** Processor time for one spec, with much room: nearly all of these took under 100 ms where nothing else ran. */
const SOON = 2000;

function found(text: string): string[] {
  const started = process.cpuUsage();
  const { diagnostics } = check({ name: 'stranger.yaml', text }, library);
  const { user, system } = process.cpuUsage(started);
  expect((user + system) / 1000, 'milliseconds').toBeLessThan(SOON);
  return diagnostics.map(({ code, message }) => `${code}: ${message}`);
}

const count = <T>(length: number, make: (i: number) => T): T[] => Array.from({ length }, (_, i) => make(i));
const lets = (...lines: readonly string[]): string =>
  changed(EQUATIONS, [
    '    fake: G(z)\n',
    `    fake: G(z)\n${lines.map((line) => `    ${line}\n`).join('')}`,
  ]);
const critic = (...lines: readonly string[]): string =>
  changed(EQUATIONS, [
    '    - name: critic\n',
    `    - name: critic\n${lines.map((line) => `      ${line}\n`).join('')}`,
  ]);
const layers = (text: string): string => changed(POINTS, ['D: [{ dense: 32 }', `D: [${text}`]);
const doubled = count(60, (i) => `a${i + 1}: a${i} + a${i}`);

describe('a limit answers', () => {
  // The schema is compiled for the first spec.
  beforeAll(() => void check({ name: 'first.yaml', text: POINTS }, library));

  it.each<readonly [what: string, text: string, ...findings: string[]]>([
    [
      'aliases that repeat aliases',
      `version: 1\na0: &a0 [1, 1]\n${count(30, (i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}]`).join('\n')}\n`,
      'yaml/limit: The file has more than 20000 values once its aliases are followed',
    ],
    [
      'an alias inside itself',
      'version: &v [*v]\n',
      'yaml/limit: The alias `*v` stands inside what it repeats',
    ],
    ['brackets', '['.repeat(100_000), 'yaml/limit: More than 1000 brackets are open here'],
    ['nested lists', '- '.repeat(20_000), 'yaml/syntax: The file is nested too deeply'],
    ['nested keys', '? '.repeat(20_000), 'yaml/syntax: The file is nested too deeply'],
    [
      'nested mappings',
      count(900, (i) => `${' '.repeat(i)}a:`).join('\n'),
      'yaml/limit: Values are nested more than 60 levels deep',
    ],
    ['a long file', `# ${'x'.repeat(1_000_000)}\n`, 'yaml/limit: The file has more than 1000000 characters'],
    [
      'parentheses',
      lets(`e: ${'('.repeat(20_000)}1${')'.repeat(20_000)}`),
      'expression/syntax: The expression is nested more than 256 levels deep',
    ],
    [
      'a long sum',
      lets(`e: ${'1 + '.repeat(30_000)}1`),
      'expression/syntax: The expression is nested more than 256 levels deep',
    ],
    [
      'functions that call each other twice',
      lets(...count(60, (i) => `f${i}(v): f${i + 1}(v) + f${i + 1}(v)`), 'f60(v): v', 'e: f0(1)'),
      'model/limit: The equations have more than 100,000 parts',
    ],
    [
      'a chain of definitions',
      lets('a0: 1', ...count(3000, (i) => `a${i + 1}: a${i} + 1`)),
      'model/limit: An equation has more than 400 parts inside each other',
    ],
    [
      'a chain of definitions, last one first',
      lets(...count(3000, (i) => `a${3000 - i}: a${2999 - i} + 1`), 'a0: 1'),
      'model/limit: An equation has more than 400 parts inside each other',
    ],
    [
      'gradients of gradients, each of which doubles the graph',
      lets('a0: sum(D(x))', ...count(20, (i) => `a${i + 1}: sum(square(grad(a${i}, x)))`)),
      'model/limit: More than 4 gradients are taken of each other',
    ],
    [
      'a number that doubles itself sixty times, as a repeat',
      changed(lets('a0: 1', ...doubled), ['    - name: critic\n', '    - name: critic\n      repeat: a60\n']),
      'model/limit: This number has more than 10,000 parts',
    ],
    [
      'a schedule of thousands of pieces',
      changed(POINTS, [
        'networks:',
        `schedules:\n  r: piecewise(${count(5000, (i) => `1, ${i + 1}`).join(', ')}, 1)\nnetworks:`,
      ]),
      'model/limit: An equation has more than 400 parts inside each other',
    ],
    [
      'a repeat of a million',
      layers('{ repeat: 1000000, layers: [{ dense: 32 }] }'),
      'model/limit: The networks have more than 4,096 layers',
    ],
    [
      'repeats of repeats of nothing',
      layers(
        '{ repeat: 4000, layers: [{ repeat: 4000, layers: [{ repeat: 4000, layers: [{ when: false, layers: [relu] }] }] }] }',
      ),
      'model/limit: The networks have more than 4,096 layers',
    ],
    [
      'many networks of many layers',
      changed(lets(...count(30, (i) => `e${i}: sum(N${i}(z))`)), [
        'networks:\n',
        `networks:\n${count(30, (i) => `  N${i}: [{ repeat: 1000, layers: [relu] }]\n`).join('')}`,
      ]),
      'model/limit: The networks have more than 4,096 layers',
    ],
    [
      'a dense layer of a thousand million units',
      layers('{ dense: 1000000000 }'),
      'model/limit: A tensor of shape B x 1000000000 has 64,000,000,000 numbers, more than 268,435,456',
    ],
    [
      'more parameters than there is memory for',
      layers('{ dense: 100000 }, { dense: 100000 }'),
      'model/limit: The networks have more than 134,217,728 parameters',
    ],
    [
      'a kernel as large as a town',
      changed(FACES, [
        'D: { use: began/autoencoder, with: { size: 16, filters: 8, embedding: 16 } }',
        'D: [{ conv: { filters: 3, kernel: 100001 } }]',
      ]),
      'model/limit: The networks have more than 134,217,728 parameters',
    ],
    [
      'pictures of 65,536 x 65,536',
      FACES.replaceAll('size: 16', 'size: 65536'),
      'model/limit: A tensor of shape B x 65536 x 65536 x 3 has 206,158,430,208 numbers, more than 268,435,456',
      'model/limit: A tensor of shape B x 2048 x 2048 x 8 has 536,870,912 numbers, more than 268,435,456',
    ],
    [
      'an enlargement',
      changed(POINTS, ['relu, { dense: 2 }]', '{ reshape: [1, 1, 32] }, { upsample: 100000 }]']),
      'model/limit: A tensor of shape B x 100000 x 100000 x 32 has 20,480,000,000,000 numbers, more than 268,435,456',
    ],
    [
      'a stride beyond all numbers',
      changed(POINTS, [
        'relu, { dense: 1 }]',
        '{ reshape: [4, 4, 2] }, { conv: { filters: 2, stride: 2e30 } }, { dense: 1 }]',
      ]),
      'model/limit: `stride` is 2.0e30, more than 1,048,576',
    ],
    [
      'a padding beyond all numbers',
      changed(POINTS, [
        'relu, { dense: 1 }]',
        '{ reshape: [4, 4, 2] }, { conv: { filters: 2, padding: { top: 1e9, bottom: 0, left: 0, right: 0 }, stride: [1e6, 1] } }, { dense: 1 }]',
      ]),
      'model/limit: `top` of `padding` is 1,000,000,000, more than 1,048,576',
    ],
    [
      'noise',
      changed(POINTS, ['shape: [2]', 'shape: [100000, 100000]']),
      'model/limit: A tensor of shape B x 100000 x 100000 has 640,000,000,000 numbers, more than 268,435,456',
    ],
    [
      'classes',
      changed(lets('e: sum(one_hot(c))'), ['noise:\n', 'noise:\n  c: { categorical: 1000000000000 }\n']),
      'model/limit: A tensor of shape B x 1000000000000 has 64,000,000,000,000 numbers, more than 268,435,456',
    ],
    [
      'every sample with every other of a huge batch',
      changed(lets('e: sum(gram(x))'), ['batch: 64', 'batch: 100000']),
      'model/limit: A tensor of shape B x B has 10,000,000,000 numbers, more than 268,435,456',
    ],
    [
      'a huge batch of one update',
      critic('batch: 100000000'),
      'model/limit: A tensor of shape B x 2 has 12,800,000,000 numbers, more than 268,435,456',
    ],
    [
      'a huge batch',
      changed(POINTS, ['batch: 64', 'batch: 1000000000']),
      'model/limit: A tensor of shape B x 2 has 2,000,000,000 numbers, more than 268,435,456',
    ],
    [
      'a batch beyond all numbers',
      changed(POINTS, ['batch: 64', 'batch: 1e300']),
      'schema/value: `batch` must be at most 1000000000, but it is `1e300`',
    ],
    [
      'steps beyond all numbers',
      changed(POINTS, ['steps: 1000', 'steps: 1e300']),
      'schema/value: `steps` must be at most 1000000000, but it is `1e300`',
    ],
    [
      'a phase that is repeated a million million times in a step',
      critic('repeat: 1e12'),
      'model/limit: `repeat` runs a phase 1000000000000 times in one step, more than 10000',
    ],
  ])('%s', (_what, text, ...findings) => {
    expect(found(text)).toEqual(findings);
  });

  it('mistakes without an end, each near to thousands of names', () => {
    const mistakes = found(lets(...count(2000, (i) => `name${i}: mean(D(x)) + nome${i}`)));
    expect(mistakes.length).toBe(501);
    expect(mistakes[0]).toBe('expression/unknown-name: Nothing is called `nome0` here');
    expect(mistakes[500]).toBe('model/limit: After 500 mistakes the rest of the file is not looked at');
  });

  it('a key that stands again and again', () => {
    const mistakes = found(`version: 1\n${'title: a\n'.repeat(30_000)}`);
    expect(mistakes.length).toBeLessThan(20_001);
    expect(mistakes).toContain(
      'yaml/limit: The file has more than 20000 values once its aliases are followed',
    );
  });

  it('a network called over and over, once its graph is made', () => {
    const calls = count(100, () => 'mean(D(G(fresh(z))))').join(' + ');
    const text = changed(
      EQUATIONS,
      ['{ dense: 1 }]', '{ repeat: 2000, layers: [{ dense: 1 }, tanh] }]'],
      ['mean(square(D(x) - 1)) + mean(square(D(fake)))', calls],
    );
    const { program, diagnostics } = compile({ name: 'stranger.yaml', text }, library);
    expect(program).toBeUndefined();
    const errors = diagnostics.filter(({ severity }) => severity === 'error');
    expect(errors.map(({ message }) => message)).toEqual(['A phase has more than 150,000 operations']);
  });

  it('and what lies below the limits passes', () => {
    expect(found(layers('{ repeat: 100, layers: [{ dense: 8 }, relu] }'))).toEqual([]);
    expect(found(lets('a0: 1', ...count(150, (i) => `a${i + 1}: a${i} + 1`)))).toEqual([]);
    const four = count(4, (i) => `a${i + 1}: sum(square(grad(a${i}, x)))`);
    expect(found(lets('a0: sum(D(x))', ...four))).toEqual([]);
    // Sixty doublings of one number are sixty additions of the graph.
    expect(found(lets('a0: sum(x)', ...doubled))).toEqual([]);
  });

  it('a name of the library is no path', () => {
    const text = changed(POINTS, ['G: [{ dense: 32 }, relu, { dense: 2 }]', 'G: { use: ../began/decoder }']);
    expect(found(text)).toEqual([
      'schema/value: `use` must be the name of a library entry, but this is the text `../began/decoder`',
    ]);
  });
});
