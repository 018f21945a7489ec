/** What the page and the worker that trains say to each other. */
import type { Picture } from 'began-compile/web';

export type Order =
  | {
      readonly kind: 'start';
      readonly spec: string;
      readonly backend: 'wasm' | 'webgpu' | undefined;
      /** The address where the data lies. */
      readonly folder: string;
    }
  | { readonly kind: 'pause' }
  | { readonly kind: 'go on' }
  | { readonly kind: 'hyper'; readonly name: string; readonly value: number };

export type Report =
  | {
      readonly kind: 'ready';
      readonly engine: string;
      readonly steps: number;
      readonly metrics: readonly string[];
      readonly hyper: Readonly<Record<string, number>>;
    }
  /** Means over the steps since the last report. */
  | {
      readonly kind: 'progress';
      readonly step: number;
      readonly stepsPerSecond: number;
      readonly metrics: Readonly<Record<string, number>>;
    }
  | { readonly kind: 'samples'; readonly step: number; readonly picture: Picture }
  | { readonly kind: 'done'; readonly step: number }
  | { readonly kind: 'failed'; readonly message: string };
