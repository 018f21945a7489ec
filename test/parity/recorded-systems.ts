/** The systems of test/fixtures/gans, as a user would write them: what make_fixture.py builds in PyTorch. */
export const RECORDED_SYSTEMS = {
  /** A convolutional critic: the penalty's second derivatives through convolutions, layer norm and tanh. */
  wgan_gp: `version: 1
data:
  x: { facesjs: 16, size: 8, channels: 1 }
noise:
  z: { uniform: [-1, 1], shape: [4] }
networks:
  G:
    - dense: 64
    - reshape: [4, 4, 4]
    - layer_norm
    - relu
    - transposed_conv: 1
    - tanh
  D:
    - conv: { filters: 4, stride: 2 }
    - layer_norm
    - leaky_relu: 0.2
    - conv: { filters: 6, stride: 2 }
    - tanh
    - dense: 1
objective: { use: wgan_gp, with: { rate: 1e-3 } }
outputs: { generate: G(z) }
train: { batch: 4, steps: 100, seed: 1 }
`,
  /** Heads on a shared trunk, and batch norm in both networks, whose running statistics every call moves. */
  infogan: `version: 1
data:
  x: { facesjs: 16, size: 8, channels: 1 }
noise:
  z: { uniform: [-1, 1], shape: [4] }
  c: { categorical: 3 }
  s: { uniform: [-1, 1], shape: [2] }
networks:
  G:
    inputs: [z, c, s]
    layers:
      - concat: one_hot(c)
      - concat: s
      - dense: { units: 32, bias: false }
      - batch_norm
      - relu
      - reshape: [4, 4, 2]
      - transposed_conv: 1
      - tanh
  D:
    - conv: { filters: 4, stride: 2, bias: false }
    - batch_norm
    - leaky_relu: 0.2
    - branch: q_class
      layers: [{ dense: 3 }]
    - branch: q_style
      layers: [{ dense: 6 }, tanh, { dense: 2 }]
    - dense: 1
objective: { use: infogan, with: { rate_D: 1e-3, weight: 0.7 } }
outputs: { generate: 'G(z, c, s)' }
train: { batch: 6, steps: 100, seed: 1 }
`,
  /** The (N+1)-softmax over joined logits, where the library writes it with the logit of "real". */
  sgan: `version: 1
data:
  x: { points: gaussians_8, count: 64 }
  y: { labels: x }
  u: { points: gaussians_8, count: 64, seed: 5 }
noise:
  z: { uniform: [-1, 1], shape: [3] }
networks:
  G: [{ dense: 8 }, elu, { dense: 2 }]
  D: [{ dense: 10 }, elu, { branch: fake, layers: [{ dense: 1 }] }, { dense: 8 }]
objective: { use: sgan, with: { rate_D: 1e-3, rate_G: 1e-3, weight: 0.7 } }
outputs: { generate: G(z) }
train: { batch: 6, steps: 100, seed: 1 }
`,
  /** Entropies of a batch: its samples are tied to each other. */
  catgan: `version: 1
data:
  x: { points: gaussians_8, count: 64 }
noise:
  z: { uniform: [-1, 1], shape: [3] }
networks:
  G: [{ dense: 8 }, elu, { dense: 2 }]
  D: [{ dense: 10 }, selu, { dense: 4 }]
objective: { use: catgan, with: { rate: 1e-3 } }
outputs: { generate: G(z) }
train: { batch: 6, steps: 100, seed: 1 }
`,
} as const;

export type RecordedSystem = keyof typeof RECORDED_SYSTEMS;
