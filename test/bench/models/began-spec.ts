/** The spec of the BEGAN that is also written by hand. */
import type { BeganShape } from './began-by-hand.js';

export const beganSpec = ({ size, filters, embedding, batch }: BeganShape): string => `version: 1
data: { x: { facesjs: 64, size: ${size} } }
noise: { z: { uniform: [-1, 1], shape: [${embedding}] } }
networks:
  G: { use: began/decoder, with: { size: ${size}, filters: ${filters} } }
  D: { use: began/autoencoder, with: { size: ${size}, filters: ${filters}, embedding: ${embedding} } }
objective: { use: began, with: { latents: shared, rate: 1e-4 } }
train: { batch: ${batch}, steps: 1000 }
`;
