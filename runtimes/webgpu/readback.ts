/**
 * Pieces of the program's memory on their way to the host: copied when a run is encoded, mapped when one is read. What
 * one run left can still be read once others follow: each has a buffer of its own until it was read. A buffer that is
 * being mapped cannot be copied to, so there are as many as there are runs on their way.
 */

interface Piece {
  /** In the program's memory, in bytes. */
  readonly offset: number;
  readonly elements: number;
}

export class Readback {
  readonly #device: GPUDevice;
  readonly #memory: GPUBuffer;
  readonly #size: number;
  /** Each with where it lies in a buffer, in bytes. */
  readonly #pieces = new Map<string, Piece & { readonly at: number }>();
  readonly #all: GPUBuffer[] = [];
  readonly #free: GPUBuffer[] = [];
  #last: Copy | undefined;

  constructor(device: GPUDevice, memory: GPUBuffer, pieces: ReadonlyMap<string, Piece>) {
    let size = 0;
    for (const [name, piece] of pieces) {
      this.#pieces.set(name, { ...piece, at: size });
      size += piece.elements * 4;
    }
    this.#size = Math.max(4, size);
    this.#device = device;
    this.#memory = memory;
  }

  holds(name: string): boolean {
    return this.#pieces.has(name);
  }

  /** Buffers made so far. */
  get buffers(): number {
    return this.#all.length;
  }

  copy(encoder: GPUCommandEncoder): void {
    const buffer = this.#last?.abandon() ?? this.#free.pop() ?? this.#make();
    for (const { offset, elements, at } of this.#pieces.values())
      encoder.copyBufferToBuffer(this.#memory, offset, buffer, at, elements * 4);
    this.#last = new Copy(buffer, this.#pieces, () => this.#free.push(buffer));
  }

  /** What the last `copy` took, however many follow. */
  take(): Copy {
    if (this.#last === undefined) throw new Error('nothing was run yet');
    this.#last.keep();
    return this.#last;
  }

  dispose(): void {
    for (const buffer of this.#all) buffer.destroy();
  }

  #make(): GPUBuffer {
    const buffer = this.#device.createBuffer({
      size: this.#size,
      usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    });
    this.#all.push(buffer);
    return buffer;
  }
}

/** The pieces as one run left them. */
export class Copy {
  readonly #buffer: GPUBuffer;
  readonly #pieces: ReadonlyMap<string, Piece & { readonly at: number }>;
  readonly #release: () => void;
  #kept = false;
  #values: Promise<ReadonlyMap<string, Float32Array>> | undefined;

  constructor(
    buffer: GPUBuffer,
    pieces: ReadonlyMap<string, Piece & { readonly at: number }>,
    release: () => void,
  ) {
    this.#buffer = buffer;
    this.#pieces = pieces;
    this.#release = release;
  }

  keep(): void {
    this.#kept = true;
  }

  /** The buffer, where nobody can ask for what is in it any more. */
  abandon(): GPUBuffer | undefined {
    return this.#kept ? undefined : this.#buffer;
  }

  /** A copy that the caller may keep. */
  async read(name: string): Promise<Float32Array> {
    this.#values ??= this.#map();
    return (await this.#values).get(name)!.slice();
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
    this.#release();
    return values;
  }
}
