/** Pieces of the program's memory on their way to the host: copied when a run is encoded, mapped when one is read. */

interface Piece {
  /** In the program's memory, in bytes. */
  readonly offset: number;
  readonly elements: number;
}

export class Readback {
  readonly #memory: GPUBuffer;
  readonly #buffer: GPUBuffer;
  /** Each with where it lies in the buffer, in bytes. */
  readonly #pieces = new Map<string, Piece & { readonly at: number }>();
  /** What the last copy held, once it was mapped. */
  #values: Promise<ReadonlyMap<string, Float32Array>> | undefined;

  constructor(device: GPUDevice, memory: GPUBuffer, pieces: ReadonlyMap<string, Piece>) {
    let size = 0;
    for (const [name, piece] of pieces) {
      this.#pieces.set(name, { ...piece, at: size });
      size += piece.elements * 4;
    }
    this.#memory = memory;
    this.#buffer = device.createBuffer({
      size: Math.max(4, size),
      usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    });
  }

  holds(name: string): boolean {
    return this.#pieces.has(name);
  }

  copy(encoder: GPUCommandEncoder): void {
    this.#values = undefined;
    for (const { offset, elements, at } of this.#pieces.values())
      encoder.copyBufferToBuffer(this.#memory, offset, this.#buffer, at, elements * 4);
  }

  /** A copy that the caller may keep, of what the last `copy` took. */
  async read(name: string): Promise<Float32Array> {
    this.#values ??= this.#map();
    return (await this.#values).get(name)!.slice();
  }

  dispose(): void {
    this.#buffer.destroy();
  }

  async #map(): Promise<ReadonlyMap<string, Float32Array>> {
    await this.#buffer.mapAsync(GPUMapMode.READ);
    const bytes = this.#buffer.getMappedRange();
    const values = new Map(
      [...this.#pieces].map(([name, { at, elements }]) => [
        name,
        new Float32Array(bytes, at, elements).slice(),
      ]),
    );
    this.#buffer.unmap();
    return values;
  }
}
