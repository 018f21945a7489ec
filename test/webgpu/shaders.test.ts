/** The WGSL of everything: each shader compiles, for every profile, on Dawn's front end, which needs no driver. */
import { readdirSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { compile } from '../../compiler/compile.js';
import type { Graph } from '../../compiler/graph/graph.js';
import { optimize } from '../../compiler/passes/optimize.js';
import { planProgram } from '../../compiler/plan/plan.js';
import type { Program } from '../../compiler/program.js';
import { PROFILES } from '../../compiler/webgpu/profile.js';
import { emitProgram } from '../../compiler/webgpu/program.js';
import { compileSpec } from '../../runtimes/cli/compile-spec.js';
import { readSpecFile } from '../../runtimes/cli/spec-file.js';
import { folderLibrary } from '../../runtimes/node/library-source.js';
import { SYSTEMS } from '../library/systems.js';
import { WRITTEN_SYSTEMS } from '../library/written-systems.js';
import { OP_CASES } from '../ops/cases.js';
import { COMPOSITE_CASES } from '../ops/composite-cases.js';
import { caseGraph, gradientGraph } from '../ops/op-case.js';
import { programOf } from '../ops/program-of.js';
import { checkingDevice } from './devices.js';

let device: GPUDevice;
beforeAll(async () => {
  device = await checkingDevice();
});

const checked = new Set<string>();

/** What the compiler says of shaders that were not checked before. */
async function complaints(program: Program, optimise: (graph: Graph) => Graph): Promise<string[]> {
  const plan = planProgram(program, optimise);
  const found: string[] = [];
  for (const profile of Object.values(PROFILES)) {
    for (const code of emitProgram(plan, profile).shaders) {
      if (checked.has(code)) continue;
      checked.add(code);
      device.pushErrorScope('validation');
      const { messages } = await device.createShaderModule({ code }).getCompilationInfo();
      await device.popErrorScope();
      for (const { lineNum, message } of messages)
        found.push(`${profile.name}, line ${lineNum}: ${message}\n${code.split('\n')[lineNum - 1]!}`);
    }
  }
  return found;
}

describe('WGSL', () => {
  it('that is wrong is found by this test', async () => {
    device.pushErrorScope('validation');
    const module = device.createShaderModule({
      code: '@compute @workgroup_size(1) fn main() { let x: f32 = 1u; }',
    });
    expect((await module.getCompilationInfo()).messages).toHaveLength(1);
    expect(await device.popErrorScope()).not.toBeNull();
  });

  it('of every op and its gradients compiles', async () => {
    const found: string[] = [];
    for (const opCase of [...OP_CASES, ...COMPOSITE_CASES]) {
      const graphs = [caseGraph(opCase)];
      if (opCase.inputs.some(({ differentiable }) => differentiable)) graphs.push(gradientGraph(opCase));
      found.push(...(await complaints(programOf(...graphs), (graph) => graph)));
    }
    expect(found).toEqual([]);
  });

  it.each([...SYSTEMS, ...WRITTEN_SYSTEMS])('of $name compiles', async ({ text }) => {
    const { program } = compile({ name: 'system.yaml', text }, folderLibrary());
    expect(await complaints(program!, optimize)).toEqual([]);
  });

  it.each(readdirSync('examples').filter((name) => name.endsWith('.yaml')))(
    'of %s compiles',
    async (name) => {
      const { program } = compileSpec(await readSpecFile(`examples/${name}`, '.'));
      expect(await complaints(program, optimize)).toEqual([]);
    },
  );
});
