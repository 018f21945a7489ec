/** Passes between timestamps of the device. */
import type { Span } from '../profilable.js';

/** The most queries of a set. */
const MOST_QUERIES = 4096;
/** Where results of a set may be resolved to: multiples of this. */
const RESOLVE_BYTES = 256;

export class TimestampQueries {
  readonly #device: GPUDevice;
  readonly #sets: readonly GPUQuerySet[];
  readonly #resolved: GPUBuffer;
  readonly #read: GPUBuffer;

  /** For runs of up to `passes` passes. The device needs the feature `timestamp-query`. */
  constructor(device: GPUDevice, passes: number) {
    this.#device = device;
    const sets = Math.max(1, Math.ceil((2 * passes) / MOST_QUERIES));
    this.#sets = Array.from({ length: sets }, () =>
      device.createQuerySet({ type: 'timestamp', count: MOST_QUERIES }),
    );
    const size = Math.ceil((sets * MOST_QUERIES * 8) / RESOLVE_BYTES) * RESOLVE_BYTES;
    this.#resolved = device.createBuffer({
      size,
      usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC,
    });
    this.#read = device.createBuffer({ size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
  }

  /** Runs each in a pass of its own, all in one submission. Starts are counted from the first pass's. */
  async time(records: readonly ((pass: GPUComputePassEncoder) => void)[]): Promise<readonly Span[]> {
    if (records.length === 0) return [];
    const encoder = this.#device.createCommandEncoder();
    records.forEach((record, i) => {
      const begin = (2 * i) % MOST_QUERIES;
      const pass = encoder.beginComputePass({
        timestampWrites: {
          querySet: this.#sets[Math.floor((2 * i) / MOST_QUERIES)]!,
          beginningOfPassWriteIndex: begin,
          endOfPassWriteIndex: begin + 1,
        },
      });
      record(pass);
      pass.end();
    });
    const count = 2 * records.length;
    this.#sets.forEach((set, i) => {
      const own = Math.min(MOST_QUERIES, count - i * MOST_QUERIES);
      if (own > 0) encoder.resolveQuerySet(set, 0, own, this.#resolved, i * MOST_QUERIES * 8);
    });
    encoder.copyBufferToBuffer(this.#resolved, 0, this.#read, 0, count * 8);
    this.#device.queue.submit([encoder.finish()]);
    await this.#read.mapAsync(GPUMapMode.READ, 0, count * 8);
    const nanoseconds = new BigUint64Array(this.#read.getMappedRange(0, count * 8));
    const first = nanoseconds[0]!;
    const spans = records.map((_, i) => {
      const [start, end] = [nanoseconds[2 * i]!, nanoseconds[2 * i + 1]!];
      // Clocks of devices may be set while they run: what went backwards was short.
      return { start: Number(start - first) / 1e6, duration: Math.max(0, Number(end - start) / 1e6) };
    });
    this.#read.unmap();
    return spans;
  }
}
