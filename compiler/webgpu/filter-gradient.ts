/**
 * The gradient in the filter: rows are the filter's places and input channels, columns its output channels, the depth
 * the output pixels of a slice's lines of images. A reduction joins the slices afterwards.
 */
import type { FilterGradientKernel } from '../plan/kernel.js';
import type { Contraction } from './contraction.js';
import { contractions } from './contractions.js';
import { factorOffset } from './factors.js';
import type { Profile } from './profile.js';
import { kernelCode, type KernelCode } from './shader.js';
import { channelOffset, inPart } from './source-parts.js';
import { offset, u32, unravel } from './wgsl.js';

export function filterGradient(kernel: FilterGradientKernel, profile: Profile): KernelCode {
  const { batch, tiles, channels, outputChannels, strides, padding, input, cotangent } = kernel;
  const [kernelRows, kernelColumns] = kernel.kernel;
  const [outRows, outColumns] = kernel.outputSize;
  const [inRows, inColumns] = kernel.inputSize;
  const pitch = Math.ceil(outputChannels / 4) * 4;
  const weights = kernelRows * kernelColumns * channels;
  // Of all images, one below the other.
  const lines = batch * outRows;
  const contraction: Contraction = {
    rows: weights,
    columns: outputChannels,
    leftAlongDepth: false,
    row: (s) => [
      ...unravel(`row${s}`, [kernelRows, kernelColumns, channels], [`ky${s}`, `kx${s}`, `channel${s}`]),
      ...input.map(
        (part, i) => `let source${i}${s} = p${part.parameter} + ${channelOffset(part, `channel${s}`)};`,
      ),
    ],
    column: (s) => [`let out${s} = p1 + ${offset([`column${s}`], [cotangent[3]!])};`],
    depth: [
      {
        name: 'line',
        from: `group.z * ${u32(lines)} / ${u32(tiles)}`,
        to: `(group.z + 1u) * ${u32(lines)} / ${u32(tiles)}`,
        size: lines % tiles === 0 ? lines / tiles : undefined,
        once: [`let image = line / ${u32(outRows)};`, `let y = line % ${u32(outRows)};`],
        perRow: (s) => [
          // Places above and left of the picture wrap round to numbers that are too large for it.
          `let row_line${s} = ${offset(['y'], [strides[0]])} + ky${s} + ${u32(-padding[0][0] >>> 0)};`,
          ...input.map(
            ({ axes }, i) =>
              `let start${i}${s} = source${i}${s} + ${factorOffset('image', axes[0]!)} + ${factorOffset(`row_line${s}`, axes[1]!)};`,
          ),
        ],
        perColumn: (s) => [
          `let cotangent${s} = out${s} + ${offset(['image', 'y'], [cotangent[0]!, cotangent[1]!])};`,
        ],
      },
      {
        name: 'x',
        from: '0u',
        to: u32(outColumns),
        size: outColumns,
        perRow: (s) => [
          `let place${s} = ${offset(['x'], [strides[1]])} + kx${s} + ${u32(-padding[1][0] >>> 0)};`,
          `let inside${s} = row_line${s} < ${u32(inRows)} && place${s} < ${u32(inColumns)};`,
        ],
      },
    ],
    left: (s) => {
      const places = input.map(({ axes }, i) => `start${i}${s} + ${factorOffset(`place${s}`, axes[2]!)}`);
      return `select(0.0f, memory[select(0u, ${inPart(input, `channel${s}`, places)}, inside${s})], inside${s})`;
    },
    right: (s) => `memory[cotangent${s} + ${offset(['x'], [cotangent[2]!])}]`,
    finish: [`memory[p2 + group.z * ${u32(weights * pitch)} + row * ${u32(pitch)} + column] = total;`],
  };
  const depth = Math.ceil(lines / tiles) * outColumns;
  const { groups, bodies } = contractions([contraction], depth, tiles, profile);
  return kernelCode(kernel.parameters, [groups, 1, tiles], bodies[0]!);
}
