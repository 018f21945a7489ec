/** Small good specs that the examples of pages are made from. */

/** A GAN on points in the plane, with an objective of the library. */
export const POINTS = `version: 1
data:
  x: { points: gaussians_8, count: 1000 }
noise:
  z: { normal: [0, 1], shape: [2] }
networks:
  G: [{ dense: 32 }, relu, { dense: 2 }]
  D: [{ dense: 32 }, relu, { dense: 1 }]
objective:
  use: gan
outputs:
  generate: G(z)
train: { batch: 64, steps: 1000 }
`;

/** The least-squares GAN on points, with equations written out. */
export const EQUATIONS = `version: 1
data:
  x: { points: gaussians_8, count: 1000 }
noise:
  z: { normal: [0, 1], shape: [2] }
networks:
  G: [{ dense: 32 }, relu, { dense: 2 }]
  D: [{ dense: 32 }, relu, { dense: 1 }]
objective:
  let:
    fake: G(z)
  updates:
    - name: critic
      minimize: mean(square(D(x) - 1)) + mean(square(D(fake)))
      train: D
      optimizer: { adam: { rate: 1e-4 } }
    - name: generator
      minimize: mean(square(D(fake) - 1))
      train: G
      optimizer: { adam: { rate: 1e-4 } }
outputs:
  generate: G(z)
train: { batch: 64, steps: 1000 }
`;

/** Wasserstein GAN with gradient penalty on points. */
export const PENALTY = `version: 1
data:
  x: { points: gaussians_8, count: 1000 }
noise:
  z: { normal: [0, 1], shape: [2] }
networks:
  G: [{ dense: 32 }, relu, { dense: 2 }]
  D:
    - dense: 32
    - leaky_relu
    - dense: 1
objective:
  let:
    fake: G(z)
    mixed: x + uniform(0, 1, per=sample) * (stop(fake) - x)
    slope: norm(grad(D(mixed), mixed), per=sample)
  updates:
    - name: critic
      repeat: 5
      minimize: mean(D(fake)) - mean(D(x)) + 10 * mean((slope - 1)**2)
      train: D
      optimizer: { adam: { rate: 1e-4, beta1: 0, beta2: 0.9 } }
    - name: generator
      minimize: -mean(D(fake))
      train: G
      optimizer: { adam: { rate: 1e-4, beta1: 0, beta2: 0.9 } }
outputs:
  generate: G(z)
train: { batch: 64, steps: 1000 }
`;

/** BEGAN on small composed faces. */
export const FACES = `version: 1
data:
  x: { facesjs: 500, size: 16 }
noise:
  z: { uniform: [-1, 1], shape: [16] }
networks:
  G: { use: began/decoder, with: { size: 16, filters: 8 } }
  D: { use: began/autoencoder, with: { size: 16, filters: 8, embedding: 16 } }
objective:
  use: began
  with: { lambda_k: 0.01, rate: 2e-4 }
outputs:
  generate: G(z)
train: { batch: 16, steps: 1000 }
`;

/** A GAN on pictures from a folder. */
export const PICTURES = `version: 1
data:
  x: { images: ./faces, size: 16 }
noise:
  z: { normal: [0, 1], shape: [8] }
networks:
  G: [{ dense: 64 }, relu, { dense: 768 }, tanh, { reshape: [16, 16, 3] }]
  D: [{ conv: { filters: 16, stride: 2 } }, leaky_relu, { dense: 1 }]
objective:
  use: gan
outputs:
  generate: G(z)
train: { batch: 16, steps: 1000 }
`;

/** A classifier of points beside a generator: labels, classes and logits. */
export const CLASSES = `version: 1
data:
  x: { points: gaussians_8, count: 1000 }
  y: { labels: x }
noise:
  z: { normal: [0, 1], shape: [2] }
networks:
  G: [{ dense: 32 }, relu, { dense: 2 }]
  D: [{ dense: 32 }, relu, { branch: class, layers: [{ dense: 8 }] }, { dense: 1 }]
objective:
  let:
    fake: G(z)
  updates:
    - name: critic
      minimize: mean(softplus(-D(x))) + mean(softplus(D(fake))) + mean(cross_entropy(D(x).class, y))
      train: D
      optimizer: { adam: { rate: 1e-4 } }
    - name: generator
      minimize: mean(softplus(-D(fake)))
      train: G
      optimizer: { adam: { rate: 1e-4 } }
outputs:
  generate: G(z)
train: { batch: 64, steps: 1000 }
`;
