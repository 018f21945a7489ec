/** Headless Chromium with WebGPU on SwiftShader, its driver for CPUs. Tests say so where there is no browser. */
import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

const PATH = process.env['BEGAN_COMPILE_CHROMIUM'] ?? '/usr/bin/chromium';

export const hasChromium = existsSync(PATH);

if (!hasChromium) {
  process.stderr.write(
    `SKIPPED: there is no browser at ${PATH}, so nothing is tested in pages. Install Debian's chromium, or name one in BEGAN_COMPILE_CHROMIUM.\n`,
  );
}

export const openChromium = (): Promise<Browser> =>
  chromium.launch({
    executablePath: PATH,
    args: [
      '--no-sandbox',
      '--enable-unsafe-webgpu',
      '--enable-features=Vulkan',
      '--use-vulkan=swiftshader',
      '--use-angle=swiftshader',
      '--use-webgpu-adapter=swiftshader',
    ],
  });
