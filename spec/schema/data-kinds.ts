/** The kinds of data source, in the order in which they are told apart: `labels` is an option of others too. */
import type { DataSpec } from '../spec.js';

export interface DataKindRule {
  readonly description: string;
  readonly example: Readonly<Record<string, unknown>>;
}

export const DATA_KINDS: Readonly<Record<DataSpec['kind'], DataKindRule>> = {
  images: { description: 'A folder of images.', example: { images: './faces', size: 32 } },
  facesjs: { description: 'Cartoon faces.', example: { facesjs: 6000, size: 32 } },
  mnist: { description: 'Handwritten digits.', example: { mnist: 'train', size: 28 } },
  fashion_mnist: { description: 'Pieces of clothing.', example: { fashion_mnist: 'train', size: 28 } },
  idx: {
    description: 'Files in the format of MNIST.',
    example: { idx: { images: './images.gz' }, size: 28 },
  },
  points: { description: 'Points in the plane.', example: { points: 'gaussians_8', count: 10_000 } },
  text: {
    description: 'Lines of a text file.',
    example: { text: './names.txt', length: 16, alphabet: 'a-z' },
  },
  labels: { description: 'The classes of another stream.', example: { labels: 'x' } },
};

export const DATA_KIND_NAMES = Object.keys(DATA_KINDS) as readonly DataSpec['kind'][];
