/** What `setup cuda` leaves beside the addon, for those who ask later what it was made of. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const SOURCES = ['stock', 'pip', 'wheel', 'folder'] as const;
export type TensorflowSource = (typeof SOURCES)[number];

export interface SetupRecord {
  readonly from: TensorflowSource;
  /** What was asked for: the path of a wheel or folder, a requirement of pip, an address. */
  readonly source: string;
  /** The version that the addon tells. */
  readonly tensorflow: string;
  /** Whether TensorFlow was built with CUDA; absent where it does not say. */
  readonly cuda?: boolean | undefined;
  /** The compiler, or `prebuilt`. */
  readonly addon: string;
  /** ISO 8601. */
  readonly date: string;
}

const FILE = 'began-compile.json';

export function writeSetupRecord(folder: string, record: SetupRecord): void {
  writeFileSync(join(folder, FILE), `${JSON.stringify(record, undefined, 2)}\n`);
}

export function readSetupRecord(folder: string): SetupRecord | undefined {
  const path = join(folder, FILE);
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as SetupRecord) : undefined;
}
