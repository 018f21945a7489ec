/**
 * Convolution as an implicit matrix product. A tile is some rows of one image. Its source rows are copied into
 * scratch with a border of zeros (about 1 % of the time; then no tap is ever outside), where the taps of one kernel
 * row and their channels are neighbours: one run of kw * C elements. Then blocks of 8 output channels, whose packed
 * weights stay in the first-level cache while all pixels of the tile pass; then the epilogue, on results still in cache.
 */
import { BLOCK, channelBlocks, packedElements } from '../plan/channel-blocks.js';
import { readsInPlace, region } from '../plan/convolution-axis.js';
import { collapse } from '../plan/domain.js';
import type { AxisPhase, ConvolutionAxis, ConvolutionKernel, Factor, SourcePart } from '../plan/kernel.js';
import { convolutionScratch, denseStrides } from '../plan/scratch.js';
import { f32x4, i32 } from './assembler/expression.js';
import type { I32 } from './assembler/expression.js';
import type { FunctionBuilder, Local } from './assembler/function-builder.js';
import type { KernelFunction } from './kernel-function.js';
import { nest } from './loop-nest.js';
import { pixelsFor, product } from './micro-kernel.js';
import type { MicroKernel } from './micro-kernel.js';
import { storeLanes, zeroRun } from './vector-access.js';

export function convolution(k: KernelFunction, kernel: ConvolutionKernel): void {
  const { f } = k;
  const { rows, columns, tileRows, sourceChannels, outputChannels, epilogue } = kernel;
  const tilesPerImage = rows.output / tileRows;
  const needed = { rows: region(rows, tileRows), columns: region(columns, columns.output) };
  const scratch = convolutionScratch(kernel);
  const inPlace = readsInPlace(kernel);
  const outRow = columns.output * outputChannels;
  const plain = scratch.results === 0;

  k.forEachTile((tile) => {
    const image = f.local('i32', i32.divideUnsigned(tile, i32.constant(tilesPerImage)));
    const firstRow = f.local(
      'i32',
      i32.multiply(i32.remainderUnsigned(tile, i32.constant(tilesPerImage)), i32.constant(tileRows)),
    );
    const sourceRow = f.local(
      'i32',
      i32.add(
        i32.multiply(
          rows.outputStep === 1 ? firstRow : i32.divideUnsigned(firstRow, i32.constant(rows.outputStep)),
          i32.constant(rows.sourceStep),
        ),
        i32.constant(needed.rows.origin),
      ),
    );
    let rowPitch = needed.columns.extent * sourceChannels * 4;
    let corner: Local<'i32'>;
    if (inPlace) {
      const { parameter, axes } = kernel.source[0]!;
      rowPitch = (axes[1]![0]?.stride ?? 0) * 4;
      const columnPitch = (axes[2]![0]?.stride ?? 0) * 4;
      const imageSource = i32.add(k.parameter(parameter), factorOffset(image, axes[0]!));
      corner = f.local(
        'i32',
        i32.add(
          i32.add(imageSource, i32.constant(needed.columns.origin * columnPitch)),
          i32.multiply(sourceRow, i32.constant(rowPitch)),
        ),
      );
    } else {
      copyBordered(f, {
        parts: imageParts(k, kernel.source, image),
        size: [rows.source, columns.source],
        channels: sourceChannels,
        columns: needed.columns,
        rowCount: needed.rows.extent,
        firstRow: sourceRow,
        target: k.scratch,
      });
      corner = k.scratch;
    }

    const tileStart = i32.add(
      i32.multiply(image, i32.constant(rows.output * outRow * 4)),
      i32.multiply(firstRow, i32.constant(outRow * 4)),
    );
    const target = f.local(
      'i32',
      plain
        ? i32.add(k.parameter(epilogue.stores[0]!.access.parameter), tileStart)
        : i32.add(k.scratch, i32.constant(scratch.border * 4)),
    );
    let packed = 0;
    for (const rowPhase of rows.phases) {
      for (const columnPhase of columns.phases) {
        phase(k, kernel, {
          rowPhase,
          columnPhase,
          corner,
          rowPitch,
          origin: [needed.rows.origin, needed.columns.origin],
          target,
          weights: packed * 4,
        });
        packed += packedElements(
          rowPhase.taps.length,
          columnPhase.taps.length,
          sourceChannels,
          outputChannels,
        );
      }
    }
    if (!plain) runEpilogue(k, kernel, image, firstRow, target);
  });
}

/** The rows and columns of one phase of outputs, for every block of output channels. */
function phase(
  k: KernelFunction,
  kernel: ConvolutionKernel,
  part: {
    readonly rowPhase: AxisPhase;
    readonly columnPhase: AxisPhase;
    readonly corner: I32;
    readonly rowPitch: number;
    readonly origin: readonly [number, number];
    readonly target: I32;
    readonly weights: number;
  },
): void {
  const { f } = k;
  const { rows, columns, tileRows, sourceChannels, outputChannels } = kernel;
  const { rowPhase, columnPhase, rowPitch } = part;
  const rowCount = phaseCount(rows, rowPhase, tileRows);
  const columnCount = phaseCount(columns, columnPhase, columns.output);
  if (rowCount === 0 || columnCount === 0) return;
  const [runs, length] = [rowPhase.taps.length, columnPhase.taps.length * sourceChannels];
  const columnPitch = sourceChannels * 4;
  const isEmpty = runs === 0 || length === 0;
  const sourceDistance = isEmpty
    ? 0
    : (rowPhase.start - part.origin[0]) * rowPitch + (columnPhase.start - part.origin[1]) * columnPitch;
  const outColumn = columns.outputStep * outputChannels * 4;
  const outRow = rows.outputStep * columns.output * outputChannels * 4;
  const outDistance = (rowPhase.phase * columns.output + columnPhase.phase) * outputChannels * 4;

  const weights = f.local('i32', i32.add(k.parameter(1), i32.constant(part.weights)));
  const target = f.local('i32', i32.add(part.target, i32.constant(outDistance)));
  const block = (vectors: number, width: number): void => {
    const shape: Omit<MicroKernel, 'pixels'> = {
      vectors,
      runs,
      length,
      leftPixel: columns.sourceStep * columnPitch,
      leftStep: 4,
      leftRun: rowPitch,
      rightStep: vectors * 16,
    };
    const pixels = pixelsFor(k, vectors);
    const sourceRow = f.local('i32', i32.add(part.corner, i32.constant(sourceDistance)));
    const targetRow = f.local('i32', target);
    const left = f.local('i32');
    const out = f.local('i32');
    const group = (count: number): void => {
      const sums = product(k, { ...shape, pixels: count }, left, weights);
      sums.forEach((row, pixel) =>
        row.forEach((sum, vector) => {
          const lanes = Math.min(4, width - vector * 4);
          if (lanes > 0) storeLanes(f, out, pixel * outColumn + vector * 16, 1, lanes, sum);
        }),
      );
      f.advance(left, count * columns.sourceStep * columnPitch);
      f.advance(out, count * outColumn);
    };
    f.repeat(rowCount, () => {
      f.set(left, sourceRow);
      f.set(out, targetRow);
      f.repeat(Math.floor(columnCount / pixels), () => group(pixels));
      if (columnCount % pixels > 0) group(columnCount % pixels);
      f.advance(sourceRow, rows.sourceStep * rowPitch);
      f.advance(targetRow, outRow);
    });
  };
  const { full, rest, restWidth } = channelBlocks(outputChannels);
  f.repeat(full, () => {
    block(BLOCK / 4, BLOCK);
    f.advance(weights, runs * length * BLOCK * 4);
    f.advance(target, BLOCK * 4);
  });
  if (rest > 0) block(restWidth / 4, rest);
}

function phaseCount(axis: ConvolutionAxis, { phase: first }: AxisPhase, outputs: number): number {
  return Math.max(0, Math.ceil((outputs - first) / axis.outputStep));
}

/** The epilogue over [tile rows, columns, channels], reading the contraction's results where they were made. */
function runEpilogue(
  k: KernelFunction,
  kernel: ConvolutionKernel,
  image: I32,
  firstRow: I32,
  results: I32,
): void {
  const { f } = k;
  const { epilogue, tileRows, columns, outputChannels } = kernel;
  const corner = (parameter: number, strides: readonly number[]): I32 =>
    i32.add(
      i32.add(k.parameter(parameter), i32.multiply(image, i32.constant(strides[0]! * 4))),
      i32.multiply(firstRow, i32.constant(strides[1]! * 4)),
    );
  tileEpilogue(f, {
    body: epilogue,
    sizes: [tileRows, columns.output, outputChannels],
    skip: 1,
    results,
    resultStrides: [columns.output * outputChannels, outputChannels, 1],
    corner,
  });
}

/**
 * Runs an epilogue over a tile: `sizes` are the tile's along the domain's dimensions after the first `skip`. `corner`
 * gives where an access begins for this tile.
 */
export function tileEpilogue(
  f: FunctionBuilder,
  tile: {
    readonly body: ConvolutionKernel['epilogue'];
    readonly sizes: readonly number[];
    readonly skip: number;
    readonly results: I32;
    readonly resultStrides: readonly number[];
    readonly corner: (parameter: number, strides: readonly number[]) => I32;
  },
): void {
  const { body, sizes, skip } = tile;
  const corners: I32[] = [tile.results];
  const accesses: (readonly number[])[] = [tile.resultStrides];
  const take = (parameter: number, strides: readonly number[]): number => {
    corners.push(tile.corner(parameter, strides));
    accesses.push(strides.slice(skip));
    return corners.length - 1;
  };
  const loads = body.instructions.map((instruction) =>
    instruction.op === 'load' ? take(instruction.access.parameter, instruction.access.strides) : 0,
  );
  const stores = body.stores.map(({ access }) => take(access.parameter, access.strides));
  const collapsed = collapse(sizes, accesses);
  if (collapsed.sizes.length === 0) {
    collapsed.sizes.push(1);
    for (const strides of collapsed.accesses) strides.push(0);
  }
  const accessOf = (index: number) => ({ parameter: index, strides: collapsed.accesses[index]! });
  nest(
    f,
    collapsed.sizes,
    {
      instructions: body.instructions.map((instruction, i) => {
        if (instruction.op === 'load') return { op: 'load', access: accessOf(loads[i]!) };
        return instruction.op === 'result' ? { op: 'load', access: accessOf(0) } : instruction;
      }),
      stores: body.stores.map(({ value }, i) => ({ value, access: accessOf(stores[i]!) })),
    },
    (index) => corners[index]!,
  );
}

/** Where place `index` of an axis with these factors lies, in bytes. */
export function factorOffset(index: I32, factors: readonly Factor[]): I32 {
  let offset: I32 = i32.constant(0);
  let inner = 1;
  factors.toReversed().forEach(({ size, stride }, i) => {
    const quotient = inner === 1 ? index : i32.divideUnsigned(index, i32.constant(inner));
    const isOutermost = i === factors.length - 1;
    const place = isOutermost ? quotient : i32.remainderUnsigned(quotient, i32.constant(size));
    offset = i32.add(offset, i32.multiply(place, i32.constant(stride * 4)));
    inner *= size;
  });
  return offset;
}

/** A part of an image's channels, and where the image begins in it. */
export interface ImagePart extends SourcePart {
  readonly image: I32;
}

export function imageParts(k: KernelFunction, parts: readonly SourcePart[], image: I32): ImagePart[] {
  return parts.map((part) => ({
    ...part,
    image: k.f.local('i32', i32.add(k.parameter(part.parameter), factorOffset(image, part.axes[0]!))),
  }));
}

/** Copies source rows from `firstRow` on, the parts' channels side by side, with zeros where they leave the source. */
export function copyBordered(
  f: FunctionBuilder,
  source: {
    readonly parts: readonly ImagePart[];
    readonly size: readonly [rows: number, columns: number];
    /** Of all parts. */
    readonly channels: number;
    readonly columns: { readonly origin: number; readonly extent: number };
    readonly rowCount: number;
    readonly firstRow: I32;
    readonly target: I32;
  },
): void {
  const { parts, size, channels, columns } = source;
  const row = f.local('i32', source.firstRow);
  const target = f.local('i32', source.target);
  const zero = f.local('v128', f32x4.constant(0));
  const first = Math.max(0, columns.origin);
  const end = Math.min(size[1], columns.origin + columns.extent);
  const before = Math.min(columns.extent, first - columns.origin) * channels;
  const inside = Math.max(0, end - first);
  const after = columns.extent * channels - before - inside * channels;
  const pitch = columns.extent * channels;
  f.repeat(source.rowCount, () => {
    f.if(
      i32.lessUnsigned(row, i32.constant(size[0])),
      () => {
        zeroRun(f, target, before, zero);
        if (inside > 0) for (const part of parts) copyColumns(part, first, inside);
        if (after > 0)
          zeroRun(f, f.local('i32', i32.add(target, i32.constant((pitch - after) * 4))), after, zero);
      },
      () => zeroRun(f, target, pitch, zero),
    );
    f.advance(row, 1);
    f.advance(target, pitch * 4);
  });

  function copyColumns(part: ImagePart, from: number, count: number): void {
    const { axes } = part;
    const factors = axes[2]!;
    const cropped = count < size[1];
    const columnFactors =
      cropped || factors.length === 0 ? [{ size: count, stride: factors[0]?.stride ?? 0 }] : factors;
    const channelFactors = axes[3]!.length === 0 ? [{ size: part.channels, stride: 0 }] : axes[3]!;
    const dims = [...columnFactors, ...channelFactors];
    const sizes = dims.map((factor) => factor.size);
    const runs = (factors: readonly Factor[]): number[] => denseStrides(factors.map(({ size }) => size));
    const targetStrides = [
      ...runs(columnFactors).map((stride) => stride * channels),
      ...runs(channelFactors),
    ];
    const collapsed = collapse(sizes, [dims.map((factor) => factor.stride), targetStrides]);
    if (collapsed.sizes.length === 0) {
      collapsed.sizes.push(1);
      for (const strides of collapsed.accesses) strides.push(0);
    }
    const start = i32.add(
      i32.add(part.image, factorOffset(row, axes[1]!)),
      i32.constant(cropped ? from * (factors[0]?.stride ?? 0) * 4 : 0),
    );
    const inner = i32.add(target, i32.constant((before + part.first) * 4));
    nest(
      f,
      collapsed.sizes,
      {
        instructions: [{ op: 'load', access: { parameter: 0, strides: collapsed.accesses[0]! } }],
        stores: [{ value: 0, access: { parameter: 1, strides: collapsed.accesses[1]! } }],
      },
      (parameter) => (parameter === 0 ? start : inner),
    );
  }
}
