/** conv: 2-D cross-correlation. Its gradients are conv_input_gradient and conv_filter_gradient. */
import { convolutionOutputSize, forEachMeeting } from './convolution-geometry.js';
import type { OpDefinition } from './op.js';
import { elementCount, refuse, requireInputs, requireRank, showShape } from './shape-checks.js';

export const conv: OpDefinition<'conv'> = {
  doc: '(input NHWC, filter HWIO) -> NHWC: 2-D cross-correlation with zero padding per side.',
  shape(inputs, { strides, padding }) {
    requireInputs('conv', inputs, 2);
    const [x, filter] = [inputs[0]!, inputs[1]!];
    requireRank('conv', 'the input', x, 4);
    requireRank('conv', 'the filter', filter, 4);
    if (x[3] !== filter[2]) {
      refuse(
        'conv',
        `the input ${showShape(x)} has ${x[3]} channels, the filter ${showShape(filter)} takes ${filter[2]}`,
      );
    }
    const size = convolutionOutputSize('conv', [x[1]!, x[2]!], [filter[0]!, filter[1]!], strides, padding);
    return [x[0]!, ...size, filter[3]!];
  },
  gradient({ builder, inputs, attributes: { strides, padding }, cotangent, wanted }) {
    const [x, filter] = [inputs[0]!, inputs[1]!];
    const [, height, width] = builder.shape(x);
    const [kernelHeight, kernelWidth] = builder.shape(filter);
    return [
      wanted[0] === true
        ? builder.emit('conv_input_gradient', [cotangent, filter], {
            strides,
            padding,
            size: [height!, width!],
          })
        : undefined,
      wanted[1] === true
        ? builder.emit('conv_filter_gradient', [x, cotangent], {
            strides,
            padding,
            kernel: [kernelHeight!, kernelWidth!],
          })
        : undefined,
    ];
  },
  evaluate([x, filter], { strides, padding }, shape) {
    const [batch, height, width, channels] = x!.shape as [number, number, number, number];
    const [outHeight, outWidth, outChannels] = shape.slice(1) as [number, number, number];
    const kernel = [filter!.shape[0]!, filter!.shape[1]!] as const;
    const result = new Float64Array(elementCount(shape));
    const [xs, ws] = [x!.data, filter!.data];
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
          for (let o = 0; o < outChannels; o++) result[atY + o]! += value * ws[row + o]!;
        }
      },
    );
    return result;
  },
};
