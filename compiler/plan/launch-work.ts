/**
 * About how long a launch takes on one thread, in nanoseconds: coarse, for deciding what is worth handing to threads. The
 * factors are what kernels of faces-32 took on one core of a server.
 */
import { launchCost } from './cost.js';
import type { Launch } from './kernel.js';

const PER_MULTIPLY_ADD = 0.04;
const PER_OPERATION = 0.2;
const PER_ELEMENT = 0.3;
/** Of a call alone. */
const PER_LAUNCH = 20;

export function launchWork(launch: Pick<Launch, 'kernel' | 'multiplyAdds'>): number {
  const { multiplyAdds, operations, reads, writes } = launchCost(launch);
  return (
    PER_LAUNCH + multiplyAdds * PER_MULTIPLY_ADD + operations * PER_OPERATION + (reads + writes) * PER_ELEMENT
  );
}
