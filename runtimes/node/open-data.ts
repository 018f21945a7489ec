/** From what a spec says about a data stream to the source that gives its examples. */
import { resolve } from 'node:path';
import type { Shape } from '../../compiler/graph/graph.js';
import { DiagnosticError } from '../../spec/diagnostics/diagnostic.js';
import type { DataSpec } from '../../spec/spec.js';
import type { ImageSource } from '../training/image-source.js';
import { FacesjsSource } from './facesjs-source.js';
import { ImageFolder } from './image-folder.js';

export interface OpenDataOptions {
  readonly data: DataSpec;
  /** As the program gives it: [..., height, width, channels]. */
  readonly shape: Shape;
  /** The folder of the spec. */
  readonly baseDirectory: string;
  /** For examples that are drawn, and for folders instead of the cache beside them. */
  readonly cacheDirectory?: string | undefined;
}

/** The source of a data stream; nothing is read yet. Throws DiagnosticError schema/value for other than 1 or 3 channels. */
export function openData(options: OpenDataOptions): ImageSource {
  const { data, shape, baseDirectory, cacheDirectory } = options;
  const [height, width, depth] = shape.slice(-3) as [number, number, number];
  if (!isChannelCount(depth)) {
    throw new DiagnosticError({
      code: 'schema/value',
      severity: 'error',
      message: `Pictures have 3 channels (RGB) or 1 (grey), not ${depth}`,
      span: data.channels.span,
    });
  }
  const size = { height, width, channels: depth };
  switch (data.kind) {
    case 'images':
      return new ImageFolder({
        ...size,
        directory: resolve(baseDirectory, data.path.value),
        crop: data.crop,
        cacheDirectory,
        span: data.path.span,
      });
    case 'facesjs': {
      const { count, seed, background } = data;
      return new FacesjsSource({ ...size, count, seed, background, cacheDirectory });
    }
    default:
      return data satisfies never;
  }
}

const isChannelCount = (depth: number): depth is 1 | 3 => depth === 1 || depth === 3;
