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
export { load } from './load.js';
export { openEngine, type OpenedEngine } from './open-engine.js';
export { pictureGrid, type PictureShape } from './pixels.js';
