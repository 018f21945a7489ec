/** From what a spec says about a data stream to the source that gives its examples. */
import { resolve } from 'node:path';
import type { Shape } from '../../compiler/graph/graph.js';
import { DiagnosticError } from '../../spec/diagnostics/diagnostic.js';
import type { Diagnostic, Located, SourceFile, Span } from '../../spec/diagnostics/diagnostic.js';
import { enumerate, printable } from '../../spec/diagnostics/quote.js';
import { classCount } from '../../spec/data-classes.js';
import type { DataSpec, LabelsData, PointsData, TextData } from '../../spec/spec.js';
import type { ExampleSource, LoadedExamples } from '../training/example-source.js';
import { selectExamples } from '../training/select-examples.js';
import { FacesjsSource } from './facesjs-source.js';
import { fashionMnistSource } from './fashion-mnist-source.js';
import { IdxSource } from './idx-source.js';
import { ImageFolder } from './image-folder.js';
import type { ImageLabelling } from './image-labels.js';
import { MnistSource } from './mnist-source.js';
import type { ExampleSize } from './picture.js';
import { PointsSource } from './points-source.js';
import { TextSource } from './text-source.js';

/** What has examples of its own; labels go with those of another stream. */
export type ExampleData = Exclude<DataSpec, LabelsData>;

export interface OpenDataOptions {
  readonly data: ExampleData;
  /** As the program gives it: [..., height, width, channels], [..., 2] of points, [..., 1, length, symbols] of text. */
  readonly shape: Shape;
  /** The folder of the spec, which paths are relative to. */
  readonly baseDirectory: string;
  /** The folder of another file that says a path, where the spec extends others; `baseDirectory` where left out. */
  readonly directoryOf?: ((file: SourceFile) => string) | undefined;
  /** For examples that are drawn, and for folders instead of the cache beside them. */
  readonly cacheDirectory?: string | undefined;
}

/**
 * The source of a data stream, of the examples that its split and subset leave; nothing is read yet. Throws DiagnosticError
 * schema/value for pictures of other than 1 or 3 channels, or 4 of a folder.
 */
export function openData(options: OpenDataOptions): ExampleSource {
  const { data } = options;
  const source = openSource(options);
  return {
    async load(onProgress) {
      const loaded = withDeclaredClasses(await source.load(onProgress), data);
      return { ...loaded, examples: selectExamples(loaded.examples, data, data.span) };
    },
  };
}

type PictureData = Exclude<ExampleData, PointsData | TextData>;
type FileOf = (path: Located<string>) => { readonly path: string; readonly span: Span };

function openSource(options: OpenDataOptions): ExampleSource {
  const { data, shape, baseDirectory, directoryOf = () => baseDirectory } = options;
  const fileOf: FileOf = ({ value, span }) => ({ path: resolve(directoryOf(span.file), value), span });
  switch (data.kind) {
    case 'points':
      return new PointsSource(data);
    case 'text':
      return new TextSource({
        ...fileOf(data.path),
        length: shape.at(-2)!,
        alphabet: data.alphabet,
        by: data.by,
      });
    default:
      return openPictures(data, options, fileOf);
  }
}

function openPictures(
  data: PictureData,
  { shape, cacheDirectory }: OpenDataOptions,
  fileOf: FileOf,
): ExampleSource {
  const size = pictureSize(data, shape);
  const { span } = data;
  switch (data.kind) {
    case 'images':
      return new ImageFolder({
        ...size,
        directory: fileOf(data.path).path,
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

function pictureSize(data: PictureData, shape: Shape): ExampleSize {
  const [height, width, depth] = shape.slice(-3) as [number, number, number];
  const isFolder = data.kind === 'images';
  if (depth === 1 || depth === 3 || (depth === 4 && isFolder)) return { height, width, channels: depth };
  throw new DiagnosticError({
    code: 'schema/value',
    severity: 'error',
    message: isFolder
      ? `Pictures have 3 channels (RGB), 4 (RGBA) or 1 (grey), not ${depth}`
      : `These pictures have 3 channels (RGB) or 1 (grey), not ${depth}`,
    span: data.channels.span,
  });
}

function labellingOf(labels: Located<string>, fileOf: FileOf): ImageLabelling {
  const { span } = labels;
  return labels.value === 'folders' ? { kind: 'folders', span } : { kind: 'csv', ...fileOf(labels), span };
}

/**
 * As many classes as the program was compiled for, with a warning where the data has fewer. Throws DiagnosticError data/labels
 * where it has more.
 */
function withDeclaredClasses({ examples, diagnostics }: LoadedExamples, data: ExampleData): LoadedExamples {
  const declared = classCount(data);
  const { labels } = examples;
  const found = labels?.classes.length;
  if (labels === undefined || found === declared || found === undefined || declared === undefined) {
    return { examples, diagnostics };
  }
  const span =
    ('labels' in data && typeof data.labels === 'object' ? data.labels.span : undefined) ?? data.span;
  const help = `Write \`classes: ${found}\`, or correct the labels.${calledWhat(labels.classes)}`;
  if (found > declared) {
    const message = `The labels have ${found} classes, more than the ${declared} of \`classes\``;
    throw new DiagnosticError({ code: 'data/labels', severity: 'error', message, span, help });
  }
  const fewer: Diagnostic = {
    code: 'data/labels',
    severity: 'warning',
    message: `The labels show ${found} of the ${declared} classes that \`classes\` says`,
    span,
    note: 'Nothing is learned of the others.',
    help,
  };
  const classes = [
    ...labels.classes,
    ...Array.from({ length: declared - found }, (_, i) => String(found + i)),
  ];
  return { examples: { ...examples, labels: { ...labels, classes } }, diagnostics: [...diagnostics, fewer] };
}

/** Names of classes tell which one should not be there; numbers do not. */
function calledWhat(classes: readonly string[]): string {
  const isTelling = classes.length <= 12 && classes.some((name) => !/^\d+$/.test(name));
  return isTelling ? ` They are called ${enumerate(classes.map(printable))}.` : '';
}
