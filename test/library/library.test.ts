/** Every objective of the library on small networks: it compiles, trains without a NaN, and its gradients are right. */
import { describe, expect, test } from 'vitest';
import { compile } from '../../compiler/compile.js';
import type { Program } from '../../compiler/program.js';
import { initialState } from '../../compiler/random/initialise.js';
import { drawKey, fillUniform } from '../../compiler/random/stream.js';
import { evaluateHost } from '../../compiler/host-expression.js';
import type { Executable, GraphInputs } from '../../runtimes/engine.js';
import { folderLibrary } from '../../runtimes/node/library-source.js';
import { referenceEngine } from '../../runtimes/reference/engine.js';
import { WasmEngine } from '../../runtimes/wasm/engine.js';
import { nmse } from '../ops/nmse.js';
import { SYSTEMS } from './systems.js';

function programOf(text: string): Program {
  const { program, diagnostics } = compile({ name: 'system.yaml', text }, folderLibrary(), {
    exposeGradients: true,
  });
  if (program === undefined) throw new Error(diagnostics.map((d) => `${d.code}: ${d.message}`).join('\n'));
  expect(diagnostics).toEqual([]);
  return program;
}

/** The same made-up inputs for every engine; labels are whole numbers below their classes. */
function inputsOf(program: Program, phase: Program['phases'][number], execution: number): GraphInputs {
  const feeds = new Map(
    phase.feeds.map(({ name, shape, source }) => {
      const values = new Float32Array(shape.reduce((a, b) => a * b, 1));
      fillUniform(values, drawKey(7, `${phase.name}/${name}`, execution), -1, 1);
      const whole = (classes: number) =>
        values.forEach((v, i) => (values[i] = Math.floor(((v + 1) / 2) * classes * 0.999)));
      if (source.kind === 'labels') whole(2);
      if (source.kind === 'noise' && source.distribution === 'categorical') whole(2);
      if (source.kind === 'noise' && source.site.includes('uniform'))
        values.forEach((v, i) => (values[i] = (v + 1) / 2));
      return [name, values] as const;
    }),
  );
  const scope = {
    hyper: (name: string) => program.hyper.get(name)!,
    step: 30,
    steps: program.steps,
    execution,
  };
  return {
    feeds,
    scalars: new Map(phase.scalars.map(({ name, value }) => [name, evaluateHost(value, scope)])),
  };
}

async function start(program: Program, executable: Executable): Promise<void> {
  for (const state of program.state) await executable.writeState(state.name, initialState(state, 3));
}

/** NMSE; where the reference is zero up to rounding (a bias before a batch norm), both must be small. */
function distance(actual: Float32Array, expected: Float32Array): number {
  const size = Math.max(...expected.map(Math.abs));
  return size > 1e-6 ? nmse(actual, expected) : Math.max(...actual.map(Math.abs)) / 100;
}

describe.each(SYSTEMS)('$name', ({ text }) => {
  test('every gradient of wasm is that of the reference, at steps 1 and 6, and so is every change of state', async () => {
    const program = programOf(text);
    const engines = [await referenceEngine.load(program), await new WasmEngine().load(program)] as const;
    for (const engine of engines) await start(program, engine);
    for (let step = 0; step < 6; step++) {
      for (const phase of program.phases) {
        const inputs = inputsOf(program, phase, step);
        for (const engine of engines) await engine.run(phase.name, inputs);
        if (step !== 0 && step !== 5) continue;
        for (const { kind, name } of phase.graph.outputs) {
          if (kind !== 'value' || name.startsWith('check/')) continue;
          const [expected, actual] = await Promise.all(
            engines.map((engine) => engine.read(phase.name, name)),
          );
          expect(expected!.every(Number.isFinite), `${phase.name} ${name} is finite`).toBe(true);
          expect(distance(actual!, expected!), `${phase.name} ${name} in step ${step + 1}`).toBeLessThan(
            1e-7,
          );
        }
      }
    }
    for (const { name, role } of program.state) {
      const [expected, actual] = await Promise.all(engines.map((engine) => engine.readState(name)));
      expect(distance(actual!, expected!), `${role} ${name} after 6 steps`).toBeLessThan(1e-6);
    }
  });
});
