/** What a kernel touches: for each of its accesses the places it reads or writes, as sizes and strides. */
import { packedElements } from './channel-blocks.js';
import { indexedReaches, indexedResult } from './indexed-kernel.js';
import type {
  Access,
  Body,
  Instruction,
  Kernel,
  SourcePart,
  WinogradFilterGradientKernel,
} from './kernel.js';
import { keptWindows, patchesOf, PLANES, roundedUp, winogradFilterPlane } from './winograd.js';

/** Elements sum of i_d * strides[d] for all 0 <= i_d < sizes[d], of a parameter of the kernel. */
export interface Reach {
  readonly parameter: number;
  readonly sizes: readonly number[];
  readonly strides: readonly number[];
  readonly stored: boolean;
}

/** Every access of a kernel that is a load or a store in memory; what lies in scratch is none. */
export function reachesOf(kernel: Kernel): Reach[] {
  switch (kernel.kind) {
    case 'pointwise':
    case 'layout':
      return bodyReaches(kernel.domain, kernel.body);
    case 'fill':
      return [{ parameter: 0, sizes: [kernel.elements], strides: [1], stored: true }];
    case 'reduction': {
      const { domain, prologue, epilogue } = kernel;
      return [...loads(domain, prologue.instructions), ...bodyReaches(domain, epilogue)];
    }
    case 'convolution': {
      const { batch, rows, columns, sourceChannels, outputChannels } = kernel;
      let packed = 0;
      for (const row of rows.phases)
        for (const column of columns.phases)
          packed += packedElements(row.taps.length, column.taps.length, sourceChannels, outputChannels);
      return [
        ...partReaches(kernel.source),
        { parameter: 1, sizes: [packed], strides: [1], stored: false },
        ...bodyReaches([batch, rows.output, columns.output, outputChannels], kernel.epilogue),
      ];
    }
    case 'filter_gradient': {
      const { batch, outputSize, outputChannels, cotangent, channels, tiles } = kernel;
      const pitch = Math.ceil(outputChannels / 4) * 4;
      return [
        ...partReaches(kernel.input),
        { parameter: 1, sizes: [batch, ...outputSize, outputChannels], strides: cotangent, stored: false },
        {
          parameter: 2,
          sizes: [tiles * kernel.kernel[0] * kernel.kernel[1] * channels * pitch],
          strides: [1],
          stored: true,
        },
      ];
    }
    case 'winograd': {
      const { batch, rows, columns, sourceChannels, outputChannels, source, epilogue, keeps } = kernel;
      return [
        ...partReaches(source),
        ...(keeps === undefined
          ? []
          : [{ parameter: keeps, sizes: [keptWindows(kernel)], strides: [1], stored: true }]),
        {
          parameter: 1,
          sizes: [PLANES * winogradFilterPlane(sourceChannels, outputChannels)],
          strides: [1],
          stored: false,
        },
        ...bodyReaches([batch, rows.output, columns.output, outputChannels], epilogue),
      ];
    }
    case 'winograd_filter': {
      const { sourceChannels, outputChannels, strides } = kernel;
      return [
        { parameter: 0, sizes: [3, 3, sourceChannels, outputChannels], strides, stored: false },
        {
          parameter: 1,
          sizes: [PLANES * winogradFilterPlane(sourceChannels, outputChannels)],
          strides: [1],
          stored: true,
        },
      ];
    }
    case 'winograd_filter_gradient': {
      const {
        batch,
        rows,
        columns,
        input,
        cotangent,
        channels,
        outputChannels,
        tiles,
        groups,
        readsWindows,
      } = kernel;
      return [
        ...(readsWindows ? [windowsReach(kernel)] : partReaches(input)),
        {
          parameter: 1,
          sizes: [batch, rows.output, columns.output, outputChannels],
          strides: cotangent,
          stored: false,
        },
        {
          parameter: 2,
          sizes: [(tiles / groups) * 9 * channels * roundedUp(outputChannels, 4)],
          strides: [1],
          stored: true,
        },
      ];
    }
    case 'dot':
      return [
        { parameter: 0, sizes: [kernel.m, kernel.k], strides: kernel.left, stored: false },
        { parameter: 1, sizes: [kernel.k, kernel.n], strides: [kernel.right, 1], stored: false },
        ...bodyReaches([kernel.m, kernel.n], kernel.epilogue),
      ];
    case 'gather':
    case 'scatter':
    case 'argsort':
      return indexedReaches(kernel).map(({ sizes, strides }, parameter) => ({
        parameter,
        sizes,
        strides,
        stored: parameter === indexedResult(kernel),
      }));
    default:
      return kernel satisfies never;
  }
}

const partReaches = (parts: readonly SourcePart[]): Reach[] =>
  parts.map(({ parameter, axes }) => ({
    parameter,
    sizes: axes.flat().map(({ size }) => size),
    strides: axes.flat().map(({ stride }) => stride),
    stored: false,
  }));

/** Of a filter gradient that reads kept windows. */
function windowsReach(kernel: WinogradFilterGradientKernel): Reach {
  const { channels, batch, rows, blockRows } = kernel;
  const tiles = Math.ceil((batch * patchesOf(rows.output)) / blockRows);
  const elements = keptWindows({ ...kernel, tiles, sourceChannels: channels });
  return { parameter: 0, sizes: [elements], strides: [1], stored: false };
}

const bodyReaches = (sizes: readonly number[], { instructions, stores }: Body): Reach[] => [
  ...loads(sizes, instructions),
  ...stores.map(({ access }) => reach(sizes, access, true)),
];

const loads = (sizes: readonly number[], instructions: readonly Instruction[]): Reach[] =>
  instructions.flatMap((instruction) =>
    instruction.op === 'load' ? [reach(sizes, instruction.access, false)] : [],
  );

const reach = (sizes: readonly number[], { parameter, strides }: Access, stored: boolean): Reach => ({
  parameter,
  sizes,
  strides,
  stored,
});
