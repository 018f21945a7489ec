/** What WebAssembly can do here: a module of one instruction is valid where the instruction is known. */
import { webAssembly } from './web-assembly.js';

const MAGIC = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
/** Type section with `() -> v128`, and a function section with one function of that type. */
const GIVES_VECTOR = [0x01, 0x05, 0x01, 0x60, 0x00, 0x01, 0x7b, 0x03, 0x02, 0x01, 0x00];

/** A code section with one body without locals; everything here is shorter than 128 bytes. */
function code(instructions: readonly number[]): readonly number[] {
  const body = [0x00, ...instructions, 0x0b];
  return [0x0a, body.length + 2, 0x01, body.length, ...body];
}

const I32_ZERO = [0x41, 0x00];
const I32X4_SPLAT = [0xfd, 0x11];
const ZEROS = [...I32_ZERO, ...I32X4_SPLAT];
/** 0xfd 0x105 in LEB128. */
const F32X4_RELAXED_MADD = [0xfd, 0x85, 0x02];

const MODULES = {
  SIMD: [...MAGIC, ...GIVES_VECTOR, ...code(ZEROS)],
  'relaxed SIMD': [...MAGIC, ...GIVES_VECTOR, ...code([...ZEROS, ...ZEROS, ...ZEROS, ...F32X4_RELAXED_MADD])],
  // A shared memory of one page: limits with a maximum (1) that is shared (2).
  threads: [...MAGIC, 0x05, 0x04, 0x01, 0x03, 0x01, 0x01],
} as const;
export type WasmFeature = keyof typeof MODULES;

export const WASM_FEATURES = Object.keys(MODULES) as readonly WasmFeature[];

export const hasWasmFeature = (feature: WasmFeature): boolean =>
  webAssembly.validate(Uint8Array.from(MODULES[feature]));
