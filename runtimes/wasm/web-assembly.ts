/**
 * The part of the WebAssembly JavaScript interface that is used here. It is in no ECMAScript library file, and the
 * libraries that have it bring a whole browser along.
 */
export interface WasmMemory {
  readonly buffer: ArrayBufferLike;
  grow(pages: number): number;
}

export type WasmExports = Readonly<Record<string, unknown>>;

interface WebAssemblyInterface {
  validate(bytes: Uint8Array): boolean;
  compile(bytes: Uint8Array): Promise<object>;
  instantiate(module: object, imports: object): Promise<{ readonly exports: WasmExports }>;
  readonly Memory: new (description: { initial: number; maximum?: number; shared?: boolean }) => WasmMemory;
  readonly Global: new (description: { value: 'i32'; mutable: boolean }, value: number) => object;
}

export const webAssembly = (globalThis as unknown as { readonly WebAssembly: WebAssemblyInterface })
  .WebAssembly;
