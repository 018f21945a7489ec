/**
 * What TensorFlow reads from the environment when its library is loaded; sessions of the addon take no other settings.
 * All but `--precise` is a default: what the user has set stands.
 *
 * - TF_DETERMINISTIC_OPS: the same numbers in every run, so that a resumed run is the run that never stopped.
 * - TF_FORCE_GPU_ALLOW_GROWTH: GPU memory as it is needed instead of nearly all of it at the start.
 * - TF_NUM_INTEROP_THREADS: one thread hands out the ops of a graph, which halves the time of small ones; ops still share
 *   the work inside them among all cores.
 * - NVIDIA_TF32_OVERRIDE=0: float32 as it is, without the 10-bit mantissas of TF32 in convolutions and matrix products.
 */
const DEFAULTS: Readonly<Record<string, string>> = {
  TF_DETERMINISTIC_OPS: '1',
  TF_FORCE_GPU_ALLOW_GROWTH: 'true',
  TF_NUM_INTEROP_THREADS: '1',
  TF_CPP_MIN_LOG_LEVEL: '2',
};

/** Further variables that change what TensorFlow does, or where CUDA is found. */
const OTHERS = ['NVIDIA_TF32_OVERRIDE', 'CUDA_VISIBLE_DEVICES', 'LD_LIBRARY_PATH', 'TF_XLA_FLAGS'] as const;

type Environment = Readonly<Record<string, string | undefined>>;

export function setEnvironment(
  environment: Record<string, string | undefined>,
  { precise = false }: { readonly precise?: boolean | undefined } = {},
): void {
  for (const [name, value] of Object.entries(DEFAULTS)) environment[name] ??= value;
  if (precise) environment['NVIDIA_TF32_OVERRIDE'] = '0';
}

export interface Setting {
  readonly name: string;
  readonly value: string;
  /** Whether it stood in the environment; ours otherwise. */
  readonly own: boolean;
}

/** The settings that a run in this environment would have. */
export function settingsIn(environment: Environment): readonly Setting[] {
  const set: Record<string, string | undefined> = { ...environment };
  setEnvironment(set);
  return [...Object.keys(DEFAULTS), ...OTHERS].flatMap((name) => {
    const value = set[name];
    return value === undefined ? [] : [{ name, value, own: environment[name] !== undefined }];
  });
}
