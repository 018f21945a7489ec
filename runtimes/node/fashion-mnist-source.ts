/** Fashion-MNIST (Xiao, Rasul and Vollgraf, 2017), as Debian's package dataset-fashion-mnist lays it down. */
import { join } from 'node:path';
import type { Span } from '../../spec/diagnostics/diagnostic.js';
import { IdxSource } from './idx-source.js';
import type { ExampleSize } from './picture.js';

export interface FashionMnistOptions extends ExampleSize {
  readonly part: 'train' | 'test';
  readonly folder?: string | undefined;
  readonly span?: Span | undefined;
}

const DEBIAN_FOLDER = '/usr/share/datasets/fashion-mnist';
const FILE_PREFIX = { train: 'train', test: 't10k' } as const;
const CLASSES = [
  'T-shirt/top',
  'trouser',
  'pullover',
  'dress',
  'coat',
  'sandal',
  'shirt',
  'sneaker',
  'bag',
  'ankle boot',
] as const;

export function fashionMnistSource(options: FashionMnistOptions): IdxSource {
  const { part, folder = DEBIAN_FOLDER, span, ...size } = options;
  const file = (kind: string) => ({ path: join(folder, `${FILE_PREFIX[part]}-${kind}-ubyte`), span });
  return new IdxSource({
    ...size,
    images: file('images-idx3'),
    labels: file('labels-idx1'),
    classNames: CLASSES,
    help: 'On Debian and Ubuntu: `apt-get install dataset-fashion-mnist`. Elsewhere, name the folder of its four files with `folder`.',
  });
}
