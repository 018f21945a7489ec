import { expect, it } from 'vitest';
import { setEnvironment, settingsIn } from './environment.js';

it('what the user has set stands, but for TF32 in precise runs', () => {
  const own: Record<string, string | undefined> = { TF_DETERMINISTIC_OPS: '0', NVIDIA_TF32_OVERRIDE: '1' };
  setEnvironment(own);
  expect(own).toEqual({
    TF_DETERMINISTIC_OPS: '0',
    TF_FORCE_GPU_ALLOW_GROWTH: 'true',
    TF_NUM_INTEROP_THREADS: '1',
    TF_CPP_MIN_LOG_LEVEL: '2',
    NVIDIA_TF32_OVERRIDE: '1',
  });
  setEnvironment(own, { precise: true });
  expect(own['NVIDIA_TF32_OVERRIDE']).toBe('0');
});

it("tells which settings are the user's and which are ours", () => {
  expect(settingsIn({ TF_CPP_MIN_LOG_LEVEL: '0', CUDA_VISIBLE_DEVICES: '1', HOME: '/' })).toEqual([
    { name: 'TF_DETERMINISTIC_OPS', value: '1', own: false },
    { name: 'TF_FORCE_GPU_ALLOW_GROWTH', value: 'true', own: false },
    { name: 'TF_NUM_INTEROP_THREADS', value: '1', own: false },
    { name: 'TF_CPP_MIN_LOG_LEVEL', value: '0', own: true },
    { name: 'CUDA_VISIBLE_DEVICES', value: '1', own: true },
  ]);
});
