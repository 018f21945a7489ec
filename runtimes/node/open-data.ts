/** From what a spec says about a data stream to the source that gives its examples. */
import { resolve } from 'node:path';
import type { Shape } from '../../compiler/graph/graph.js';
import { DiagnosticError } from '../../spec/diagnostics/diagnostic.js';
import type { Located } from '../../spec/diagnostics/diagnostic.js';
import { classCount } from '../../spec/data-classes.js';
import type { DataSpec, LabelsData, PointsData } from '../../spec/spec.js';
import type { ExampleSource, LoadedExamples, PackedExamples } from '../training/example-source.js';
import { selectExamples } from '../training/select-examples.js';
import { FacesjsSource } from './facesjs-source.js';
import { fashionMnistSource } from './fashion-mnist-source.js';
import { IdxSource } from './idx-source.js';
import { ImageFolder } from './image-folder.js';
import type { ImageLabelling } from './image-labels.js';
import { MnistSource } from './mnist-source.js';
import type { ExampleSize } from './picture.js';
import { PointsSource } from './points-source.js';

/** What has examples of its own; labels go with those of another stream. */
export type ExampleData = Exclude<DataSpec, LabelsData>;

export interface OpenDataOptions {
  readonly data: ExampleData;
  /** As the program gives it: [..., height, width, channels], or [..., 2] of points. */
  readonly shape: Shape;
  /** The folder of the spec. */
  readonly baseDirectory: string;
  /** For examples that are drawn, and for folders instead of the cache beside them. */
  readonly cacheDirectory?: string | undefined;
}

/**
 * The source of a data stream, of the examples that its split and subset leave; nothing is read yet. Throws DiagnosticError
 * schema/value for pictures of other than 1 or 3 channels.
 */
export function openData(options: OpenDataOptions): ExampleSource {
  const { data } = options;
  const source = data.kind === 'points' ? new PointsSource(data) : openPictures(data, options);
  return {
    async load(onProgress) {
      const { examples, diagnostics }: LoadedExamples = await source.load(onProgress);
      return { examples: selectExamples(withDeclaredClasses(examples, data), data, data.span), diagnostics };
    },
  };
}

function openPictures(
  data: Exclude<ExampleData, PointsData>,
  { shape, baseDirectory, cacheDirectory }: OpenDataOptions,
): ExampleSource {
  const size = pictureSize(data, shape);
  const { span } = data;
  const fileOf = (path: Located<string>) => ({ path: resolve(baseDirectory, path.value), span: path.span });
  switch (data.kind) {
    case 'images':
      return new ImageFolder({
        ...size,
        directory: resolve(baseDirectory, data.path.value),
        crop: data.crop,
        labels: data.labels && labellingOf(data.labels, fileOf),
        cacheDirectory,
        span: data.path.span,
      });
    case 'facesjs': {
      const { count, seed, background, labels } = data;
      return new FacesjsSource({ ...size, count, seed, background, labels, cacheDirectory });
    }
    case 'mnist':
      return new MnistSource({ ...size, span });
    case 'fashion_mnist': {
      const { part, folder } = data;
      const given = folder && fileOf(folder);
      return fashionMnistSource({ ...size, part, folder: given?.path, span: given?.span ?? span });
    }
    case 'idx': {
      const labels = data.labels && fileOf(data.labels);
      return new IdxSource({ ...size, images: fileOf(data.images), labels });
    }
    default:
      return data satisfies never;
  }
}

function pictureSize(data: Exclude<ExampleData, PointsData>, shape: Shape): ExampleSize {
  const [height, width, depth] = shape.slice(-3) as [number, number, number];
  if (depth === 1 || depth === 3) return { height, width, channels: depth };
  throw new DiagnosticError({
    code: 'schema/value',
    severity: 'error',
    message: `Pictures have 3 channels (RGB) or 1 (grey), not ${depth}`,
    span: data.channels.span,
  });
}

function labellingOf(
  labels: Located<string>,
  fileOf: (path: Located<string>) => { readonly path: string },
): ImageLabelling {
  const { span } = labels;
  return labels.value === 'folders' ? { kind: 'folders', span } : { kind: 'csv', ...fileOf(labels), span };
}

/** As many classes as the program was compiled for. Throws DiagnosticError data/labels where the data has more. */
function withDeclaredClasses(examples: PackedExamples, data: ExampleData): PackedExamples {
  const declared = classCount(data);
  const { labels } = examples;
  if (labels === undefined || declared === undefined || labels.classes.length === declared) return examples;
  const found = labels.classes.length;
  if (found > declared) {
    throw new DiagnosticError({
      code: 'data/labels',
      severity: 'error',
      message: `The labels have ${found} classes, more than the ${declared} of \`classes\``,
      span: ('labels' in data && typeof data.labels === 'object' ? data.labels.span : undefined) ?? data.span,
    });
  }
  // Those at the end have no example here.
  const classes = [
    ...labels.classes,
    ...Array.from({ length: declared - found }, (_, i) => String(found + i)),
  ];
  return { ...examples, labels: { ...labels, classes } };
}
