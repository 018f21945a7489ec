/** The data: all faces on one sheet, which the browser decodes. */
import type { PackedImages } from 'began-compile';

interface Sheet {
  readonly count: number;
  readonly width: number;
  readonly height: number;
  /** Faces in a row. */
  readonly columns: number;
}

export async function loadFaces(folder: string): Promise<PackedImages> {
  const { count, width, height, columns } = (await (await get(`${folder}faces.json`)).json()) as Sheet;
  const rgba = await decode(await (await get(`${folder}faces.png`)).blob());
  const pixels = new Uint8Array(count * height * width * 3);
  let to = 0;
  for (let i = 0; i < count; i++) {
    const left = (i % columns) * width;
    const top = Math.floor(i / columns) * height;
    for (let y = 0; y < height; y++) {
      let from = 4 * ((top + y) * rgba.width + left);
      for (let x = 0; x < width; x++, from += 4) {
        for (let c = 0; c < 3; c++) pixels[to++] = rgba.data[from + c]!;
      }
    }
  }
  return { count, width, height, channels: 3, pixels };
}

async function get(url: string): Promise<Response> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} cannot be read: ${response.status}`);
  return response;
}

async function decode(file: Blob): Promise<ImageData> {
  // The numbers in the file, whatever the screen's colours are.
  const bitmap = await createImageBitmap(file, { colorSpaceConversion: 'none', premultiplyAlpha: 'none' });
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })!;
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  return context.getImageData(0, 0, width, height);
}
