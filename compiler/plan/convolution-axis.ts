/**
 * Convolutions as the kernels see them: per axis, the phases of outputs that meet the same taps. A forward
 * convolution has one phase per axis. The gradient in the input at stride s has s phases: output i s + p meets only
 * the taps t = (p + pad) mod s, t + s, ..., so that no known zero is multiplied. At stride 1 that is the convolution
 * with the flipped kernel.
 */
import type { ConvolutionAxis, ConvolutionKernel } from './kernel.js';
import { areNeighbours } from './view.js';

export function forwardAxis(
  source: number,
  output: number,
  kernel: number,
  stride: number,
  pad: number,
): ConvolutionAxis {
  const taps = Array.from({ length: kernel }, (_, tap) => tap);
  return { source, output, sourceStep: stride, outputStep: 1, phases: [{ phase: 0, start: -pad, taps }] };
}

export function inputGradientAxis(
  source: number,
  output: number,
  kernel: number,
  stride: number,
  pad: number,
): ConvolutionAxis {
  const phases = Array.from({ length: Math.min(stride, output) }, (_, phase) => {
    const first = (phase + pad) % stride;
    const taps: number[] = [];
    for (let tap = first; tap < kernel; tap += stride) taps.unshift(tap);
    // Output phase meets tap t at source place (phase + pad - t) / stride; the largest tap comes first.
    return { phase, start: taps.length === 0 ? 0 : (phase + pad - taps[0]!) / stride, taps };
  });
  return { source, output, sourceStep: 1, outputStep: stride, phases };
}

/** The source places read by `outputs` neighbouring outputs from a phase-0 one on, relative to that one's place. */
export function region(axis: ConvolutionAxis, outputs: number): { origin: number; extent: number } {
  let origin = Infinity;
  let end = -Infinity;
  for (const { phase, start, taps } of axis.phases) {
    const count = Math.ceil((outputs - phase) / axis.outputStep);
    if (taps.length === 0 || count <= 0) continue;
    origin = Math.min(origin, start);
    end = Math.max(end, start + (count - 1) * axis.sourceStep + taps.length);
  }
  return origin === Infinity ? { origin: 0, extent: 0 } : { origin, extent: end - origin };
}

/** True if the source lies so that it can be read in place: one part, no border, channels and columns runs of memory. */
export function readsInPlace(
  kernel: Pick<ConvolutionKernel, 'rows' | 'columns' | 'source' | 'sourceChannels'>,
): boolean {
  for (const axis of [kernel.rows, kernel.columns]) {
    const { origin, extent } = region(axis, axis.output);
    if (origin < 0 || origin + extent > axis.source) return false;
  }
  const [part, ...others] = kernel.source;
  if (others.length > 0) return false;
  const [batch, rows, columns, channels] = part!.axes;
  if (batch!.length > 1 || rows!.length > 1 || columns!.length > 1) return false;
  return areNeighbours(channels!) && (columns!.length === 0 || columns![0]!.stride === kernel.sourceChannels);
}
