/** What shaders look like: the kernels of small graphs, to be read. */
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../graph/builder.js';
import { add, input, mul, sub, sum } from '../graph/construct.js';
import type { NodeId } from '../graph/graph.js';
import { planGraphs } from '../plan/plan.js';
import { PROFILES } from './profile.js';
import { emitProgram, type WebgpuProgram } from './program.js';
import { GROUP } from './shader.js';
import { TILE_VECTORS } from './tiled.js';

function programOf(build: (b: GraphBuilder) => Readonly<Record<string, NodeId>>): WebgpuProgram {
  const b = new GraphBuilder();
  const values = Object.entries(build(b)).map(([name, node]) => ({ kind: 'value' as const, name, node }));
  return emitProgram(planGraphs([b.build('g', values)], [], { wide: true }), PROFILES.gpu);
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

  it('a number less itself is no subtraction, which drivers would make 0 of where it is NaN', () => {
    const x = (b: GraphBuilder): NodeId => input(b, 'feed', 'x', [10]);
    const program = programOf((b) => {
      const own = x(b);
      return { y: sub(b, own, own) };
    });
    expect(kernels(program)).toContain('let v1 = zero_if_finite(v0);');
    expect(program.shaders[0]).toContain('fn zero_if_finite(x: f32) -> f32 {');
  });

  it('a matrix product has a tile of its factors in workgroup memory and a block of results in registers', () => {
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
        let tile_row = group.x / 1u * 32u;
        let tile_column = group.x % 1u * 32u;
        let depth = 3u;
        let steps = 1u;
        let left_depth = local % 8u;
        let left_item = local / 8u;
        let row_l0 = min(tile_row + left_item + 0u, 3u);
        let left_row_l0 = p0 + row_l0 * 3u;
        let row_l1 = min(tile_row + left_item + 8u, 3u);
        let left_row_l1 = p0 + row_l1 * 3u;
        let row_l2 = min(tile_row + left_item + 16u, 3u);
        let left_row_l2 = p0 + row_l2 * 3u;
        let row_l3 = min(tile_row + left_item + 24u, 3u);
        let left_row_l3 = p0 + row_l3 * 3u;
        let right_depth = local / 8u;
        let right_item = local % 8u;
        let column_r0 = min(tile_column + right_item + 0u, 1u);
        let right_column_r0 = p1 + column_r0;
        let column_r1 = min(tile_column + right_item + 8u, 1u);
        let right_column_r1 = p1 + column_r1;
        let column_r2 = min(tile_column + right_item + 16u, 1u);
        let right_column_r2 = p1 + column_r2;
        let column_r3 = min(tile_column + right_item + 24u, 1u);
        let right_column_r3 = p1 + column_r3;
        let thread_row = local % 64u / 8u;
        let thread_column = local % 8u;
        var left_l0 = 0.0f;
        var left_l1 = 0.0f;
        var left_l2 = 0.0f;
        var left_l3 = 0.0f;
        var right_r0 = 0.0f;
        var right_r1 = 0.0f;
        var right_r2 = 0.0f;
        var right_r3 = 0.0f;
        var total_0_0 = vec4f();
        var total_1_0 = vec4f();
        var total_2_0 = vec4f();
        var total_3_0 = vec4f();
        for (var step = 0u; ; step++) {
          if (step < steps) {
            {
              let own_depth = step * 8u + left_depth;
              var at = min(own_depth, depth - 1u);
              let k = at;
              left_l0 = select(0.0f, memory[left_row_l0 + k], own_depth < depth);
              left_l1 = select(0.0f, memory[left_row_l1 + k], own_depth < depth);
              left_l2 = select(0.0f, memory[left_row_l2 + k], own_depth < depth);
              left_l3 = select(0.0f, memory[left_row_l3 + k], own_depth < depth);
            }
            {
              let own_depth = step * 8u + right_depth;
              var at = min(own_depth, depth - 1u);
              let k = at;
              right_r0 = select(0.0f, memory[right_column_r0 + k * 2u], own_depth < depth);
              right_r1 = select(0.0f, memory[right_column_r1 + k * 2u], own_depth < depth);
              right_r2 = select(0.0f, memory[right_column_r2 + k * 2u], own_depth < depth);
              right_r3 = select(0.0f, memory[right_column_r3 + k * 2u], own_depth < depth);
            }
          }
          if (step > 0u) {
            let left_from = ((step + 1u) & 1u) * 152u + thread_row;
            let right_from = ((step + 1u) & 1u) * 152u + 72u + thread_column;
            for (var k = 0u; k < 8u; k++) {
              let l0 = tiles[left_from + k * 9u + 0u];
              let r0 = tiles[right_from + k * 10u + 0u];
              total_0_0 = fma(vec4f(l0.x), r0, total_0_0);
              total_1_0 = fma(vec4f(l0.y), r0, total_1_0);
              total_2_0 = fma(vec4f(l0.z), r0, total_2_0);
              total_3_0 = fma(vec4f(l0.w), r0, total_3_0);
            }
          }
          if (step == steps) { break; }
          let into = (step & 1u) * 152u;
          tiles[into + left_depth * 9u + left_item / 4u][left_item % 4u] = left_l0;
          tiles[into + left_depth * 9u + (left_item + 8u) / 4u][(left_item + 8u) % 4u] = left_l1;
          tiles[into + left_depth * 9u + (left_item + 16u) / 4u][(left_item + 16u) % 4u] = left_l2;
          tiles[into + left_depth * 9u + (left_item + 24u) / 4u][(left_item + 24u) % 4u] = left_l3;
          tiles[into + 72u + right_depth * 10u + right_item / 4u][right_item % 4u] = right_r0;
          tiles[into + 72u + right_depth * 10u + (right_item + 8u) / 4u][(right_item + 8u) % 4u] = right_r1;
          tiles[into + 72u + right_depth * 10u + (right_item + 16u) / 4u][(right_item + 16u) % 4u] = right_r2;
          tiles[into + 72u + right_depth * 10u + (right_item + 24u) / 4u][(right_item + 24u) % 4u] = right_r3;
          workgroupBarrier();
        }
        var totals = array<vec4f, 4>(total_0_0, total_1_0, total_2_0, total_3_0);
        for (var r = 0u; r < 4u; r++) {
          let row = tile_row + (r / 4u * 8u + thread_row) * 4u + r % 4u;
          if (row >= 4u) { break; }
          let left_row = p0 + row * 3u;
          for (var c = 0u; c < 4u; c++) {
            let column = tile_column + (c / 4u * 8u + thread_column) * 4u + c % 4u;
            if (column >= 2u) { break; }
            let total = totals[r * 1u + c / 4u][c % 4u];
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

  it('tiles fits the workgroup memory that every device has, with that of reductions', () => {
    expect(16 * TILE_VECTORS + 4 * GROUP).toBeLessThanOrEqual(16_384);
  });
});
