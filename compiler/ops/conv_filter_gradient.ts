/** conv_filter_gradient: the adjoint of conv in its filter; bilinear in input and cotangent, so its gradients are conv_input_gradient and conv. */
import { conv } from '../graph/construct.js';
import { convolutionOutputSize, forEachMeeting, requireCotangentSize } from './convolution-geometry.js';
import type { OpDefinition } from './op.js';
import { elementCount, refuse, requireInputs, requireRank, requireSizes, showShape } from './shape-checks.js';

const NAME = 'conv_filter_gradient';

export const conv_filter_gradient: OpDefinition<typeof NAME> = {
  doc: '(input NHWC, cotangent NHWC) -> HWIO of the given kernel size: the gradient of conv in its filter.',
  shape(inputs, { strides, padding, kernel }) {
    requireInputs(NAME, inputs, 2);
    const [x, cotangent] = [inputs[0]!, inputs[1]!];
    requireRank(NAME, 'the input', x, 4);
    requireRank(NAME, 'the cotangent', cotangent, 4);
    requireSizes(NAME, 'the kernel', kernel);
    if (x[0] !== cotangent[0]) {
      refuse(
        NAME,
        `the input ${showShape(x)} and the cotangent ${showShape(cotangent)} have batches of ${x[0]} and ${cotangent[0]}`,
      );
    }
    requireCotangentSize(
      NAME,
      cotangent,
      convolutionOutputSize(NAME, [x[1]!, x[2]!], kernel, strides, padding),
    );
    return [kernel[0], kernel[1], x[3]!, cotangent[3]!];
  },
  gradient({ builder, inputs, attributes: { strides, padding }, cotangent: outer, wanted }) {
    const [x, inner] = [inputs[0]!, inputs[1]!];
    const [, height, width] = builder.shape(x);
    return [
      wanted[0] === true
        ? builder.emit('conv_input_gradient', [inner, outer], { strides, padding, size: [height!, width!] })
        : undefined,
      wanted[1] === true ? conv(builder, x, outer, { strides, padding }) : undefined,
    ];
  },
  evaluate([x, cotangent], { strides, padding, kernel }, shape) {
    const [batch, height, width, channels] = x!.shape as [number, number, number, number];
    const [outHeight, outWidth, outChannels] = cotangent!.shape.slice(1) as [number, number, number];
    const result = new Float64Array(elementCount(shape));
    const [xs, gs] = [x!.data, cotangent!.data];
    forEachMeeting(
      {
        batch,
        input: [height, width, channels],
        kernel,
        output: [outHeight, outWidth, outChannels],
        strides,
        padding,
      },
      (atX, atFilter, atY) => {
        for (let c = 0; c < channels; c++) {
          const value = xs[atX + c]!;
          const row = atFilter + c * outChannels;
          for (let o = 0; o < outChannels; o++) result[row + o]! += value * gs[atY + o]!;
        }
      },
    );
    return result;
  },
};
