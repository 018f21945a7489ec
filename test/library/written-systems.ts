/** Objectives written out in their specs, with what the files of the library do not use. */
import type { System } from './systems.js';

interface WrittenSystem extends System {
  /** Codes of what the compiler warns of, and is here on purpose. */
  readonly warnings?: readonly string[];
}

const POINTS = `
data:
  x: { points: two_gaussians, count: 64 }
noise:
  z: { normal: [0, 1], shape: [3] }`;

/**
 * BEGAN with the target of L(G(z)) held fast (a fork of public code: no gradient through the picture itself), a rate
 * that is halved within 20 steps, and an early end.
 */
const FROZEN_TARGET: System = {
  name: 'BEGAN with a frozen target, a plateau and an early end',
  text: `version: 1${POINTS}
networks:
  G: [{ dense: 8 }, elu, { dense: 2 }]
  D: [{ dense: 8 }, elu, { dense: 2 }, { dense: 8 }, elu, { dense: 2 }]
objective:
  let:
    fake: G(z)
    Lx: mean(abs(x - D(x)))
    Lg: mean(abs(stop(fake) - D(fake)))
  updates:
    - together:
        - name: discriminator
          minimize: Lx - k * Lg
          train: D
          optimizer: { adam: { rate: rate } }
        - name: generator
          minimize: Lg
          train: G
          optimizer: { adam: { rate: rate, weight_decay: 0.1 } }
  state:
    k: { init: 0.3, next: 'clip(k + 0.05 * (0.7 * Lx - Lg), 0, 1)' }
    rate: { plateau: { of: convergence, start: 1e-3, factor: 0.5, window: 3, floor: 1e-4 } }
  metrics:
    Lx: Lx
    Lg: Lg
    k: k
    rate: rate
    convergence: Lx + abs(0.7 * Lx - Lg)
outputs: { generate: G(z) }
train: { batch: 5, steps: 100, stop: 'stalled(convergence, window=40)' }
`,
};

/** A hinge game with R1 in every second step, two batches for G, an averaged G, noise, dropout and running statistics. */
const LAZY: System = {
  name: 'hinge with a lazy penalty, an average and running statistics',
  text: `version: 1${POINTS}
networks:
  G: [{ dense: { units: 8, bias: false } }, { batch_norm: { momentum: 0.7 } }, elu, { dense: 2 }]
  D:
    - noise: 0.1
    - reshape: [1, 2, 1]
    - conv: { filters: 4, kernel: [1, 2] }
    - layer_norm
    - leaky_relu
    - dropout: 0.3
    - { dense: 6 }
    - tanh
    - { dense: 1 }
  H: { average: G, decay: 0.8 }
objective:
  let:
    fake: D(G(z))
    score: mean(fake)
    R1: mean(sum(square(grad(D(x), x)), per=sample))
  updates:
    - name: discriminator
      minimize: mean(hinge(1.3 - D(x))) + mean(hinge(1.1 + fake))
      train: D
      optimizer: { sgd: { rate: 0.05, momentum: 0.9 } }
    - name: smooth
      every: 2
      minimize: 0.7 * R1
      train: D
      optimizer: { rmsprop: { rate: 1e-3 } }
    - name: generator
      batch: 2
      minimize: -mean(fake)
      train: G
      optimizer: { sgd: { rate: 0.05, momentum: 0.9 } }
  metrics:
    score: discriminator.score
    R1: smooth.R1
outputs: { generate: H(z) }
train: { batch: 5, steps: 100 }
`,
};

/** What is computed from gradients or stands in for parameters: clipped gradients, bounds before a step. */
const BOUNDED: System = {
  name: 'a critic within bounds before its step, clipped gradients',
  text: `version: 1${POINTS}
networks:
  G: [{ dense: 8 }, elu, { dense: 2 }]
  D: [{ dense: 8 }, layer_norm, leaky_relu, { dense: 1 }]
objective:
  let: { fake: D(G(z)), distance: mean(D(x)) - mean(fake) }
  updates:
    - name: critic
      repeat: 2
      minimize: -distance
      train: D
      optimizer: { rmsprop: { rate: 5e-3 } }
      project: { clip: [-0.3, 0.3], when: before }
      clip_gradients: { value: 0.2 }
    - name: generator
      minimize: -mean(fake)
      train: G
      optimizer: { adam: { rate: 1e-3 } }
      clip_gradients: { norm: 0.05 }
  metrics: { distance: critic.distance }
outputs: { generate: G(z) }
train: { batch: 5, steps: 100 }
`,
};

/**
 * A slope penalty through every kind of layer that has a slope: first and second derivatives of all of them, as training
 * takes them. The penalty is two-sided around 0.5 and differentiated for G as well.
 */
const EVERY_LAYER: WrittenSystem = {
  // The second derivative of selu is what is to be tested.
  warnings: ['lint/elu-under-penalty'],
  name: 'a slope penalty through every layer',
  text: `version: 1
data:
  x: { mnist: train, size: 8 }
  y: { labels: x }
noise:
  z: { normal: [0, 1], shape: [4] }
networks:
  G:
    inputs: [z, c]
    layers:
      - add: { to: 0.5 }
      - { branch: label, layers: [{ embedding: { units: 3, of: c } }] }
      - concat: label
      - maxout: { units: 16, pieces: 3 }
      - reshape: [2, 2, 4]
      - bilinear: 2
      - conv: { filters: 4, groups: 2, bias: false }
      - instance_norm
      - selu
      - tap: low
      - upsample: 2
      - skip: low
      - conv: { filters: 2, kernel: [1, 3] }
      - { residual: { layers: [{ conv: 2 }, elu] } }
      - softplus
      - conv: 1
      - tanh
  D:
    inputs: [v, c]
    layers:
      - conv: { filters: 4, stride: 2, padding: half }
      - softplus
      - tap: first
      - conv: { filters: 4, groups: 2 }
      - layer_norm
      - add: first
      - tanh
      - max_pool: 2
      - transposed_conv: { filters: 3, kernel: 3, stride: 2 }
      - { residual: { carry: 0.4, layers: [{ conv: 3 }, sigmoid] } }
      - concat: one_hot(c)
      - average_pool: 2
      - conv: { filters: 4, kernel: 2, stride: 1, padding: none }
      - multiply: 1.5
      - selu
      - flatten
      - maxout: 6
      - leaky_relu: 0.3
      - dense: 3
      - softmax
      - dense: 1
objective:
  let:
    fake: G(z, y)
    u: uniform(0, 1, per=sample)
    mixed: x + u * (fake - x)
    slope: norm(grad(D(mixed, y), mixed), per=sample)
    penalty: mean(square(slope - 0.5))
    distance: mean(D(x, y)) - mean(D(fake, y))
  updates:
    - name: critic
      repeat: 2
      minimize: 3 * penalty - distance
      train: D
      optimizer: { adam: { rate: 1e-3 } }
    - name: generator
      minimize: 0.7 * distance + 0.3 * penalty
      train: G
      optimizer: { adam: { rate: 1e-3 } }
  metrics: { distance: critic.distance, penalty: critic.penalty }
outputs: { generate: 'G(z, y)' }
train: { batch: 3, steps: 100 }
`,
};

/** Batches in parts, with everything that these may be put together of: sums, counts, linear functions of means, draws. */
export const IN_PARTS: System = {
  name: 'batches in parts: sums, counts, means and draws',
  text: `version: 1
data:
  x: { points: two_gaussians, count: 64 }
  y: { labels: x }
noise:
  z: { normal: [0, 1], shape: [3] }
networks:
  G: [{ dense: 8 }, { dropout: 0.3 }, elu, { dense: 2 }]
  D: { inputs: [v, y], layers: [{ noise: 0.2 }, { dense: 8 }, tanh, { concat: one_hot(y) }, { dense: 1 }] }
objective:
  let:
    real: D(x, y)
    fake: D(G(z), y)
    centre: mean(x, per=batch) - mean(G(z), per=batch)
    slope: grad(real, x)
    L_D: sum(square(real - 1)) / samples(x) + 0.1 * sum(square(fake)) + mean(norm(slope, per=sample))
    L_G: where(step > 3, -mean(fake), mean(square(fake - 1))) - 0.1 * sum(centre)
    spread: -sum(fake) * 3
  updates:
    - name: critic
      minimize: L_D
      train: D
      optimizer: { sgd: { rate: 0.01, momentum: 0.5 } }
      clip_gradients: { norm: 0.3 }
      project: { clip: [-0.4, 0.4], when: before }
    - name: generator
      every: 2
      batch: 2
      minimize: L_G
      train: G
      optimizer: { rmsprop: { rate: 0.01 } }
  metrics: { spread: generator.spread, L_D: L_D }
outputs: { generate: G(z) }
train: { batch: 6, micro_batch: 2, steps: 100 }
`,
};

/** Their gradients are the slopes of their losses, unlike clipped ones. */
export const PLAIN_SYSTEMS: readonly WrittenSystem[] = [FROZEN_TARGET, LAZY, EVERY_LAYER];
export const WRITTEN_SYSTEMS: readonly WrittenSystem[] = [...PLAIN_SYSTEMS, BOUNDED, IN_PARTS];
