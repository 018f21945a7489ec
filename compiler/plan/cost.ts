/** What a launch costs, counted from its plan: arithmetic, and the memory it has to touch at least. */
import type { Cost } from '../graph/cost.js';
import type { Instruction, Kernel, Launch } from './kernel.js';
import { reachesOf } from './reach.js';

/**
 * Multiply-adds are those of the contraction done directly, whatever algorithm a kernel uses. Every element that a launch
 * reads or writes counts once: what caches have to fetch again is not known.
 */
export function launchCost({ kernel, multiplyAdds }: Pick<Launch, 'kernel' | 'multiplyAdds'>): Cost {
  /** By parameter, the most places that one of its accesses touches: several mostly see the same ones. */
  const reads = new Map<number, number>();
  const writes = new Map<number, number>();
  for (const { parameter, sizes, strides, stored } of reachesOf(kernel)) {
    const places = product(sizes.filter((_, i) => strides[i] !== 0));
    const touched = stored ? writes : reads;
    touched.set(parameter, Math.max(touched.get(parameter) ?? 0, places));
  }
  return {
    multiplyAdds,
    operations: operationsOf(kernel),
    reads: sum([...reads.values()]),
    writes: sum([...writes.values()]),
  };
}

/** Instructions of bodies that compute, at every place they run, and the additions or comparisons of reductions. */
function operationsOf(kernel: Kernel): number {
  switch (kernel.kind) {
    case 'pointwise':
    case 'layout':
      return product(kernel.domain) * computing(kernel.body.instructions);
    case 'reduction': {
      const { domain, reduced, prologue, epilogue } = kernel;
      const kept = product(domain.filter((_, i) => reduced[i] !== true));
      return (
        product(domain) * (1 + computing(prologue.instructions)) + kept * computing(epilogue.instructions)
      );
    }
    case 'convolution':
    case 'winograd': {
      const { batch, rows, columns, outputChannels, epilogue } = kernel;
      return batch * rows.output * columns.output * outputChannels * computing(epilogue.instructions);
    }
    case 'dot':
      return kernel.m * kernel.n * computing(kernel.epilogue.instructions);
    case 'scatter':
      return kernel.indices * kernel.length;
    case 'filter_gradient':
    case 'winograd_filter':
    case 'winograd_filter_gradient':
    case 'fill':
    case 'gather':
    case 'argsort':
      return 0;
    default:
      return kernel satisfies never;
  }
}

const computing = (instructions: readonly Instruction[]): number =>
  instructions.filter(({ op }) => op !== 'load' && op !== 'constant' && op !== 'result').length;

const product = (sizes: readonly number[]): number => sizes.reduce((all, size) => all * size, 1);
const sum = (numbers: readonly number[]): number => numbers.reduce((all, number) => all + number, 0);
