import { command, type Pages } from './page.js';

export const WEBGPU_PAGES: Pages<'webgpu'> = {
  'webgpu/package-missing': {
    explanation:
      'Browsers have WebGPU themselves; Node reaches GPUs through the package `webgpu`, which holds Dawn for all systems and ' +
      'is therefore not installed with everything else. The version matters: others ask for newer system libraries.',
    bad: command('began-compile run faces.yaml --backend webgpu', 'The package is not installed.'),
    good: command('npm install webgpu@0.6.2', 'The package is there.'),
  },
  'webgpu/no-adapter': {
    explanation:
      'WebGPU is there, and there is no GPU it can use: no driver, or only one that runs shaders on the CPU. Such a driver is ' +
      'many times slower than the backend `wasm`, so it is used only where `--allow-cpu` asks for it, and every output says so.',
    bad: command('began-compile run faces.yaml --backend webgpu', 'The machine has no GPU.'),
    good: command('began-compile run faces.yaml --backend wasm', 'The CPU is what `wasm` is made for.'),
  },
  'webgpu/too-large': {
    explanation:
      'All tensors of a program lie in one buffer, and devices say how large a buffer may be. `began-compile inspect` shows what a ' +
      'program needs; most of it grows with the batch.',
    bad: command('began-compile run faces.yaml --backend webgpu --set train.batch=4096', 'It needs 40 GB.'),
    good: command('began-compile run faces.yaml --backend webgpu --set train.batch=16', 'It fits.'),
  },
  'webgpu/refused': {
    explanation:
      'The driver does not accept a shader or a buffer that the compiler made; the message carries what it says. Mostly that is ' +
      'a mistake in a driver or in this compiler and worth a report.',
    bad: command('began-compile run faces.yaml --backend webgpu', 'The driver is from 2019.'),
    good: command('began-compile run faces.yaml --backend webgpu', 'The driver was updated.'),
  },
  'webgpu/device-lost': {
    explanation:
      'The system took the GPU away while a run was using it: its driver crashed, was updated, or the machine slept. What was in ' +
      'its memory is lost; the last checkpoint is not. The command looks for the GPU for a minute and goes on from there; this ends a ' +
      'run that has no checkpoint yet, or that loses its GPU again before the next one.',
    bad: command('began-compile run faces.yaml --backend webgpu', 'The driver was restarted in step 812.'),
    good: command(
      'began-compile run --resume runs/faces',
      'The run goes on from the checkpoint at step 800.',
    ),
  },
};
