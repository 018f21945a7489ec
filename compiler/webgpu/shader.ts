/**
 * A kernel as a shader. All tensors lie in one storage buffer, `memory`; where a launch's parameters begin in it stands
 * in the uniform `places`, so that launches that are shaped alike share a pipeline.
 */
import type { Access, Body, Instruction } from '../plan/kernel.js';
import { functionsFor, POINTWISE, type Operand } from './math.js';
import { f32, indented, offset, u32 } from './wgsl.js';

export interface Shader {
  readonly code: string;
  /** Workgroups along x, y and z. */
  readonly workgroups: readonly [number, number, number];
}

/** What a kernel's generator writes: statements of the entry point, and declarations beside it. */
export interface ShaderParts {
  readonly workgroupSize: readonly [number, number, number];
  readonly workgroups: readonly [number, number, number];
  readonly declarations?: readonly string[] | undefined;
  /** May use `id` (global), `local`, `group`, `groups`, and `p0`, `p1`, ... for the parameters' places. */
  readonly body: readonly string[];
}

export function shader(parameters: number, parts: ShaderParts): Shader {
  const main = [
    `@compute @workgroup_size(${parts.workgroupSize.join(', ')})`,
    'fn main(',
    '@builtin(global_invocation_id) id: vec3u, @builtin(local_invocation_id) local: vec3u,',
    '@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u) {',
    'zero = places.at[0].x & 0u;',
    ...Array.from({ length: parameters }, (_, i) => `let p${i} = ${placeOf(i)};`),
    ...parts.body,
    '}',
  ];
  const text = [...(parts.declarations ?? []), ...main];
  const code = [
    '@group(0) @binding(0) var<storage, read_write> memory: array<f32>;',
    `struct Places { at: array<vec4u, ${Math.ceil(parameters / 4)}> }`,
    '@group(0) @binding(1) var<uniform> places: Places;',
    '// 0, which the compiler cannot know.',
    'var<private> zero: u32;',
    '',
    ...functionsFor(text.join('\n')),
    ...text,
  ];
  return { code: `${indented(code)}\n`, workgroups: parts.workgroups };
}

const placeOf = (parameter: number): string =>
  `places.at[${Math.floor(parameter / 4)}].${'xyzw'[parameter % 4]!}`;

/** The element of `memory` that an access means at `indices` of the kernel's domain. */
export const element = ({ parameter, strides }: Access, indices: readonly string[]): string =>
  `memory[p${parameter} + ${offset(indices, strides)}]`;

/** Statements that compute instructions at one place, and the names of their values. */
export function evaluate(
  instructions: readonly Instruction[],
  indices: readonly string[],
  {
    result,
    prefix = 'v',
  }: { readonly result?: string | undefined; readonly prefix?: string | undefined } = {},
): { readonly lines: readonly string[]; readonly values: readonly string[] } {
  const lines: string[] = [];
  const operands: Operand[] = [];
  instructions.forEach((instruction, i) => {
    const name = `${prefix}${i}`;
    switch (instruction.op) {
      case 'load':
        lines.push(`let ${name} = ${element(instruction.access, indices)};`);
        operands.push({ text: name });
        return;
      case 'constant':
        lines.push(`let ${name} = ${f32(instruction.value)};`);
        operands.push({ text: name, constant: instruction.value });
        return;
      case 'result':
        if (result === undefined) throw new Error('internal: a result where nothing is contracted');
        operands.push({ text: result });
        return;
      default: {
        const given = instruction.arguments.map((at) => operands[at]!);
        lines.push(`let ${name} = ${POINTWISE[instruction.op](given)};`);
        operands.push({ text: name });
      }
    }
  });
  return { lines, values: operands.map(({ text }) => text) };
}

/** Statements that run a body at one place of its domain. */
export function runBody(
  { instructions, stores }: Body,
  indices: readonly string[],
  options: { readonly result?: string | undefined; readonly prefix?: string | undefined } = {},
): readonly string[] {
  const { lines, values } = evaluate(instructions, indices, options);
  return [...lines, ...stores.map(({ value, access }) => `${element(access, indices)} = ${values[value]!};`)];
}

/** Threads of a group where each works by itself. */
export const GROUP = 64;
const MOST_GROUPS = 65_535;

/** Enough groups for `count` threads, in two dimensions where one does not reach, and the statements that number them. */
export function threads(count: number): Pick<ShaderParts, 'workgroups' | 'workgroupSize'> & {
  readonly lines: readonly string[];
} {
  const total = Math.ceil(count / GROUP);
  const x = Math.min(total, MOST_GROUPS);
  const y = Math.ceil(total / x);
  const index = y === 1 ? 'id.x' : `id.x + id.y * ${u32(x * GROUP)}`;
  return {
    workgroups: [x, y, 1],
    workgroupSize: [GROUP, 1, 1],
    lines: [
      `let thread = ${index};`,
      ...(count === total * GROUP && y * x === total ? [] : [`if (thread >= ${u32(count)}) { return; }`]),
    ],
  };
}

export const names = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `${prefix}${i}`);
