/**
 * Composed cartoon faces (facesjs), drawn from a seed. Face i depends on (seed, i) alone: the first thousand of ten
 * thousand faces are the thousand faces of the same seed.
 */
import { faceToSvgString, generate } from 'facesjs';
import { Resvg } from '@resvg/resvg-js';
import { drawKey, word } from '../../compiler/random/stream.js';
import { FACE_CLASSES } from '../../spec/data-classes.js';
import type { FaceAttribute } from '../../spec/spec.js';
import type { ExampleSource, Labels, LoadedExamples, PackedImages } from '../training/example-source.js';
import { centreBox } from './area-resize.js';
import { cacheKey, readImageCache, writeImageCache } from './image-cache.js';
import type { CachedImages } from './image-cache.js';
import { exampleFromRgba } from './picture.js';
import type { ExampleSize } from './picture.js';

type FaceConfig = ReturnType<typeof generate>;

export interface FacesjsOptions extends ExampleSize {
  readonly count: number;
  readonly seed: number;
  /** One light colour behind every face, or a pastel of its own behind each. */
  readonly background: 'plain' | 'pastel';
  /** The attribute that is the class, one of FACE_CLASSES. */
  readonly labels?: FaceAttribute | undefined;
  /** Where drawn faces are kept; they are drawn again each time where left out. */
  readonly cacheDirectory?: string | undefined;
}

/** Drawn this many times larger and averaged down: eyes and hair lines come out cleaner than drawn at size. */
const OVERSAMPLING = 4;
const PLAIN_BACKGROUND = 'rgb(214,226,236)';
/** The head of a face, in the drawing's own units (400 x 600). */
const HEAD = { left: 0, top: 90, side: 400 } as const;
const GENDERS = ['female', 'male'] as const;
const RACES = ['asian', 'black', 'brown', 'white'] as const;
const FACES_BETWEEN_PAUSES = 32;

/** The class by the names that facesjs gives to the parts of a face. */
const CLASS_OF: Readonly<Record<FaceAttribute, (face: FaceConfig) => number>> = {
  // The face mask is among its glasses.
  glasses: ({ glasses }) => Number(glasses.id.startsWith('glasses')),
  /** Any hair of the face: moustaches and sideburns too. */
  beard: ({ facialHair }) => Number(facialHair.id !== 'none'),
  /** Not head bands. */
  hat: ({ accessories }) => Number(/^(santa-)?hat/.test(accessories.id)),
  hair: hairClass,
};

/** The colours of facesjs's palettes, by class. */
const HAIR_COLOURS: readonly (readonly string[])[] = [
  ['#0f0902', '#1c1008', '#272421'],
  ['#2C1608', '#3D2314', '#5A3825'],
  ['#B55239'],
  ['#CC9966', '#D7BF91', '#e9c67b'],
];

/** A hat may cover it; what is behind the head counts. */
function hairClass({ hair, hairBg }: FaceConfig): number {
  if (hair.id === 'bald' && hairBg.id === 'none') return HAIR_COLOURS.length;
  const colour = HAIR_COLOURS.findIndex((colours) => colours.includes(hair.color));
  if (colour === -1) throw new TypeError(`facesjs gave hair of a colour that has no class: ${hair.color}`);
  return colour;
}

export class FacesjsSource implements ExampleSource<PackedImages> {
  readonly #options: FacesjsOptions;

  constructor(options: FacesjsOptions) {
    this.#options = options;
  }

  async load(onProgress?: (done: number, total: number) => void): Promise<LoadedExamples<PackedImages>> {
    const { examples, diagnostics } = await this.#images(onProgress);
    const { labels: attribute } = this.#options;
    if (attribute === undefined) return { examples, diagnostics };
    return { examples: { ...examples, labels: this.#labels(attribute) }, diagnostics };
  }

  /** Faces are composed again: that takes a hundredth of the time of drawing them. */
  #labels(attribute: FaceAttribute): Labels {
    const of = new Uint32Array(this.#options.count);
    for (let i = 0; i < of.length; i++) {
      of[i] = CLASS_OF[attribute](composeFace(this.#options.seed, i).face);
    }
    return { classes: FACE_CLASSES[attribute], of };
  }

  async #images(onProgress?: (done: number, total: number) => void): Promise<CachedImages> {
    const { cacheDirectory, count, seed, background, height, width, channels } = this.#options;
    // The first face stands for the versions of facesjs, the renderer and this file: another one draws others.
    const probe = [...drawFace(this.#options, 0)];
    const key = cacheKey(['facesjs', probe, { count, seed, background, height, width, channels }]);
    const cached = cacheDirectory === undefined ? undefined : await readImageCache(cacheDirectory, key);
    if (cached !== undefined) {
      onProgress?.(count, count);
      return cached;
    }
    const exampleSize = height * width * channels;
    const pixels = new Uint8Array(count * exampleSize);
    for (let i = 0; i < count; i++) {
      pixels.set(drawFace(this.#options, i), i * exampleSize);
      onProgress?.(i + 1, count);
      // Lets signals and timers through: drawing is synchronous.
      if (i % FACES_BETWEEN_PAUSES === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    const examples = { count, height, width, channels, pixels };
    const loaded: CachedImages = { examples, diagnostics: [], skipped: [] };
    if (cacheDirectory === undefined) return loaded;
    return { ...loaded, diagnostics: await writeImageCache(cacheDirectory, key, loaded) };
  }
}

interface ComposedFace {
  readonly face: FaceConfig;
  readonly pastel: string;
  /** Goes on where composing left off. */
  readonly random: () => number;
}

/** Face number `index`, not yet drawn. */
function composeFace(seed: number, index: number): ComposedFace {
  const key = drawKey(seed, 'facesjs/face', index);
  let drawn = 0;
  const random = () => word(key, drawn++) / 2 ** 32;
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;

  // Drawn for a plain background too, so that a seed gives the same faces before either.
  const pastel = pastelColour(random(), random());
  const face = withRandom(random, () => generate(undefined, { gender: pick(GENDERS), race: pick(RACES) }));
  return { face, pastel, random };
}

/** Face number `index`, height x width x channels. */
function drawFace(options: FacesjsOptions, index: number): Uint8Array {
  const { face, pastel, random } = composeFace(options.seed, index);
  // Of a jersey only a few dark strokes would reach into the frame.
  const svg = withRandom(random, () => faceToSvgString({ ...face, jersey: { id: 'none' } }));
  const side = OVERSAMPLING * Math.max(options.height, options.width);
  const picture = new Resvg(headOnly(svg, options.background === 'plain' ? PLAIN_BACKGROUND : pastel), {
    fitTo: { mode: 'width', value: side },
    font: { loadSystemFonts: false },
  }).render();
  const { width, height, pixels: data } = picture;
  return exampleFromRgba({ width, height, data }, centreBox({ width, height }, options), options);
}

/** facesjs takes no generator of its own, so Math.random is exchanged while it works, and only then. */
function withRandom<T>(random: () => number, body: () => T): T {
  const original = Math.random;
  Math.random = random;
  try {
    return body();
  } finally {
    Math.random = original;
  }
}

function headOnly(svg: string, background: string): string {
  const { left, top, side } = HEAD;
  const opening = /^<svg[^>]*>/.exec(svg)?.[0];
  if (opening === undefined) throw new TypeError('facesjs gave no SVG element');
  const framed = opening.replace(/viewBox="[^"]*"/, `viewBox="${left} ${top} ${side} ${side}"`);
  const rectangle = `<rect x="${left}" y="${top}" width="${side}" height="${side}" fill="${background}"/>`;
  return framed + rectangle + svg.slice(opening.length);
}

/** A light colour of any hue. */
function pastelColour(hue: number, shade: number): string {
  return `hsl(${Math.floor(hue * 360)},${55 + Math.floor(shade * 25)}%,${78 + Math.floor(shade * 10)}%)`;
}
