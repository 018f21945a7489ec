/**
 * Convolution and the gradient in its input as implicit matrix products: rows are output pixels, columns output channels,
 * the depth taps and source channels. A border is never copied: a tap outside reads 0. Outputs that meet other taps
 * (phases) are slices along z.
 */
import { BLOCK, channelBlocks, packedElements } from '../plan/channel-blocks.js';
import type { AxisPhase, ConvolutionAxis, ConvolutionKernel } from '../plan/kernel.js';
import type { Contraction } from './contraction.js';
import { contractions } from './contractions.js';
import { factorOffset } from './factors.js';
import type { Profile } from './profile.js';
import { kernelCode, runBody, type KernelCode } from './shader.js';
import { channelOffset, inPart } from './source-parts.js';
import { offset, u32, unravel } from './wgsl.js';

export function convolution(kernel: ConvolutionKernel, profile: Profile): KernelCode {
  const { rows, columns, sourceChannels, outputChannels } = kernel;
  const phases: Contraction[] = [];
  let packed = 0;
  for (const a of rows.phases) {
    for (const b of columns.phases) {
      if (outputsOf(rows, a) > 0 && outputsOf(columns, b) > 0) phases.push(phaseOf(kernel, a, b, packed));
      packed += packedElements(a.taps.length, b.taps.length, sourceChannels, outputChannels);
    }
  }
  const taps =
    Math.max(...rows.phases.map((a) => a.taps.length)) *
    Math.max(...columns.phases.map((b) => b.taps.length));
  const { groups, bodies } = contractions(phases, taps * sourceChannels, 1, profile);
  const body =
    phases.length === 1
      ? bodies[0]!
      : [
          'switch (group.z) {',
          ...bodies.flatMap((own, i) => [
            i === phases.length - 1 ? 'default {' : `case ${u32(i)} {`,
            ...own,
            '}',
          ]),
          '}',
        ];
  return kernelCode(kernel.parameters, [groups, 1, phases.length], body);
}

/** Outputs of a phase along its axis. */
const outputsOf = ({ output, outputStep }: ConvolutionAxis, { phase }: AxisPhase): number =>
  Math.ceil((output - phase) / outputStep);

function phaseOf(kernel: ConvolutionKernel, a: AxisPhase, b: AxisPhase, packed: number): Contraction {
  const { batch, rows, columns, sourceChannels, outputChannels, source, epilogue } = kernel;
  const [down, across] = [outputsOf(rows, a), outputsOf(columns, b)];
  const inner = a.taps.length * b.taps.length * sourceChannels;
  const { full, rest, restWidth } = channelBlocks(outputChannels);
  // Packed weights: [block][tap row][tap column][source channel][width]; the last block may be narrower.
  const width = (s: string): string =>
    rest === 0
      ? u32(BLOCK)
      : full === 0
        ? u32(restWidth)
        : `select(${u32(BLOCK)}, ${u32(restWidth)}, column${s} >= ${u32(full * BLOCK)})`;
  const at = (index: string, step: number, phase: number): string =>
    `${offset([index], [step])}${phase === 0 ? '' : ` + ${u32(phase)}`}`;
  return {
    rows: batch * down * across,
    columns: outputChannels,
    leftAlongDepth: true,
    row: (s) => [
      ...unravel(`row${s}`, [batch, down, across], [`image${s}`, `y${s}`, `x${s}`]),
      ...source.map(
        ({ parameter, axes }, i) =>
          `let source${i}${s} = p${parameter} + ${factorOffset(`image${s}`, axes[0]!)};`,
      ),
      // Places above and left of the picture wrap round to numbers that are too large for it.
      `let top${s} = ${offset([`y${s}`], [rows.sourceStep])} + ${wrapped(a.start)};`,
      `let start${s} = ${offset([`x${s}`], [columns.sourceStep])} + ${wrapped(b.start)};`,
    ],
    column: (s) => [
      `let width${s} = ${width(s)};`,
      `let weights${s} = p1 + ${u32(packed)} + column${s} / ${u32(BLOCK)} * ${u32(inner * BLOCK)} + column${s} % ${u32(BLOCK)};`,
    ],
    depth: [
      { name: 'tap_row', from: '0u', to: u32(a.taps.length), size: a.taps.length },
      {
        name: 'tap_column',
        from: '0u',
        to: u32(b.taps.length),
        size: b.taps.length,
        perRow: (s) => [
          `let line${s} = top${s} + tap_row;`,
          `let place${s} = start${s} + tap_column;`,
          `let inside${s} = line${s} < ${u32(rows.source)} && place${s} < ${u32(columns.source)};`,
          ...source.map(
            ({ axes }, i) =>
              `let pixel${i}${s} = select(0u, source${i}${s} + ${factorOffset(`line${s}`, axes[1]!)} + ${factorOffset(`place${s}`, axes[2]!)}, inside${s});`,
          ),
        ],
        perColumn: (s) => [
          `let taps${s} = weights${s} + (tap_row * ${u32(b.taps.length)} + tap_column) * ${u32(sourceChannels)} * width${s};`,
        ],
      },
      { name: 'channel', from: '0u', to: u32(sourceChannels), size: sourceChannels },
    ],
    left: (s) => {
      const places = source.map((part, i) => `pixel${i}${s} + ${channelOffset(part, 'channel')}`);
      return `select(0.0f, memory[${inPart(source, 'channel', places)}], inside${s})`;
    },
    right: (s) => `memory[taps${s} + channel * width${s}]`,
    finish: [
      `let out_y = ${at('y', rows.outputStep, a.phase)};`,
      `let out_x = ${at('x', columns.outputStep, b.phase)};`,
      ...runBody(epilogue, ['image', 'out_y', 'out_x', 'column'], { result: 'total', prefix: 'e' }),
    ],
  };
}

const wrapped = (value: number): string => u32(value >>> 0);
