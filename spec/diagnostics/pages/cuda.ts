import { command, type Pages } from './page.js';

export const CUDA_PAGES: Pages<'cuda'> = {
  'cuda/package-missing': {
    explanation:
      'CUDA is reached through TensorFlow, which the optional package `@tensorflow/tfjs-node-gpu` brings to Node. npm installs ' +
      'it with the others, and takes it away again without an error where its download of TensorFlow fails. ' +
      '`setup cuda` installs it and says what goes wrong.',
    bad: command('began-compile run faces.yaml --backend cuda', 'The package is not installed.'),
    good: command('began-compile setup cuda', 'The package, its addon and TensorFlow are there afterwards.'),
  },
  'cuda/addon-missing': {
    explanation:
      'The package is JavaScript round a native addon, `tfjs_binding.node`, which its install script downloads or compiles. ' +
      'That script has not run (`--ignore-scripts`, or a newer npm that asks first), or has failed.',
    bad: command('began-compile run faces.yaml --backend cuda', 'The package came without its addon.'),
    good: command('began-compile setup cuda', 'The addon is there afterwards.'),
  },
  'cuda/library-missing': {
    explanation:
      'The native addon is there and the system cannot load it. Mostly the TensorFlow library it was built for has been ' +
      'deleted or moved; the message carries what the loader says.',
    bad: command('began-compile run faces.yaml --backend cuda', 'The folder of TensorFlow was moved.'),
    good: command('began-compile setup cuda', 'The addon is built for the library that is there.'),
  },
  'cuda/no-gpu': {
    explanation:
      'TensorFlow runs, and finds no GPU it can use: there is no NVIDIA driver, its CUDA libraries are missing, or the GPU is ' +
      'newer than the library. TensorFlow alone would go on on the CPU and say nothing, so this is an error here. ' +
      '`--allow-cpu` asks for the CPU, and every output of the run says so.',
    bad: command('began-compile run faces.yaml --backend cuda', 'The machine has no GPU.'),
    good: command('began-compile run faces.yaml --backend cuda --allow-cpu', 'The CPU was asked for.'),
  },
};
