/** conv_input_gradient: the adjoint of conv in its input; bilinear in cotangent and filter, so its gradients are conv and conv_filter_gradient. */
import { conv } from '../graph/construct.js';
import { convolutionOutputSize, forEachMeeting, requireCotangentSize } from './convolution-geometry.js';
import type { OpDefinition } from './op.js';
import { elementCount, refuse, requireInputs, requireRank, requireSizes, showShape } from './shape-checks.js';

const NAME = 'conv_input_gradient';

export const conv_input_gradient: OpDefinition<typeof NAME> = {
  doc: '(cotangent NHWC, filter HWIO) -> NHWC of the given height and width: the gradient of conv in its input.',
  shape(inputs, { strides, padding, size }) {
    requireInputs(NAME, inputs, 2);
    const [cotangent, filter] = [inputs[0]!, inputs[1]!];
    requireRank(NAME, 'the cotangent', cotangent, 4);
    requireRank(NAME, 'the filter', filter, 4);
    requireSizes(NAME, 'the size', size);
    if (cotangent[3] !== filter[3]) {
      refuse(
        NAME,
        `the cotangent ${showShape(cotangent)} has ${cotangent[3]} channels, the filter ${showShape(filter)} gives ${filter[3]}`,
      );
    }
    requireCotangentSize(
      NAME,
      cotangent,
      convolutionOutputSize(NAME, size, [filter[0]!, filter[1]!], strides, padding),
    );
    return [cotangent[0]!, size[0], size[1], filter[2]!];
  },
  gradient({ builder, inputs, attributes: { strides, padding }, cotangent: outer, wanted }) {
    const [inner, filter] = [inputs[0]!, inputs[1]!];
    const [kernelHeight, kernelWidth] = builder.shape(filter);
    return [
      wanted[0] === true ? conv(builder, outer, filter, { strides, padding }) : undefined,
      wanted[1] === true
        ? builder.emit('conv_filter_gradient', [outer, inner], {
            strides,
            padding,
            kernel: [kernelHeight!, kernelWidth!],
          })
        : undefined,
    ];
  },
  evaluate([cotangent, filter], { strides, padding }, shape) {
    const [batch, height, width, channels] = shape as [number, number, number, number];
    const [outHeight, outWidth, outChannels] = cotangent!.shape.slice(1) as [number, number, number];
    const kernel = [filter!.shape[0]!, filter!.shape[1]!] as const;
    const result = new Float64Array(elementCount(shape));
    const [gs, ws] = [cotangent!.data, filter!.data];
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
          const row = atFilter + c * outChannels;
          let sum = 0;
          for (let o = 0; o < outChannels; o++) sum += gs[atY + o]! * ws[row + o]!;
          result[atX + c]! += sum;
        }
      },
    );
    return result;
  },
};
