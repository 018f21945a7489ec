/**
 * The same BEGAN written by hand in TensorFlow.js, as its users would: layers as tf ops, `tf.variableGrads` twice, two
 * `tf.train.adam`, the controller on the host. What a compiled step is compared with.
 */
import type * as Tensorflow from '@tensorflow/tfjs-core';

export interface BeganShape {
  readonly size: number;
  readonly filters: number;
  readonly embedding: number;
  readonly batch: number;
}

/** Networks as the library has them, or those of `specs/began-32.yaml`: two convolutions, then a resize or a third one with steps of 2. */
export type Layout = 'library' | 'ports';

export interface BeganByHand {
  /** One training step; gives L(x) and L(G(z)). */
  step(x: Float32Array, z: Float32Array): Promise<readonly [number, number]>;
  readonly parameters: number;
  dispose(): void;
}

type Tf = typeof Tensorflow;
type Layer = (x: Tensorflow.Tensor) => Tensorflow.Tensor;

const GAMMA = 0.5;
const LAMBDA_K = 0.001;
const RATE = 1e-4;

interface Adders {
  readonly conv: (from: number, to: number, stride?: number, activate?: boolean) => Layer;
  readonly dense: (from: number, to: number) => Layer;
}

export function beganByHand(
  tf: Tf,
  { size, filters, embedding, batch }: BeganShape,
  layout: Layout = 'library',
): BeganByHand {
  const doublings = Math.log2(size / 8);

  function network(build: (add: Adders) => Layer[]): {
    readonly run: Layer;
    readonly variables: Tensorflow.Variable[];
  } {
    const variables: Tensorflow.Variable[] = [];
    const variable = (shape: number[], deviation: number): Tensorflow.Variable => {
      const made = tf.variable(tf.randomNormal(shape, 0, deviation));
      variables.push(made);
      return made;
    };
    const layers = build({
      conv(from, to, stride = 1, activate = true) {
        const weight = variable([3, 3, from, to], Math.sqrt(1 / (9 * from)));
        const bias = variable([to], 0);
        return (x) => {
          const y = tf.add(
            tf.conv2d(x as Tensorflow.Tensor4D, weight as unknown as Tensorflow.Tensor4D, stride, 'same'),
            bias,
          );
          return activate ? tf.elu(y) : y;
        };
      },
      dense(from, to) {
        const weight = variable([from, to], Math.sqrt(1 / from));
        const bias = variable([to], 0);
        return (x) => tf.add(tf.matMul(tf.reshape(x, [batch, from]), weight as Tensorflow.Tensor2D), bias);
      },
    });
    return { run: (x) => layers.reduce((y, layer) => layer(y), x), variables };
  }

  const scales = Array.from({ length: doublings }, (_, s) => s + 1);
  const upsample =
    (scale: number): Layer =>
    (x) =>
      tf.image.resizeNearestNeighbor(x as Tensorflow.Tensor4D, [8 * 2 ** scale, 8 * 2 ** scale]);
  const decoder = ({ conv, dense }: Adders): Layer[] => [
    dense(embedding, 64 * filters),
    (x) => tf.reshape(x, [batch, 8, 8, filters]),
    ...(layout === 'library'
      ? scales.flatMap((scale) => [conv(filters, filters), upsample(scale), conv(filters, filters)])
      : [
          ...scales.flatMap((scale) => [conv(filters, filters), conv(filters, filters), upsample(scale)]),
          conv(filters, filters),
          conv(filters, filters),
        ]),
    conv(filters, 3, 1, false),
  ];
  const last = filters * (doublings + 1);
  const encoder = ({ conv, dense }: Adders): Layer[] => [
    conv(3, filters),
    ...(layout === 'library'
      ? scales.flatMap((scale) => [
          conv(filters * scale, filters * scale),
          conv(filters * scale, filters * (scale + 1), 2),
        ])
      : [
          ...scales.flatMap((scale) => [
            conv(filters * Math.max(1, scale - 1), filters * scale),
            conv(filters * scale, filters * scale),
            conv(filters * scale, filters * scale, 2),
          ]),
          conv(last - filters, last),
          conv(last, last),
        ]),
    dense(64 * last, embedding),
  ];

  const G = network(decoder);
  const D = network((add) => [...encoder(add), ...decoder(add)]);
  const [optimizerG, optimizerD] = [tf.train.adam(RATE), tf.train.adam(RATE)];
  const energy = (v: Tensorflow.Tensor): Tensorflow.Scalar => tf.mean(tf.abs(tf.sub(v, D.run(v))));
  let k = 0;

  return {
    parameters: [...G.variables, ...D.variables].reduce((sum, { size: elements }) => sum + elements, 0),
    async step(xValues, zValues) {
      const x = tf.tensor(xValues, [batch, size, size, 3]);
      const z = tf.tensor(zValues, [batch, embedding]);
      const forD = tf.tidy(() => {
        let real: Tensorflow.Tensor | undefined;
        const { value, grads } = tf.variableGrads(() => {
          real = tf.keep(energy(x));
          return tf.sub<Tensorflow.Scalar>(real, tf.mul(energy(G.run(z)), k));
        }, D.variables);
        value.dispose();
        return { real: real!, grads };
      });
      const forG = tf.tidy(() => tf.variableGrads(() => energy(G.run(z)), G.variables));
      optimizerD.applyGradients(forD.grads as Record<string, Tensorflow.Variable>);
      optimizerG.applyGradients(forG.grads as Record<string, Tensorflow.Variable>);
      const [real, fake] = [(await forD.real.data())[0]!, (await forG.value.data())[0]!];
      tf.dispose([x, z, forD, forG]);
      k = Math.min(1, Math.max(0, k + LAMBDA_K * (GAMMA * real - fake)));
      return [real, fake];
    },
    dispose() {
      tf.dispose([...G.variables, ...D.variables]);
      optimizerG.dispose();
      optimizerD.dispose();
    },
  };
}
