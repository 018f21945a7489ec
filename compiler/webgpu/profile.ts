/** What a kind of machine wants its kernels to look like. */
import type { Block } from './contraction.js';

export interface Profile {
  readonly name: string;
  /** The block of results that a thread of a contraction holds in registers, at most. */
  readonly block: Block;
  /** Whether groups share what they read in workgroup memory. */
  readonly tiles: boolean;
  /** Whether the launches of a wave are one dispatch, or one each. */
  readonly joinsWaves: boolean;
}

export const PROFILES = {
  /** A GPU: enough threads to hide its memory's latency. */
  gpu: { name: 'gpu', block: { rows: 4, columns: 4 }, tiles: true, joinsWaves: true },
  /** A driver that runs shaders on a processor: few threads, each with much to do, and nothing won by large shaders. */
  software: { name: 'software', block: { rows: 8, columns: 8 }, tiles: false, joinsWaves: false },
} as const satisfies Record<string, Profile>;
