/** `began-compile/node`: what a program under Node needs besides the entry of the package. */
export { writeFileAtomically } from './atomic-file.js';
export { folderLibrary } from './library-source.js';
export { openData, type OpenDataOptions } from './open-data.js';
export { bytesOfValues, encodePng, imageGrid, type GridOptions } from './png.js';
