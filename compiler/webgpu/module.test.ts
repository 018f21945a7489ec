/** What shaders look like: the kernels of small graphs, to be read. */
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../graph/builder.js';
import { add, input, mul, sum } from '../graph/construct.js';
import type { NodeId } from '../graph/graph.js';
import { planGraphs } from '../plan/plan.js';
import { PROFILES } from './profile.js';
import { emitProgram, type WebgpuProgram } from './program.js';

function programOf(build: (b: GraphBuilder) => Readonly<Record<string, NodeId>>): WebgpuProgram {
  const b = new GraphBuilder();
  const values = Object.entries(build(b)).map(([name, node]) => ({ kind: 'value' as const, name, node }));
  return emitProgram(planGraphs([b.build('g', values)], [], { waves: true }), PROFILES.gpu);
}

/** The functions of kernels alone. */
const kernels = ({ shaders }: WebgpuProgram): string =>
  shaders.map((code) => code.slice(code.indexOf('fn kernel_'), code.indexOf('@compute'))).join('');

describe('the WGSL of', () => {
  it('pointwise kernels of one dimension is one function for all lengths, and one dispatch', () => {
    const program = programOf((b) => {
      const square = (name: string, length: number): NodeId => {
        const x = input(b, 'feed', name, [length]);
        return add(b, mul(b, x, x), x);
      };
      return { short: square('x', 10), long: square('z', 1000) };
    });
    const dispatches = program.graphs.get('g')!;
    expect(dispatches).toHaveLength(1);
    expect(dispatches[0]!.groups).toEqual([17, 1, 1]);
    expect(kernels(program)).toMatchInlineSnapshot(`
      "fn kernel_0(base: u32, group: vec3u, id: vec3u, local: u32) {
        let p0 = entry(base + 0u);
        let p1 = entry(base + 1u);
        let n0 = entry(base + 2u);
        let thread = id.x;
        if (thread >= n0) { return; }
        let v0 = memory[p0 + thread];
        let v1 = v0 * v0;
        let v2 = v1 + v0;
        memory[p1 + thread] = v2;
      }
      "
    `);
  });

  it('a matrix product has a block of results in registers', () => {
    const program = programOf((b) => ({
      y: b.emit('dot', [input(b, 'feed', 'a', [4, 3]), input(b, 'feed', 'b', [3, 2])], {
        transposeA: false,
        transposeB: false,
      }),
    }));
    expect(kernels(program)).toMatchInlineSnapshot(`
      "fn kernel_0(base: u32, group: vec3u, id: vec3u, local: u32) {
        let p0 = entry(base + 0u);
        let p1 = entry(base + 1u);
        let p2 = entry(base + 2u);
        let thread = id.x;
        if (thread >= 1u) { return; }
        let first_row = thread / 1u * 4u;
        let first_column = thread % 1u;
        let row_r0 = first_row + 0u;
        let left_row_r0 = p0 + row_r0 * 3u;
        let row_r1 = first_row + 1u;
        let left_row_r1 = p0 + row_r1 * 3u;
        let row_r2 = first_row + 2u;
        let left_row_r2 = p0 + row_r2 * 3u;
        let row_r3 = first_row + 3u;
        let left_row_r3 = p0 + row_r3 * 3u;
        let column_c0 = first_column + 0u;
        let right_column_c0 = p1 + column_c0;
        let column_c1 = first_column + 1u;
        let right_column_c1 = p1 + column_c1;
        var t_r0_c0 = 0.0f;
        var t_r0_c1 = 0.0f;
        var t_r1_c0 = 0.0f;
        var t_r1_c1 = 0.0f;
        var t_r2_c0 = 0.0f;
        var t_r2_c1 = 0.0f;
        var t_r3_c0 = 0.0f;
        var t_r3_c1 = 0.0f;
        for (var k = 0u; k < 3u; k++) {
          let left_r0 = memory[left_row_r0 + k];
          let left_r1 = memory[left_row_r1 + k];
          let left_r2 = memory[left_row_r2 + k];
          let left_r3 = memory[left_row_r3 + k];
          let right_c0 = memory[right_column_c0 + k * 2u];
          let right_c1 = memory[right_column_c1 + k * 2u];
          t_r0_c0 += left_r0 * right_c0;
          t_r0_c1 += left_r0 * right_c1;
          t_r1_c0 += left_r1 * right_c0;
          t_r1_c1 += left_r1 * right_c1;
          t_r2_c0 += left_r2 * right_c0;
          t_r2_c1 += left_r2 * right_c1;
          t_r3_c0 += left_r3 * right_c0;
          t_r3_c1 += left_r3 * right_c1;
        }
        var totals = array<f32, 8>(t_r0_c0, t_r0_c1, t_r1_c0, t_r1_c1, t_r2_c0, t_r2_c1, t_r3_c0, t_r3_c1);
        for (var r = 0u; r < 4u; r++) {
          let row = first_row + r;
          let left_row = p0 + row * 3u;
          for (var c = 0u; c < 2u; c++) {
            let column = first_column + c * 1u;
            let total = totals[r * 2u + c];
            memory[p2 + row * 2u + column] = total;
          }
        }
      }
      "
    `);
  });

  it('a sum over many elements is shared by the threads of a group', () => {
    const program = programOf((b) => ({ y: sum(b, input(b, 'feed', 'x', [1000])) }));
    expect(kernels(program)).toMatchInlineSnapshot(`
      "fn kernel_0(base: u32, group: vec3u, id: vec3u, local: u32) {
        let p0 = entry(base + 0u);
        let p1 = entry(base + 1u);
        var total = 0.0f;
        for (var at = local; at < 1000u; at += 64u) {
          let i0 = at;
          let v0 = memory[p0 + i0];
          total = total + v0;
        }
        shared_totals[local] = total;
        workgroupBarrier();
        if (local < 32u) { shared_totals[local] = shared_totals[local] + shared_totals[local + 32u]; }
        workgroupBarrier();
        if (local < 16u) { shared_totals[local] = shared_totals[local] + shared_totals[local + 16u]; }
        workgroupBarrier();
        if (local < 8u) { shared_totals[local] = shared_totals[local] + shared_totals[local + 8u]; }
        workgroupBarrier();
        if (local < 4u) { shared_totals[local] = shared_totals[local] + shared_totals[local + 4u]; }
        workgroupBarrier();
        if (local < 2u) { shared_totals[local] = shared_totals[local] + shared_totals[local + 2u]; }
        workgroupBarrier();
        if (local < 1u) { shared_totals[local] = shared_totals[local] + shared_totals[local + 1u]; }
        if (local == 0u) {
          total = shared_totals[0];
          memory[p1 + 0u] = total;
        }
      }
      "
    `);
  });
});
