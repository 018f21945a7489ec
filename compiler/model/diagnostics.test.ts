/** Mistakes that are found once names and shapes are known: whole texts, as a user sees them. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { folderLibrary } from '../../runtimes/node/library-source.js';
import { renderDiagnostics } from '../../spec/diagnostics/render.js';
import { check } from '../compile.js';

const EXAMPLE = readFileSync(new URL('../../test/fixtures/faces-32.yaml', import.meta.url), 'utf8');

/** The example with one replacement, checked and rendered. The replacement must hit. */
function found(from: string, to: string, text = EXAMPLE): string {
  if (!text.includes(from)) throw new Error(`the text has no "${from}"`);
  const { diagnostics } = check({ name: 'faces.yaml', text: text.replaceAll(from, to) }, folderLibrary());
  return `\n${renderDiagnostics(diagnostics).replaceAll(/--> .*?(spec\/)?library\//g, '--> library/')}\n`;
}

const CRITIC = `version: 1
hyper: { h: 2 }
data: { x: { facesjs: 8, size: 8 } }
noise: { z: { uniform: [-1, 1], shape: [h] } }
networks:
  G:
    - dense: 192
    - reshape: [8, 8, 3]
  D:
    - conv: 4
    - flatten
    - dense: 1
objective:
  let:
    real: mean(D(x))
    fake: mean(D(G(z)))
  updates:
    - name: critic
      minimize: fake - real
      train: D
      optimizer: { adam: { rate: 0.01 } }
    - name: generator
      minimize: -fake
      train: G
      optimizer: { adam: { rate: 0.01 } }
  metrics: { real: real }
outputs: { generate: G(z) }
train: { batch: 4, steps: 10 }
lints: { unbounded-critic: off }
`;

test('the two specs that are broken below are good', () => {
  expect(found('version: 1', 'version: 1')).toBe('\n\n');
  expect(found('version: 1', 'version: 1', CRITIC)).toBe('\n\n');
});

test('a size that cannot be reached from 8 x 8 names the sizes next to it', () => {
  expect(found('size: 32, filters', 'size: 48, filters')).toMatchInlineSnapshot(`
    "
    error[model/unreachable-size] \`size\` 48 cannot be reached: the layers would have to repeat 2.585 times
      --> faces.yaml:28:45
       |
    28 | …gan/autoencoder, with: { size: 48, filters: n, embedding: h, repeat: 2, skip: true, carry: carry } }
       |                                 ^^
    note: the repeat
      --> library/began/encoder.yaml:28:13
       |
    28 |   - repeat: log2(size / 8)
       |             ^^^^^^^^^^^^^^
    note: used here
      --> library/began/autoencoder.yaml:23:5
       |
    23 |   - use: began/encoder
       |     ^^^^^^^^^^^^^^^^^^
    .. |
    32 |       init: init
       |       ^^^^^^^^^^
    note: used here
      --> faces.yaml:28:5
       |
    28 |     { use: began/autoencoder, with: { size: 48, filters: n, embedding: h, repeat: 2, skip: true, car…
       |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    note: called here
      --> library/began.yaml:40:47
       |
    40 |   energy(v): mean(where(loss == "l1", abs(v - rebuilt(v)), square(v - rebuilt(v))))
       |                                               ^^^^^^^^^^
    note: called here
      --> library/began.yaml:43:7
       |
    43 |   Lx: energy(x)
       |       ^^^^^^^^^
    why: Every repetition doubles or halves the picture, starting from a fixed size.
    help: Use 32 or 64.

    error[model/unreachable-size] \`size\` 48 cannot be reached: the layers would have to repeat 2.585 times
      --> faces.yaml:26:42
       |
    26 |   G: { use: began/decoder, with: { size: 48, filters: n, repeat: 2, skip: true, carry: carry } }
       |                                          ^^
    note: the repeat
      --> library/began/decoder.yaml:29:13
       |
    29 |   - repeat: log2(size / 8)
       |             ^^^^^^^^^^^^^^
    note: used here
      --> faces.yaml:26:6
       |
    26 |   G: { use: began/decoder, with: { size: 48, filters: n, repeat: 2, skip: true, carry: carry } }
       |      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    why: Every repetition doubles or halves the picture, starting from a fixed size.
    help: Use 32 or 64.
    "
  `);
});

test('a size that is too small for the blocks', () => {
  expect(found('size: 32, filters', 'size: 4, filters')).toMatchInlineSnapshot(`
    "
    error[model/unreachable-size] \`size\` 4 cannot be reached: the layers would have to repeat -1 times
      --> faces.yaml:28:45
       |
    28 | …egan/autoencoder, with: { size: 4, filters: n, embedding: h, repeat: 2, skip: true, carry: carry } }
       |                                  ^
    note: the repeat
      --> library/began/encoder.yaml:28:13
       |
    28 |   - repeat: log2(size / 8)
       |             ^^^^^^^^^^^^^^
    note: used here
      --> library/began/autoencoder.yaml:23:5
       |
    23 |   - use: began/encoder
       |     ^^^^^^^^^^^^^^^^^^
    .. |
    32 |       init: init
       |       ^^^^^^^^^^
    note: used here
      --> faces.yaml:28:5
       |
    28 |     { use: began/autoencoder, with: { size: 4, filters: n, embedding: h, repeat: 2, skip: true, carr…
       |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    note: called here
      --> library/began.yaml:40:47
       |
    40 |   energy(v): mean(where(loss == "l1", abs(v - rebuilt(v)), square(v - rebuilt(v))))
       |                                               ^^^^^^^^^^
    note: called here
      --> library/began.yaml:43:7
       |
    43 |   Lx: energy(x)
       |       ^^^^^^^^^
    why: Every repetition doubles or halves the picture, starting from a fixed size.
    help: Use 8.

    error[model/unreachable-size] \`size\` 4 cannot be reached: the layers would have to repeat -1 times
      --> faces.yaml:26:42
       |
    26 |   G: { use: began/decoder, with: { size: 4, filters: n, repeat: 2, skip: true, carry: carry } }
       |                                          ^
    note: the repeat
      --> library/began/decoder.yaml:29:13
       |
    29 |   - repeat: log2(size / 8)
       |             ^^^^^^^^^^^^^^
    note: used here
      --> faces.yaml:26:6
       |
    26 |   G: { use: began/decoder, with: { size: 4, filters: n, repeat: 2, skip: true, carry: carry } }
       |      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    why: Every repetition doubles or halves the picture, starting from a fixed size.
    help: Use 8.
    "
  `);
});

test('a generator of another size than the data', () => {
  expect(found('began/decoder, with: { size: 32', 'began/decoder, with: { size: 16')).toMatchInlineSnapshot(`
    "
    error[model/shape-mismatch] \`D\` takes B x 32 x 32 x 3, and this input has shape B x 16 x 16 x 3
      --> library/began.yaml:39:43
       |
    39 |   rebuilt(v): where(conditional, D(v, y), D(v))
       |                                           ^^^^
    note: what \`G\` makes
      --> faces.yaml:26:6
       |
    26 |   G: { use: began/decoder, with: { size: 16, filters: n, repeat: 2, skip: true, carry: carry } }
       |      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    note: defined here
      --> faces.yaml:28:5
       |
    28 |     { use: began/autoencoder, with: { size: 32, filters: n, embedding: h, repeat: 2, skip: true, car…
       |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    note: first called here
      --> library/began.yaml:39:43
       |
    39 |   rebuilt(v): where(conditional, D(v, y), D(v))
       |                                           ^^^^
    note: called here
      --> library/began.yaml:40:47
       |
    40 |   energy(v): mean(where(loss == "l1", abs(v - rebuilt(v)), square(v - rebuilt(v))))
       |                                               ^^^^^^^^^^
    note: called here
      --> library/began.yaml:45:7
       |
    45 |   Lf: energy(fake_D)
       |       ^^^^^^^^^^^^^^
    why: The first call of a network fixes the shapes of its inputs.
    help: Give both calls inputs of one shape: a generator, for example, must end in the shape of the data.
    "
  `);
});

test('an auto-encoder with other channels than the data', () => {
  expect(found('autoencoder, with: { size: 32', 'autoencoder, with: { size: 32, channels: 1'))
    .toMatchInlineSnapshot(`
      "
      error[model/shape-mismatch] \`-\` of shapes that do not fit: B x 32 x 32 x 3 and B x 32 x 32 x 1
        --> library/began.yaml:40:43
         |
      40 |   energy(v): mean(where(loss == "l1", abs(v - rebuilt(v)), square(v - rebuilt(v))))
         |                                           ^^^^^^^^^^^^^^
      note: shape B x 32 x 32 x 3
        --> faces.yaml:16:6
         |
      16 |   x: { facesjs: 6000, size: 32, background: plain, flip: horizontal }
         |      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      note: shape B x 32 x 32 x 1
        --> library/began.yaml:39:43
         |
      39 |   rebuilt(v): where(conditional, D(v, y), D(v))
         |                                           ^^^^
      note: called here
        --> library/began.yaml:43:7
         |
      43 |   Lx: energy(x)
         |       ^^^^^^^^^
      why: Shapes must be equal; only single numbers, and one number per sample, meet everything.
      "
    `);
});

test('a fraction where a whole number must stand, traced to the line that gave it', () => {
  expect(found('n: 16', 'n: 16.5')).toMatchInlineSnapshot(`
    "
    error[schema/value] \`filters\` must be a whole number of at least 1, and it is 16.5
      --> faces.yaml:28:58
       |
    28 | …gan/autoencoder, with: { size: 32, filters: n, embedding: h, repeat: 2, skip: true, carry: carry } }
       |                                              ^
    note: read here
      --> library/began/encoder.yaml:26:22
       |
    26 |   - conv: { filters: filters, init: init }
       |                      ^^^^^^^
    note: used here
      --> library/began/autoencoder.yaml:23:5
       |
    23 |   - use: began/encoder
       |     ^^^^^^^^^^^^^^^^^^
    .. |
    32 |       init: init
       |       ^^^^^^^^^^
    note: used here
      --> faces.yaml:28:5
       |
    28 |     { use: began/autoencoder, with: { size: 32, filters: n, embedding: h, repeat: 2, skip: true, car…
       |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    note: called here
      --> library/began.yaml:40:47
       |
    40 |   energy(v): mean(where(loss == "l1", abs(v - rebuilt(v)), square(v - rebuilt(v))))
       |                                               ^^^^^^^^^^
    note: called here
      --> library/began.yaml:43:7
       |
    43 |   Lx: energy(x)
       |       ^^^^^^^^^

    error[schema/value] A size must be a whole number of at least 1, and it is 16.5
      --> faces.yaml:26:55
       |
    26 |   G: { use: began/decoder, with: { size: 32, filters: n, repeat: 2, skip: true, carry: carry } }
       |                                                       ^
    note: read here
      --> library/began/decoder.yaml:27:21
       |
    27 |   - reshape: [8, 8, filters]
       |                     ^^^^^^^
    note: used here
      --> faces.yaml:26:6
       |
    26 |   G: { use: began/decoder, with: { size: 32, filters: n, repeat: 2, skip: true, carry: carry } }
       |      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    "
  `);
});

test('a misspelt parameter of the objective', () => {
  expect(found('lambda_k: lambda_k', 'lamda_k: lambda_k')).toMatchInlineSnapshot(`
    "
    error[model/unknown-parameter] \`began\` has no parameter \`lamda_k\`
      --> faces.yaml:32:25
       |
    32 |   with: { gamma: gamma, lamda_k: lambda_k, latents: shared, beta1: 0.5, rate: rate }
       |                         ^^^^^^^
    help: Did you mean \`lambda_k\`?
    "
  `);
});

test('a misspelt word of the objective', () => {
  expect(found('latents: shared', 'latents: shred')).toMatchInlineSnapshot(`
    "
    error[schema/value] \`latents\` cannot be \`shred\`
      --> faces.yaml:32:54
       |
    32 |   with: { gamma: gamma, lambda_k: lambda_k, latents: shred, beta1: 0.5, rate: rate }
       |                                                      ^^^^^
    why: One draw of z for both losses, or two.
    help: Did you mean \`shared\`?
    "
  `);
});

test('a misspelt block', () => {
  expect(found('began/decoder', 'began/decodr')).toMatchInlineSnapshot(`
    "
    error[model/unknown-library] The library has no block \`began/decodr\`
      --> faces.yaml:26:13
       |
    26 |   G: { use: began/decodr, with: { size: 32, filters: n, repeat: 2, skip: true, carry: carry } }
       |             ^^^^^^^^^^^^
    help: Did you mean \`began/decoder\`?
    "
  `);
});

test('a block where an objective belongs', () => {
  expect(found('use: began\n', 'use: began/encoder\n')).toMatchInlineSnapshot(`
    "
    error[model/unknown-library] \`began/encoder\` is a block of layers of the library, not an objective
      --> faces.yaml:31:8
       |
    31 |   use: began/encoder
       |        ^^^^^^^^^^^^^
    help: Write it under \`networks\`: \`{ use: began/encoder }\`.
    "
  `);
});

test('a missing parameter says what it is for', () => {
  expect(
    found(
      'filters: n, repeat: 2, skip: true, carry: carry } }\n',
      'repeat: 2, skip: true, carry: carry } }\n',
    ),
  ).toMatchInlineSnapshot(`
    "
    error[model/missing-parameter] \`began/decoder\` needs \`filters\`
      --> faces.yaml:26:6
       |
    26 |   G: { use: began/decoder, with: { size: 32, repeat: 2, skip: true, carry: carry } }
       |      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    help: \`filters\`: Channels of every convolution (n in the paper).
    "
  `);
});

test('a name the objective counts on is missing', () => {
  expect(found('  z: { uniform', '  noise_: { uniform')).toMatchInlineSnapshot(`
    "
    error[model/missing-parameter] \`began\` needs \`z\`, and nothing is called \`z\` here
      --> faces.yaml:31:3
       |
    31 |   use: began
       |   ^^^^^^^^^^
    32 |   with: { gamma: gamma, lambda_k: lambda_k, latents: shared, beta1: 0.5, rate: rate }
       |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    why: \`z\`: Noise of the generator.
    help: Call it \`z\`, or say what stands for it: \`with: { z: ... }\`.
    "
  `);
});

test('a misspelt activation', () => {
  expect(found('filters: n, repeat', 'filters: n, activation: elo, repeat')).toMatchInlineSnapshot(`
    "
    error[schema/value] \`elo\` is not an activation
      --> faces.yaml:26:70
       |
    26 | …egan/decoder, with: { size: 32, filters: n, activation: elo, repeat: 2, skip: true, carry: carry } }
       |                                                          ^^^
    note: used here
      --> faces.yaml:26:6
       |
    26 |   G: { use: began/decoder, with: { size: 32, filters: n, activation: elo, repeat: 2, skip: true, car…
       |      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    help: Did you mean \`elu\`?
    "
  `);
});

test('a misspelt initialiser', () => {
  expect(found('filters: n, repeat', 'filters: n, init: nomal(0.1), repeat')).toMatchInlineSnapshot(`
    "
    error[expression/unknown-function] There is no initialiser \`nomal\`
      --> faces.yaml:26:64
       |
    26 | …gan/decoder, with: { size: 32, filters: n, init: nomal(0.1), repeat: 2, skip: true, carry: carry } }
       |                                                   ^^^^^
    note: used here
      --> faces.yaml:26:6
       |
    26 |   G: { use: began/decoder, with: { size: 32, filters: n, init: nomal(0.1), repeat: 2, skip: true, ca…
       |      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    help: Did you mean \`normal\`?
    "
  `);
});

test('a misspelt argument of a schedule', () => {
  expect(found('steps=50%', 'step=50%')).toMatchInlineSnapshot(`
    "
    error[expression/arguments] \`linear\` has no argument \`step\`
      --> faces.yaml:22:23
       |
    22 |   carry: linear(1, 0, step=50%)
       |                       ^^^^
    help: Did you mean \`steps\`?
    "
  `);
});

test('piecewise without its last value', () => {
  expect(found(', 80%, 1e-4)', ', 80%)')).toMatchInlineSnapshot(`
    "
    error[expression/arguments] \`piecewise\` takes a value and then pairs of a step and a value, and 4 arguments are given
      --> faces.yaml:23:9
       |
    23 |   rate: piecewise(5e-4, 50%, 2.5e-4, 80%)
       |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    help: Write for example \`piecewise(5e-4, 50%, 2.5e-4, 80%, 1e-4)\`.
    "
  `);
});

test('an unknown name', () => {
  expect(found('generate: G(z)', 'generate: G(zz)')).toMatchInlineSnapshot(`
    "
    error[expression/unknown-name] Nothing is called \`zz\` here
      --> faces.yaml:35:15
       |
    35 |   generate: G(zz)
       |               ^^
    help: Use \`D\`, \`G\`, \`carry\`, \`gamma\`, \`h\`, \`lambda_k\`, \`n\`, \`rate\`, \`x\` or \`z\`.
    "
  `);
});

test('an unknown function', () => {
  expect(found('generate: G(z)', 'generate: tahn(G(z))')).toMatchInlineSnapshot(`
    "
    error[expression/unknown-function] There is no function \`tahn\`
      --> faces.yaml:35:13
       |
    35 |   generate: tahn(G(z))
       |             ^^^^
    help: Did you mean \`tanh\`?
    "
  `);
});

test('a network without its input', () => {
  expect(found('generate: G(z)', 'generate: G')).toMatchInlineSnapshot(`
    "
    error[expression/arguments] \`G\` is a network and needs an input
      --> faces.yaml:35:13
       |
    35 |   generate: G
       |             ^
    help: Write \`G(...)\` with its input between the parentheses.
    "
  `);
});

test('a hyper value that nothing reads', () => {
  expect(found('n: 16', 'n: 16\n  m: 3')).toMatchInlineSnapshot(`
    "
    warning[model/unused] The hyper value \`m\` is never used
      --> faces.yaml:11:6
       |
    11 |   m: 3
       |      ^
    help: Remove it, or use it.
    "
  `);
});

test('a schedule that refers to itself', () => {
  expect(found('linear(1, 0, steps=50%)', 'linear(carry, 0, steps=50%)')).toMatchInlineSnapshot(`
    "
    error[expression/cycle] \`carry\` is defined through itself
      --> faces.yaml:22:10
       |
    22 |   carry: linear(carry, 0, steps=50%)
       |          ^^^^^^^^^^^^^^^^^^^^^^^^^^^
    "
  `);
});

test('a loss that does not reach the network it trains', () => {
  expect(found('minimize: -fake', 'minimize: -real', CRITIC)).toMatchInlineSnapshot(`
    "
    error[model/unreached-network] \`generator\` trains \`G\`, but its loss does not depend on \`G\`
      --> faces.yaml:24:14
       |
    24 |       train: G
       |              ^
    note: the loss
      --> faces.yaml:23:17
       |
    23 |       minimize: -real
       |                 ^^^^^
    why: Its gradient would be zero. \`stop(...)\` also cuts the dependence.
    "
  `);
});

test('stop cuts the dependence on the network that is trained', () => {
  expect(found('minimize: -fake', 'minimize: -stop(fake)', CRITIC)).toMatchInlineSnapshot(`
    "
    error[model/unreached-network] \`generator\` trains \`G\`, but its loss does not depend on \`G\`
      --> faces.yaml:24:14
       |
    24 |       train: G
       |              ^
    note: the loss
      --> faces.yaml:23:17
       |
    23 |       minimize: -stop(fake)
       |                 ^^^^^^^^^^^
    why: Its gradient would be zero. \`stop(...)\` also cuts the dependence.
    "
  `);
});

test('a loss that is not a single number', () => {
  expect(found('minimize: -fake', 'minimize: -D(G(z))', CRITIC)).toMatchInlineSnapshot(`
    "
    error[expression/not-scalar] What is minimised must be a single number, and this has shape B x 1
      --> faces.yaml:23:17
       |
    23 |       minimize: -D(G(z))
       |                 ^^^^^^^^
    help: Reduce it with \`mean(...)\` or \`sum(...)\`.
    "
  `);
});

test('a name that two updates compute', () => {
  expect(found('metrics: { real: real }', 'metrics: { fake: fake }', CRITIC)).toMatchInlineSnapshot(`
    "
    error[expression/ambiguous-name] \`fake\` is computed by \`critic\` and \`generator\`, with different parameters and draws
      --> faces.yaml:26:20
       |
    26 |   metrics: { fake: fake }
       |                    ^^^^
    help: Say which one is meant: \`critic.fake\` or \`generator.fake\`.
    "
  `);
});

test('an update that does not exist', () => {
  expect(found('metrics: { real: real }', 'metrics: { fake: critik.fake }', CRITIC)).toMatchInlineSnapshot(`
    "
    error[expression/unknown-name] There is no update \`critik\`
      --> faces.yaml:26:20
       |
    26 |   metrics: { fake: critik.fake }
       |                    ^^^^^^^^^^^
    help: Did you mean \`critic\`?
    "
  `);
});

test('a metric that computes with a network', () => {
  expect(found('metrics: { real: real }', 'metrics: { real: mean(D(x)) }', CRITIC)).toMatchInlineSnapshot(`
    "
    error[expression/needs-let] The metric \`real\` computes with data, noise or a network
      --> faces.yaml:26:20
       |
    26 |   metrics: { real: mean(D(x)) }
       |                    ^^^^^^^^^^
    note: namely this
     --> faces.yaml:3:12
      |
    3 | data: { x: { facesjs: 8, size: 8 } }
      |            ^^^^^^^^^^^^^^^^^^^^^^^
    why: Rates, state and metrics are made of single numbers that the updates have computed.
    help: Give the value a name under \`let\`, and read that name here.
    "
  `);
});

test('a metric that calls a function of `let` on data', () => {
  const text = CRITIC.replace('real: mean(D(x))', 'score(v): mean(D(v))\n    real: score(x)');
  expect(found('metrics: { real: real }', 'metrics: { real: score(x) }', text)).toMatchInlineSnapshot(`
    "
    error[expression/needs-let] The metric \`real\` computes with data, noise or a network
      --> faces.yaml:15:15
       |
    15 |     score(v): mean(D(v))
       |               ^^^^^^^^^^
    note: namely this
     --> faces.yaml:3:12
      |
    3 | data: { x: { facesjs: 8, size: 8 } }
      |            ^^^^^^^^^^^^^^^^^^^^^^^
    why: Rates, state and metrics are made of single numbers that the updates have computed.
    help: Give the value a name under \`let\`, and read that name here.
    "
  `);
});

test('definitions in a circle', () => {
  expect(found('fake: mean(D(G(z)))', 'fake: fake + real', CRITIC)).toMatchInlineSnapshot(`
    "
    error[expression/cycle] \`fake\` is defined through itself
      --> faces.yaml:16:5
       |
    16 |     fake: fake + real
       |     ^^^^
    why: Definitions are equations evaluated once; only state can refer to its own past value.
    help: Take \`fake\` out of what it is made of, or write it under \`state\` with \`init\` and \`next\`.
    "
  `);
});

test('a dense output where a picture is needed', () => {
  expect(found('    - reshape: [8, 8, 3]\n', '', CRITIC)).toMatchInlineSnapshot(`
    "
    error[model/shape-mismatch] \`D\` takes B x 8 x 8 x 3, and this input has shape B x 192
      --> faces.yaml:15:16
       |
    15 |     fake: mean(D(G(z)))
       |                ^^^^^^^
    note: what \`G\` makes
     --> faces.yaml:7:5
      |
    7 |     - dense: 192
      |     ^^^^^^^^^^^^
    note: defined here
      --> faces.yaml:9:5
       |
     9 |     - conv: 4
       |     ^^^^^^^^^
    10 |     - flatten
       |     ^^^^^^^^^
    11 |     - dense: 1
       |     ^^^^^^^^^^
    note: first called here
      --> faces.yaml:14:16
       |
    14 |     real: mean(D(x))
       |                ^^^^
    why: The first call of a network fixes the shapes of its inputs.
    help: Give both calls inputs of one shape: a generator, for example, must end in the shape of the data.
    "
  `);
});

test('a reshape to another count', () => {
  expect(found('[8, 8, 3]', '[8, 8, 4]', CRITIC)).toMatchInlineSnapshot(`
    "
    error[model/shape-mismatch] The input has 192 numbers per sample, and 8 x 8 x 4 are 256
     --> faces.yaml:8:16
      |
    8 |     - reshape: [8, 8, 4]
      |                ^^^^^^^^^
    why: The shape before is B x 192.
    "
  `);
});

test('a network trained under a name that is not there', () => {
  expect(found('train: D', 'train: E', CRITIC)).toMatchInlineSnapshot(`
    "
    error[expression/unknown-name] There is no network \`E\`
      --> faces.yaml:20:14
       |
    20 |       train: E
       |              ^
    help: Use \`G\` or \`D\`.
    "
  `);
});

test('a skip from a tap that is not there', () => {
  expect(found('    - conv: 4\n', '    - tap: top\n    - conv: 4\n    - skip: tap\n', CRITIC))
    .toMatchInlineSnapshot(`
      "
      error[model/unknown-tap] There is no tap \`tap\` above this layer
        --> faces.yaml:12:7
         |
      12 |     - skip: tap
         |       ^^^^^^^^^
      help: Did you mean \`top\`?
      "
    `);
});

test('a residual that changes its shape', () => {
  expect(found('    - conv: 4\n', '    - residual: [{ conv: 4 }]\n', CRITIC)).toMatchInlineSnapshot(`
    "
    error[model/shape-mismatch] A residual must keep its shape, and its layers turn B x 8 x 8 x 3 into B x 8 x 8 x 4
      --> faces.yaml:10:7
       |
    10 |     - residual: [{ conv: 4 }]
       |       ^^^^^^^^^^^^^^^^^^^^^^^
    why: Input and output are added, so every size must be equal.
    "
  `);
});

test('a kernel larger than the picture', () => {
  expect(found('    - conv: 4\n', '    - conv: { filters: 4, kernel: 9, padding: none }\n', CRITIC))
    .toMatchInlineSnapshot(`
    "
    error[model/shape-mismatch] A 9 x 9 kernel does not fit into 8 x 8
      --> faces.yaml:10:7
       |
    10 |     - conv: { filters: 4, kernel: 9, padding: none }
       |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    "
  `);
});

test('pooling windows that do not cover the picture', () => {
  expect(found('    - conv: 4\n', '    - average_pool: 3\n', CRITIC)).toMatchInlineSnapshot(`
    "
    error[model/shape-mismatch] A picture of 8 x 8 cannot be cut into 3 x 3 windows
      --> faces.yaml:10:7
       |
    10 |     - average_pool: 3
       |       ^^^^^^^^^^^^^^^
    why: Pooling windows do not overlap and must cover the picture.
    "
  `);
});

test('a name in two sections', () => {
  expect(found('hyper: { h: 2 }', 'hyper: { h: 2, x: 3 }', CRITIC)).toMatchInlineSnapshot(`
    "
    error[yaml/duplicate-key] \`x\` is defined in \`hyper\` and again in \`data\`
     --> faces.yaml:3:12
      |
    3 | data: { x: { facesjs: 8, size: 8 } }
      |            ^^^^^^^^^^^^^^^^^^^^^^^
    why: All sections share one name space, so that an equation means one thing.
    help: Rename one of them.
    "
  `);
});

test('a rate that computes with data', () => {
  expect(
    found(
      'minimize: fake - real\n      train: D\n      optimizer: { adam: { rate: 0.01 } }',
      'minimize: fake - real\n      train: D\n      optimizer: { adam: { rate: mean(x) } }',
      CRITIC,
    ),
  ).toMatchInlineSnapshot(`
    "
    error[expression/needs-let] \`rate\` computes with data, noise or a network
      --> faces.yaml:21:34
       |
    21 |       optimizer: { adam: { rate: mean(x) } }
       |                                  ^^^^^^^
    note: namely this
     --> faces.yaml:3:12
      |
    3 | data: { x: { facesjs: 8, size: 8 } }
      |            ^^^^^^^^^^^^^^^^^^^^^^^
    why: Rates, state and metrics are made of single numbers that the updates have computed.
    help: Use a schedule, or state that follows a loss.
    "
  `);
});

test('an output that is called like an update', () => {
  expect(found('generate: G(z)', 'critic: G(z)', CRITIC)).toMatchInlineSnapshot(`
    "
    error[yaml/duplicate-key] \`critic\` is the name of an update and of an output
      --> faces.yaml:27:20
       |
    27 | outputs: { critic: G(z) }
       |                    ^^^^
    why: Both can be run by their name.
    help: Rename the output.
    "
  `);
});

test('what the host cannot compute is refused where the host has to', () => {
  expect(
    found('piecewise(5e-4, 50%, 2.5e-4, 80%, 1e-4)', 'tanh(step / 1000)') +
      found('real: real }', "real: real, wave: 'cosine(1, 0, steps=real)' }", CRITIC),
  ).toMatchInlineSnapshot(`
    "
    error[expression/not-constant] The schedule \`rate\` must be a function of \`step\` and hyper values
      --> faces.yaml:23:9
       |
    23 |   rate: tanh(step / 1000)
       |         ^^^^^^^^^^^^^^^^^
    note: \`tanh\` is for tensors
      --> faces.yaml:23:9
       |
    23 |   rate: tanh(step / 1000)
       |         ^^^^^^^^^^^^^^^^^
    why: It is needed before the update runs, so it cannot depend on state, data or networks.

    error[expression/not-constant] \`steps\` of \`cosine\` must be a function of \`step\` and hyper values
      --> faces.yaml:26:20
       |
    26 |   metrics: { real: real, wave: 'cosine(1, 0, steps=real)' }
       |                    ^^^^
    why: It is needed before the update runs, so it cannot depend on state, data or networks.
    "
  `);
});

test('a hyper value that is called like a parameter of the objective is not handed over by its name', () => {
  expect(found('gamma: gamma, ', '')).toMatchInlineSnapshot(`
    "
    warning[model/unused] The hyper value \`gamma\` is never used
      --> faces.yaml:12:10
       |
    12 |   gamma: 1.0
       |          ^^^
    help: To give it to \`began\`, write \`with: { gamma: gamma }\` under \`objective\`.
    "
  `);
});
