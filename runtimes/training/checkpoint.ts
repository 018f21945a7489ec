/**
 * A run in one file: every state tensor (weights, moments, controllers, registers) as safetensors, and in its
 * metadata the spec's text, counters, data cursors, hyper values, seed, engine and versions. A session restored
 * from it continues bit for bit on the same engine.
 */
import type { Program, StateDeclaration } from '../../compiler/program.js';
import { DiagnosticError } from '../../spec/diagnostics/diagnostic.js';
import type { Diagnostic } from '../../spec/diagnostics/diagnostic.js';
import { crc32 } from './crc32.js';
import { elementCount } from './feeds.js';
import { decodeSafetensors, encodeSafetensors, SafetensorsError } from './safetensors.js';
import type { Tensor } from './safetensors.js';
import type { Progress, TrainingSession } from './session.js';

const FORMAT = 'began-compile checkpoint 1';
const SHOWN_DIFFERENCES = 6;

export interface CheckpointContext {
  /** The text of the spec, so that the file alone can be sampled from. */
  readonly spec: { readonly name: string; readonly text: string };
  /** With its options where they change bits: 'wasm relaxed-simd'. */
  readonly engine: string;
  /** Of began-compile, Node and whatever else a reader may want to know. */
  readonly versions: Readonly<Record<string, string>>;
  /** Anything the caller wants back: seconds trained, the sampling seed. */
  readonly extra?: Readonly<Record<string, string>> | undefined;
}

export interface Checkpoint extends CheckpointContext {
  /** The file's name, for messages. */
  readonly file: string;
  readonly progress: Progress;
  readonly extra: Readonly<Record<string, string>>;
  readonly tensors: ReadonlyMap<string, Tensor>;
}

/** Sums over the parts of a phase are 0 between steps. */
const isKept = ({ role }: StateDeclaration): boolean => role !== 'sum';

/** The bytes of a checkpoint file. */
export async function saveCheckpoint(
  session: TrainingSession,
  context: CheckpointContext,
): Promise<Uint8Array> {
  const tensors = new Map<string, Tensor>();
  for (const { name, shape } of session.program.state.filter(isKept)) {
    tensors.set(name, { dtype: 'F32', shape, data: await session.executable.readState(name) });
  }
  const metadata = new Map([
    ['format', FORMAT],
    ['spec', context.spec.text],
    ['spec_name', context.spec.name],
    ['engine', context.engine],
    ['versions', JSON.stringify(context.versions)],
    ['extra', JSON.stringify(context.extra ?? {})],
    ['progress', JSON.stringify(session.progress)],
    ['checksum', String(checksum(tensors))],
  ]);
  return encodeSafetensors({ metadata, tensors });
}

/** CRC-32 of all tensors' bytes in order. */
function checksum(tensors: ReadonlyMap<string, Tensor>): number {
  const total = [...tensors.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
  const bytes = new Uint8Array(total);
  let offset = 0;
  for (const { data } of tensors.values()) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset);
    offset += data.byteLength;
  }
  return crc32(bytes);
}

/**
 * Reads a checkpoint file. Throws DiagnosticError run/checkpoint-corrupt where the file is damaged, cut off or
 * something else.
 */
export function readCheckpoint(bytes: Uint8Array, file: string): Checkpoint {
  const corrupt = (why: string) =>
    new DiagnosticError({
      code: 'run/checkpoint-corrupt',
      severity: 'error',
      message: `\`${file}\` cannot be read as a checkpoint: ${why}`,
    });
  try {
    const { metadata, tensors } = decodeSafetensors(bytes);
    const text = (key: string): string => {
      const value = metadata.get(key);
      if (value === undefined) throw new SafetensorsError(`its metadata has no \`${key}\``);
      return value;
    };
    const format = metadata.get('format');
    if (format === undefined || !format.startsWith('began-compile checkpoint')) {
      throw new SafetensorsError('it is a safetensors file, but not of began-compile');
    }
    if (format !== FORMAT) {
      throw new SafetensorsError(`it is a \`${format}\`, this version reads \`${FORMAT}\``);
    }
    if (text('checksum') !== String(checksum(tensors))) throw new SafetensorsError('its checksum is wrong');
    return {
      file,
      spec: { name: text('spec_name'), text: text('spec') },
      engine: text('engine'),
      versions: parseTexts(text('versions'), 'versions'),
      extra: parseTexts(text('extra'), 'extra'),
      progress: parseProgress(text('progress')),
      tensors,
    };
  } catch (error) {
    if (error instanceof SafetensorsError) throw corrupt(error.message);
    throw error;
  }
}

/**
 * Writes a checkpoint's state into a session and continues where it was taken. Gives an information where the
 * engine is another one. Throws DiagnosticError run/checkpoint-mismatch, before anything is written, where tensors,
 * phases or data are not those of the session's program.
 */
export async function restoreCheckpoint(
  session: TrainingSession,
  checkpoint: Checkpoint,
  engine: string,
): Promise<readonly Diagnostic[]> {
  const differences = [
    ...differentTensors(session.program.state, checkpoint.tensors),
    ...differentProgress(session, checkpoint.progress),
  ];
  refuseDifferences(checkpoint, differences);
  for (const [name, { data }] of checkpoint.tensors) await session.executable.writeState(name, data);
  for (const { name, shape } of session.program.state.filter((declaration) => !isKept(declaration))) {
    await session.executable.writeState(name, new Float32Array(elementCount(shape)));
  }
  session.resume(checkpoint.progress);
  if (checkpoint.engine === engine) return [];
  return [
    {
      code: 'run/checkpoint-mismatch',
      severity: 'information',
      message: `\`${checkpoint.file}\` was written by the engine ${checkpoint.engine} and goes on with ${engine}`,
      note: 'The run continues from the same state, but not bit for bit as it would have gone on there.',
    },
  ];
}

/** Throws DiagnosticError run/checkpoint-mismatch unless a checkpoint holds the state of a program, tensor by tensor. */
export function requireTensors({ state }: Pick<Program, 'state'>, checkpoint: Checkpoint): void {
  refuseDifferences(checkpoint, differentTensors(state, checkpoint.tensors));
}

function refuseDifferences(checkpoint: Checkpoint, differences: readonly string[]): void {
  if (differences.length === 0) return;
  const shown = differences.slice(0, SHOWN_DIFFERENCES);
  const rest = differences.length - shown.length;
  throw new DiagnosticError({
    code: 'run/checkpoint-mismatch',
    severity: 'error',
    message: `\`${checkpoint.file}\` is not a checkpoint of this spec: ${[...shown, ...(rest > 0 ? [`${rest} more`] : [])].join('; ')}`,
    note: `It was written for \`${checkpoint.spec.name}\`, whose text it holds.`,
    help: 'Resume with the spec it was written for, or start a new run.',
  });
}

function differentTensors(
  declared: readonly StateDeclaration[],
  tensors: ReadonlyMap<string, Tensor>,
): readonly string[] {
  const show = (shape: readonly number[]) => `[${shape.join(', ')}]`;
  const kept = declared.filter(isKept);
  const names = new Set(kept.map(({ name }) => name));
  const differences: string[] = [];
  for (const { name, shape } of kept) {
    const tensor = tensors.get(name);
    if (tensor === undefined) differences.push(`\`${name}\` is missing`);
    else if (tensor.dtype !== 'F32')
      differences.push(`\`${name}\` is of type ${tensor.dtype} instead of F32`);
    else if (tensor.shape.join() !== shape.join()) {
      differences.push(`\`${name}\` is ${show(tensor.shape)} instead of ${show(shape)}`);
    }
  }
  for (const name of tensors.keys())
    if (!names.has(name)) differences.push(`\`${name}\` is unknown to the spec`);
  return differences;
}

function differentProgress(session: TrainingSession, progress: Progress): readonly string[] {
  const differences: string[] = [];
  for (const { name } of session.program.phases) {
    if (progress.executions[name] === undefined) differences.push(`phase \`${name}\` has no count`);
  }
  for (const [name, stream] of session.streams) {
    const cursor = progress.cursors[name];
    // A checkpoint of a session without data (one that only sampled) has no cursor: the stream starts anew.
    if (cursor !== undefined && cursor.position > stream.count) {
      differences.push(
        `its place in the data \`${name}\` is example ${cursor.position} of an epoch, and there are ${stream.count}`,
      );
    }
  }
  return differences;
}

function parseJson(text: string, what: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new SafetensorsError(`its ${what} is not JSON`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new SafetensorsError(`its ${what} is not a mapping`);
  }
  return value as Readonly<Record<string, unknown>>;
}

function parseTexts(text: string, what: string): Readonly<Record<string, string>> {
  const texts: Record<string, string> = {};
  for (const [key, value] of Object.entries(parseJson(text, what))) {
    if (typeof value !== 'string') throw new SafetensorsError(`its ${what} \`${key}\` is not a text`);
    texts[key] = value;
  }
  return texts;
}

function parseProgress(text: string): Progress {
  const value = parseJson(text, 'progress');
  const count = (number: unknown, what: string): number => {
    if (Number.isSafeInteger(number) && (number as number) >= 0) return number as number;
    throw new SafetensorsError(`its progress has no valid ${what}`);
  };
  const record = <T>(key: string, read: (entry: unknown, name: string) => T): Readonly<Record<string, T>> => {
    const entries = value[key];
    if (typeof entries !== 'object' || entries === null) {
      throw new SafetensorsError(`its progress has no valid ${key}`);
    }
    return Object.fromEntries(Object.entries(entries).map(([name, entry]) => [name, read(entry, name)]));
  };
  return {
    seed: count(value['seed'], 'seed'),
    step: count(value['step'], 'step'),
    executions: record('executions', (entry, name) => count(entry, `count of phase \`${name}\``)),
    cursors: record('cursors', (entry, name) => {
      const cursor = (entry ?? {}) as Readonly<Record<string, unknown>>;
      return {
        epoch: count(cursor['epoch'], `epoch of \`${name}\``),
        position: count(cursor['position'], `position of \`${name}\``),
      };
    }),
    hyper: record('hyper', (entry, name) => {
      if (typeof entry === 'number') return entry;
      throw new SafetensorsError(`its progress has no valid hyper value \`${name}\``);
    }),
    // Files of version 0.1 do not say: there was nothing that could stop a run.
    stopped: value['stopped'] === true,
  };
}
