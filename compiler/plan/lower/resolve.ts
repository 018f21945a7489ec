/** From a body whose loads are views to one whose loads are strides. */
import type { BodyWriter } from '../body.js';
import { NeedsStorage } from '../fuse.js';
import type { Access, Instruction } from '../kernel.js';
import { plainStrides } from '../view.js';

/** No domain fits all loads: the first that is no plain run must be stored. */
export function refused(...writers: readonly Pick<BodyWriter, 'loads'>[]): NeedsStorage {
  for (const writer of writers)
    for (const load of writer.loads) {
      if (load.seenAs !== load.leaf && plainStrides(load.view) === undefined)
        return new NeedsStorage(load.seenAs);
    }
  throw new Error('internal: plain loads do not fit together');
}

export function resolved(writer: Pick<BodyWriter, 'instructions'>, loads: readonly Access[]): Instruction[] {
  return writer.instructions.map((instruction) =>
    instruction.op === 'load' ? { op: 'load', access: loads[instruction.load]! } : instruction,
  );
}
