/** `began-compile/web`: what a page needs besides the entry of the package. Nothing here needs Node. */
export type {
  InputValue,
  Load,
  LoadOptions,
  Model,
  ModelError,
  ModelInput,
  ModelOutput,
  Picture,
  ReadFile,
  SampleOptions,
  Samples,
} from './api.js';
export { openBrowserGpu, type BrowserGpu } from './browser-gpu.js';
export { load } from './load.js';
export { pictureGrid, type PictureShape } from './pixels.js';
export { WebgpuEngine, type WebgpuEngineOptions } from '../webgpu/engine.js';
