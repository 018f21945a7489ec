/** The port through which pictures come in: decoded, cropped and resized outside, packed bytes here. */
import type { Diagnostic } from '../../spec/diagnostics/diagnostic.js';

/** All examples of a stream, as bytes, N x H x W x C without gaps. */
export interface PackedImages {
  readonly count: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly pixels: Uint8Array;
}

export interface LoadedImages {
  readonly images: PackedImages;
  /** Warnings: files that were skipped, a cache that could not be written. */
  readonly diagnostics: readonly Diagnostic[];
}

export interface ImageSource {
  /**
   * Decodes (or draws) every picture. `onProgress` is told how many of how many are ready. Throws DiagnosticError
   * (data/not-found, data/empty-folder) where there is nothing to give.
   */
  load(onProgress?: (done: number, total: number) => void): Promise<LoadedImages>;
}
