/**
 * The gradient in the filter: rows are the filter's places and input channels, columns its output channels, the depth
 * the output pixels of a slice's images. A reduction joins the slices afterwards.
 */
import type { FilterGradientKernel } from '../plan/kernel.js';
import { blockFor, contract, contractionThreads, type Contraction } from './contraction.js';
import { factorOffset } from './factors.js';
import type { Profile } from './profile.js';
import { kernelCode, threads, type KernelCode } from './shader.js';
import { offset, u32, unravel } from './wgsl.js';

export function filterGradient(kernel: FilterGradientKernel, profile: Profile): KernelCode {
  const { batch, tiles, channels, outputChannels, strides, padding, input, cotangent } = kernel;
  const [kernelRows, kernelColumns] = kernel.kernel;
  const [outRows, outColumns] = kernel.outputSize;
  const [inRows, inColumns] = kernel.inputSize;
  const pitch = Math.ceil(outputChannels / 4) * 4;
  const weights = kernelRows * kernelColumns * channels;
  const contraction: Contraction = {
    rows: weights,
    columns: outputChannels,
    row: (s) => [
      ...unravel(`row${s}`, [kernelRows, kernelColumns, channels], [`ky${s}`, `kx${s}`, `channel${s}`]),
      `let source${s} = p0 + ${factorOffset(`channel${s}`, input[3]!)};`,
    ],
    column: (s) => [`let out${s} = p1 + ${offset([`column${s}`], [cotangent[3]!])};`],
    depth: [
      {
        name: 'image',
        from: `group.z * ${u32(batch)} / ${u32(tiles)}`,
        to: `(group.z + 1u) * ${u32(batch)} / ${u32(tiles)}`,
      },
      {
        name: 'y',
        from: '0u',
        to: u32(outRows),
        perRow: (s) => [
          // Places above and left of the picture wrap round to numbers that are too large for it.
          `let line${s} = ${offset(['y'], [strides[0]])} + ky${s} + ${u32(-padding[0][0] >>> 0)};`,
          `let start${s} = source${s} + ${factorOffset('image', input[0]!)} + ${factorOffset(`line${s}`, input[1]!)};`,
        ],
        perColumn: (s) => [
          `let cotangent${s} = out${s} + ${offset(['image', 'y'], [cotangent[0]!, cotangent[1]!])};`,
        ],
      },
      {
        name: 'x',
        from: '0u',
        to: u32(outColumns),
        perRow: (s) => [
          `let place${s} = ${offset(['x'], [strides[1]])} + kx${s} + ${u32(-padding[1][0] >>> 0)};`,
          `let inside${s} = line${s} < ${u32(inRows)} && place${s} < ${u32(inColumns)};`,
        ],
      },
    ],
    left: (s) =>
      `select(0.0f, memory[select(0u, start${s} + ${factorOffset(`place${s}`, input[2]!)}, inside${s})], inside${s})`,
    right: (s) => `memory[cotangent${s} + ${offset(['x'], [cotangent[2]!])}]`,
    finish: [`memory[p2 + group.z * ${u32(weights * pitch)} + row * ${u32(pitch)} + column] = total;`],
  };
  const block = blockFor(weights, outputChannels, profile.block);
  const { groups, lines } = threads(contractionThreads(contraction, block));
  return kernelCode(kernel.parameters, [groups, 1, tiles], [...lines, ...contract(contraction, block)]);
}
