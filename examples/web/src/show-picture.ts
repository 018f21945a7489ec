import type { Picture } from 'began-compile/web';

/** Shows a picture in its own size; the style sheet enlarges it. */
export function showPicture(canvas: HTMLCanvasElement, { pixels, width, height }: Picture): void {
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  canvas.getContext('2d')!.putImageData(new ImageData(pixels, width, height), 0, 0);
}
