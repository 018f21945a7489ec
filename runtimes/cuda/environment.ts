/**
 * What TensorFlow reads from the environment when its library is loaded; sessions of the addon take no other settings.
 * All but `--precise` is a default: what the user has set stands.
 *
 * - TF_DETERMINISTIC_OPS: the same numbers in every run, so that a resumed run is the run that never stopped.
 * - TF_FORCE_GPU_ALLOW_GROWTH: GPU memory as it is needed instead of nearly all of it at the start.
 * - NVIDIA_TF32_OVERRIDE=0: float32 as it is, without the 10-bit mantissas of TF32 in convolutions and matrix products.
 */
const DEFAULTS: Readonly<Record<string, string>> = {
  TF_DETERMINISTIC_OPS: '1',
  TF_FORCE_GPU_ALLOW_GROWTH: 'true',
  TF_CPP_MIN_LOG_LEVEL: '2',
};

export function setEnvironment(
  environment: Record<string, string | undefined>,
  { precise = false }: { readonly precise?: boolean | undefined } = {},
): void {
  for (const [name, value] of Object.entries(DEFAULTS)) environment[name] ??= value;
  if (precise) environment['NVIDIA_TF32_OVERRIDE'] = '0';
}
