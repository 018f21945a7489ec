/** From a decoded RGBA picture to the bytes of one example. */
import { areaResize } from './area-resize.js';
import type { PixelBox, Raster } from './area-resize.js';

export interface ExampleSize {
  readonly height: number;
  readonly width: number;
  /** 3 for RGB, 1 for luma, 4 for RGBA. */
  readonly channels: 1 | 3 | 4;
}

interface Rgba {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/**
 * Lays RGBA over white, takes `box`, shrinks, and reduces to luma where one channel is wanted, or takes the white out again
 * where four are. In that order: a transparent pixel's hidden colour never reaches its neighbours.
 */
export function exampleFromRgba(rgba: Rgba, box: PixelBox, size: ExampleSize): Uint8Array {
  const rgb = areaResize(overWhite(rgba), box, size.width, size.height);
  switch (size.channels) {
    case 1:
      return luma(rgb);
    case 3:
      return rgb.data;
    case 4:
      return withoutWhite(rgb, areaResize(opacity(rgba), box, size.width, size.height));
    default:
      return size.channels satisfies never;
  }
}

function opacity({ width, height, data }: Rgba): Raster {
  const alpha = Uint8Array.from({ length: width * height }, (_, i) => data[4 * i + 3]!);
  return { width, height, channels: 1, data: alpha };
}

/** The colours that over white give `rgb`; white where nothing is to be seen. */
function withoutWhite(rgb: Raster, alpha: Raster): Uint8Array {
  const data = new Uint8ClampedArray(4 * alpha.data.length);
  alpha.data.forEach((opaque, i) => {
    for (let c = 0; c < 3; c++) {
      const over = rgb.data[3 * i + c]!;
      data[4 * i + c] = opaque === 0 ? 255 : 255 - ((255 - over) * 255) / opaque;
    }
    data[4 * i + 3] = opaque;
  });
  return new Uint8Array(data.buffer);
}

function overWhite(rgba: Rgba): Raster {
  const { width, height } = rgba;
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) {
    const alpha = rgba.data[4 * i + 3]!;
    for (let c = 0; c < 3; c++) {
      const value = rgba.data[4 * i + c]!;
      data[3 * i + c] = alpha === 255 ? value : Math.round((value * alpha + 255 * (255 - alpha)) / 255);
    }
  }
  return { width, height, channels: 3, data };
}

/** Rec. 601 luma of gamma-encoded values, as JPEG defines it. */
function luma(rgb: Raster): Uint8Array {
  return Uint8Array.from({ length: rgb.width * rgb.height }, (_, i) =>
    Math.round(0.299 * rgb.data[3 * i]! + 0.587 * rgb.data[3 * i + 1]! + 0.114 * rgb.data[3 * i + 2]!),
  );
}
