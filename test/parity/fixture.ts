/** The recorded numbers of test/fixtures: how they are read and what they mean. */
import { readFileSync } from 'node:fs';
import { drawKey, fillUniform } from '../../compiler/random/stream.js';
import type { RecordedSystem } from './recorded-systems.js';

/** A tensor as recording.py writes it. */
export interface RecordedTensor {
  readonly shape: readonly number[];
  /** Euclidean norm of the whole tensor. */
  readonly norm: number;
  /** Product of the whole tensor with uniforms of [-1, 1) from the site `probe`. */
  readonly probe: number;
  /** `values` holds every `stride`-th element, from the first. */
  readonly stride: number;
  /** Base64 of little-endian float32. */
  readonly values: string;
}

export type RecordedTensors = Readonly<Record<string, RecordedTensor>>;

/** A run of PyTorch. */
export interface RecordedRun {
  readonly seed: number;
  readonly steps: number;
  /** One number per step, by the name of the metric, or of the state (`state/k`) after the step. */
  readonly trace: Readonly<Record<string, readonly number[]>>;
  /** By step, counted from 1, and parameter. */
  readonly gradients: Readonly<Record<'1' | '20', RecordedTensors>>;
  /** End minus start, of every parameter and running statistic. */
  readonly change: RecordedTensors;
}

export interface BeganFixture extends RecordedRun {
  readonly carrySteps: number;
  readonly k0: number;
  readonly gamma: number;
  readonly lambdaK: number;
  readonly networks: {
    readonly size: number;
    readonly filters: number;
    readonly embedding: number;
    readonly batch: number;
    readonly channels: number;
    readonly repeat: number;
  };
  readonly optimizer:
    | { readonly kind: 'sgd'; readonly rate: number }
    | {
        readonly kind: 'adam';
        readonly rate: number;
        readonly beta1: number;
        readonly beta2: number;
        readonly epsilon: number;
      };
  /** Names of the random streams that pictures, latents, probes and weights come from. */
  readonly sites: {
    readonly data: string;
    readonly noise: string;
    readonly initial: string;
  };
  readonly initial: RecordedTensors;
}

export type FixtureName = 'adam' | 'sgd' | 'skip';

export function readFixture(name: FixtureName): BeganFixture {
  return readJson(`began/${name}.json`) as BeganFixture;
}

export function readRecordedRun(name: RecordedSystem): RecordedRun {
  return readJson(`gans/${name}.json`) as RecordedRun;
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(new URL(`../fixtures/${path}`, import.meta.url), 'utf8'));
}

export function recordedSize({ shape }: RecordedTensor): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Every `stride`-th element of the recorded tensor. */
export function recordedValues(recorded: RecordedTensor): Float32Array {
  const bytes = Buffer.from(recorded.values, 'base64');
  return Float32Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(4 * i));
}

function uniforms(seed: number, site: string, execution: number, count: number): Float32Array {
  const values = new Float32Array(count);
  fillUniform(values, drawKey(seed, site, execution), -1, 1);
  return values;
}

/** The pictures [B, S, S, C] and latents [B, h] of one step, counted from 0. */
export function stepFeeds(fixture: BeganFixture, step: number): { x: Float32Array; z: Float32Array } {
  const { batch, size, channels, embedding } = fixture.networks;
  return {
    x: uniforms(fixture.seed, fixture.sites.data, step, batch * size * size * channels),
    z: uniforms(fixture.seed, fixture.sites.noise, step, batch * embedding),
  };
}

/** The fixed vector that recorded tensors are multiplied with: the site `probe` in every fixture. */
export function probeVector({ seed }: RecordedRun, size: number): Float32Array {
  return uniforms(seed, 'probe', 0, size);
}
