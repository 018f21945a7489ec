/**
 * A wave as one WGSL module and one dispatch. The groups of the dispatch are dealt out to the wave's launches in order; the
 * table, a uniform, says which groups are whose:
 *
 *   [first group, groups along x, along x and y, where its entries begin] of each launch, [all groups, 0, 0, 0], and the
 *   entries: for each launch the places of its parameters and its numbers
 *
 * The text names kernels and how many launches each has, and no place: waves that are shaped alike share a pipeline.
 */
import { functionsFor } from './math.js';
import { GROUP, type KernelCode } from './shader.js';
import { TILE_VECTORS } from './tiled.js';
import { indented, u32 } from './wgsl.js';

export interface WaveModule {
  readonly code: string;
  readonly groups: readonly [number, number, number];
  readonly table: readonly number[];
}

export interface WaveLaunch {
  readonly code: KernelCode;
  /** Of its parameters, in elements of the memory. */
  readonly places: readonly number[];
}

/** The size of the table as shaders declare it: 16 kB, which every device binds. */
const TABLE_VECTORS = 1024;
export const TABLE_ENTRIES = 4 * TABLE_VECTORS;

/** The most groups along one dimension of a dispatch. */
const MOST_GROUPS = 65_535;

export function waveModule(launches: readonly WaveLaunch[]): WaveModule {
  // Launches of one kernel stand together, so that their numbers in the table are a range.
  const byKernel = new Map<string, WaveLaunch[]>();
  for (const launch of launches) {
    const alike = byKernel.get(launch.code.text);
    if (alike === undefined) byKernel.set(launch.code.text, [launch]);
    else alike.push(launch);
  }
  const kernels = [...byKernel].sort(([a], [b]) => (a < b ? -1 : 1));
  const ordered = kernels.flatMap(([, alike]) => alike);

  const headEntries = 4 * (ordered.length + 1);
  const heads: number[] = [];
  const entries: number[] = [];
  let groups = 0;
  for (const { code, places } of ordered) {
    const [x, y, z] = code.groups;
    heads.push(groups, x, x * y, headEntries + entries.length);
    entries.push(...places, ...code.numbers);
    groups += x * y * z;
  }
  const across = Math.min(groups, MOST_GROUPS);
  return {
    code: moduleText(kernels.map(([text, alike]) => ({ text, launches: alike.length }))),
    groups: [across, Math.ceil(groups / across), 1],
    table: [...heads, groups, 0, 0, 0, ...entries],
  };
}

function moduleText(kernels: readonly { readonly text: string; readonly launches: number }[]): string {
  const total = kernels.reduce((sum, { launches }) => sum + launches, 0);
  const functions = kernels.map(
    ({ text }, i) => `fn kernel_${i}(base: u32, group: vec3u, id: vec3u, local: u32) {\n${text}\n}`,
  );
  const own = functions.join('\n');
  let launches = 0;
  const calls = kernels.map(({ launches: count }, i) => {
    launches += count;
    const call = `kernel_${i}(head.w, group, id, local);`;
    if (i === kernels.length - 1) return `${i === 0 ? '' : 'else '}{ ${call} }`;
    return `${i === 0 ? '' : 'else '}if (number < ${u32(launches)}) { ${call} }`;
  });
  const lines = [
    '@group(0) @binding(0) var<storage, read_write> memory: array<f32>;',
    `@group(0) @binding(1) var<uniform> table: array<vec4u, ${TABLE_VECTORS}>;`,
    ...(own.includes('tiles[') ? [`var<workgroup> tiles: array<vec4f, ${TILE_VECTORS}>;`] : []),
    ...(own.includes('shared_totals') ? [`var<workgroup> shared_totals: array<f32, ${GROUP}>;`] : []),
    '// 0, which the compiler cannot know.',
    'var<private> zero: u32;',
    'fn entry(at: u32) -> u32 { return table[at / 4u][at % 4u]; }',
    ...functionsFor(own),
    own,
    `@compute @workgroup_size(${GROUP})`,
    'fn main(@builtin(workgroup_id) dispatched: vec3u, @builtin(num_workgroups) size: vec3u,',
    '@builtin(local_invocation_index) local: u32) {',
    'zero = table[0].x & 0u;',
    'let linear = dispatched.x + dispatched.y * size.x;',
    // The last row of groups may reach beyond the last launch.
    `if (linear >= table[${total}].x) { return; }`,
    'var number = 0u;',
    ...(total === 1
      ? []
      : [`for (var i = 1u; i < ${u32(total)}; i++) { if (linear >= table[i].x) { number = i; } }`]),
    'let head = table[number];',
    'let own = linear - head.x;',
    'let group = vec3u(own % head.y, own % head.z / head.y, own / head.z);',
    `let id = vec3u(group.x * ${u32(GROUP)} + local, group.y, group.z);`,
    ...calls,
    '}',
  ];
  return `${indented(lines)}\n`;
}

/** Entries of the table that launches with these places and numbers take. */
export const tableEntries = (launches: readonly WaveLaunch[]): number =>
  launches.reduce((sum, { places, code }) => sum + 4 + places.length + code.numbers.length, 4);
