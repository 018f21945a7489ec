/**
 * A kernel as a WGSL function. All tensors lie in one storage buffer, `memory`; where a launch's parameters begin in it, and
 * how many elements it has where that is all that tells it from others, stands in the uniform `table`.
 */
import type { Access, Body, Instruction } from '../plan/kernel.js';
import { POINTWISE, type Operand } from './math.js';
import { f32, offset, u32 } from './wgsl.js';

/** Threads of a group. */
export const GROUP = 64;

export interface KernelCode {
  /** Statements. Kernels of equal text are one function, whatever their groups and numbers. */
  readonly text: string;
  /** Groups along x, y and z. */
  readonly groups: readonly [number, number, number];
  /** What stands in the table behind the places of the parameters. */
  readonly numbers: readonly number[];
}

/**
 * `body` may use `id` (of the thread, along x, y and z), `local` (of the thread in its group), `group`, the places `p0`,
 * `p1`, ... of the parameters and the numbers `n0`, `n1`, ...
 */
export function kernelCode(
  parameters: number,
  groups: KernelCode['groups'],
  body: readonly string[],
  numbers: readonly number[] = [],
): KernelCode {
  const text = [
    ...Array.from({ length: parameters }, (_, i) => `let p${i} = entry(base + ${u32(i)});`),
    ...numbers.map((_, i) => `let n${i} = entry(base + ${u32(parameters + i)});`),
    ...body,
  ].join('\n');
  return { text, groups, numbers };
}

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

/** Enough groups for `count` threads, and the statements that number them: `thread` is below `count`, or returns. */
export function threads(count: number): { readonly groups: number; readonly lines: readonly string[] } {
  const groups = Math.ceil(count / GROUP);
  const guard = count === groups * GROUP ? [] : [`if (thread >= ${u32(count)}) { return; }`];
  return { groups, lines: ['let thread = id.x;', ...guard] };
}

export const names = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `${prefix}${i}`);
