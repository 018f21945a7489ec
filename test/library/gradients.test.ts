/** Every gradient of every update in the library, penalties included, is the slope of its loss. */
import { describe, expect, test } from 'vitest';
import { scale } from '../../compiler/graph/construct.js';
import { emitNode, rebuild } from '../../compiler/graph/rebuild.js';
import { evaluateHost } from '../../compiler/host-expression.js';
import type { Phase, Program } from '../../compiler/program.js';
import { initialState } from '../../compiler/random/initialise.js';
import type { ReferenceInputs } from '../../runtimes/reference/evaluate-graph.js';
import { seededRandom } from '../ops/random.js';
import { compileSpec } from '../parity/began-spec.js';
import { disagreements } from './loss-slopes.js';
import { madeUpFeeds } from './made-up-feeds.js';
import { SYSTEMS } from './systems.js';
import { PLAIN_SYSTEMS } from './written-systems.js';

/**
 * A point in the middle of a run: no parameter is 0, no scale 1 and no controller at the end of its range, where a
 * wrong factor would not show.
 */
function somewhere(program: Program, phase: Phase): ReferenceInputs {
  const random = seededRandom('somewhere');
  const state = new Map(
    program.state.map((declaration) => {
      const amount = declaration.role === 'controller' ? 0.3 : 0.2;
      const start = Float64Array.from(initialState(declaration, 3));
      return [declaration.name, start.map((value) => value + amount * (0.5 + random()))] as const;
    }),
  );
  const scope = {
    hyper: (name: string) => program.hyper.get(name)!,
    step: 30,
    steps: program.steps,
    execution: 30,
  };
  return {
    state,
    feeds: madeUpFeeds(program)(phase, 30),
    scalars: new Map(phase.scalars.map(({ name, value }) => [name, evaluateHost(value, scope)])),
  };
}

test('a gradient that is off by a hundredth is found, and no other', () => {
  const program = compileSpec(SYSTEMS.find(({ name }) => name === 'wgan_gp')!.text);
  const critic = program.phases[0]!;
  const wrong = critic.graph.outputs.find(({ name }) => name === 'gradient/critic/D/dense2/weight')!.node;
  const graph = rebuild(critic.graph, (builder, node, inputs, id) => {
    const emitted = emitNode(builder, node, inputs);
    return id === wrong ? scale(builder, emitted, 1.01) : emitted;
  });
  const found = disagreements({ ...critic, graph }, somewhere(program, critic));
  expect(found.filter(({ error }) => !(error < 1e-6)).map(({ gradient }) => gradient)).toEqual([
    'critic/D/dense2/weight',
  ]);
});

describe.each([...SYSTEMS, ...PLAIN_SYSTEMS])('$name', ({ text }) => {
  const program = compileSpec(text);

  // The last phase is the controller, which has no gradients.
  test.each(program.phases.slice(0, -1).map((phase) => ({ name: phase.name, phase })))(
    'every gradient of the $name is the slope of its loss',
    ({ phase }) => {
      const found = disagreements(phase, somewhere(program, phase));
      expect(found.length).toBeGreaterThan(0);
      expect(found.filter(({ error }) => !(error < 1e-6))).toEqual([]);
    },
  );
});
