/** The port through which examples come in: decoded, cropped and resized (or drawn) outside, packed here. */
import type { Shape } from '../../compiler/graph/graph.js';
import type { Diagnostic } from '../../spec/diagnostics/diagnostic.js';

/** The class of every example. */
export interface Labels {
  /** Names; class k is `classes[k]`. */
  readonly classes: readonly string[];
  /** By example, numbers of 0 .. classes - 1. */
  readonly of: Uint32Array;
}

/** All pictures of a stream, as bytes, N x H x W x C without gaps. */
export interface PackedImages {
  readonly count: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly pixels: Uint8Array;
  readonly labels?: Labels | undefined;
}

/** All examples of a stream that are numbers as they stand (points in the plane), without gaps. */
export interface PackedVectors {
  readonly count: number;
  /** Of one example. */
  readonly shape: Shape;
  readonly values: Float32Array;
  readonly labels?: Labels | undefined;
}

/** All lines of a stream as symbols, N x length without gaps; as numbers each symbol is a one-hot vector. */
export interface PackedText {
  readonly count: number;
  readonly length: number;
  /** Symbol 0 is the padding, symbol k the character `alphabet[k - 1]`. */
  readonly alphabet: readonly string[];
  readonly symbols: Uint16Array;
  /** The lines that a split for training leaves out: what samples are compared with. */
  readonly heldOut?: Uint16Array | undefined;
  readonly labels?: undefined;
}

export type PackedExamples = PackedImages | PackedVectors | PackedText;

export const areImages = (examples: PackedExamples): examples is PackedImages => 'pixels' in examples;

export const areText = (examples: PackedExamples): examples is PackedText => 'symbols' in examples;

/** The shape of one example. */
export function exampleShape(examples: PackedExamples): Shape {
  if (areImages(examples)) return [examples.height, examples.width, examples.channels];
  if (areText(examples)) return [1, examples.length, 1 + examples.alphabet.length];
  return examples.shape;
}

export interface LoadedExamples<Examples extends PackedExamples = PackedExamples> {
  readonly examples: Examples;
  /** Warnings: files that were skipped, a cache that could not be written. */
  readonly diagnostics: readonly Diagnostic[];
}

export interface ExampleSource<Examples extends PackedExamples = PackedExamples> {
  /**
   * Decodes (or draws) every example. `onProgress` is told how many of how many are ready. Throws DiagnosticError
   * (data/not-found, data/empty-folder, data/format, data/labels, data/too-few) where there is nothing to give.
   */
  load(onProgress?: (done: number, total: number) => void): Promise<LoadedExamples<Examples>>;
}
