/** What classes are called, in a checkpoint: samples can then be asked for by name. */
import { DiagnosticError } from '../../spec/diagnostics/diagnostic.js';
import type { Checkpoint } from '../training/checkpoint.js';
import type { TrainingSession } from '../training/session.js';
import { parseJson } from './parse-json.js';

/** By data stream. */
export type ClassNames = Readonly<Record<string, readonly string[]>>;

/** For `extra` of a checkpoint. */
export function writeClassNames({ streams }: TrainingSession): Readonly<Record<string, string>> {
  const names = [...streams].flatMap(([name, { labels }]) =>
    labels === undefined ? [] : [[name, labels.classes] as const],
  );
  return names.length === 0 ? {} : { classes: JSON.stringify(Object.fromEntries(names)) };
}

/** Throws DiagnosticError run/checkpoint-corrupt. Checkpoints of version 0.1 hold no names. */
export function readClassNames({ extra, file }: Pick<Checkpoint, 'extra' | 'file'>): ClassNames {
  const names = extra['classes'];
  if (names === undefined) return {};
  const value = parseJson(names);
  if (isClassNames(value)) return value;
  throw new DiagnosticError({
    code: 'run/checkpoint-corrupt',
    severity: 'error',
    message: `\`${file}\` cannot be read as a checkpoint: its names of classes are damaged`,
  });
}

const isClassNames = (value: unknown): value is ClassNames =>
  typeof value === 'object' &&
  value !== null &&
  Object.values(value).every(
    (names) => Array.isArray(names) && names.every((name) => typeof name === 'string'),
  );
