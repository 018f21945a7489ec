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
  'cuda/platform': {
    explanation:
      'CUDA comes with TensorFlow, which is published with it for Linux with glibc on x64 processors. On Windows, WSL 2 is such a ' +
      'Linux; macOS has no NVIDIA driver. Elsewhere `--backend wasm` runs the same specs.',
    bad: command('began-compile setup cuda', 'It is typed on macOS.'),
    good: command('began-compile run faces.yaml', 'The backend `wasm` needs nothing installed.'),
  },
  'cuda/no-driver': {
    explanation:
      'The setup takes the TensorFlow that fits the driver and the CUDA libraries of the machine, and this machine has no driver. ' +
      'Either the driver is missing, or the setup prepares an image for machines that have one: then it is told what to take.',
    bad: command('began-compile setup cuda', 'The machine builds images and has no GPU.'),
    good: command(
      'began-compile setup cuda --tensorflow pip',
      'A current TensorFlow is set up with the libraries of CUDA 12.',
    ),
  },
  'cuda/no-compiler': {
    explanation:
      'The native addon is compiled for the very TensorFlow that it loads, which takes some ten seconds and any current C++ ' +
      'compiler: `g++`, `c++` or `clang++`. Node headers are not needed. `CXX` names another compiler.',
    bad: command('began-compile setup cuda --tensorflow pip', 'The image has no compiler.'),
    good: command(
      'sudo apt-get install -y g++\nbegan-compile setup cuda --tensorflow pip',
      'The addon is compiled.',
    ),
  },
  'cuda/tensorflow-files': {
    explanation:
      '`--tensorflow` takes a wheel of TensorFlow for Linux, or a folder where one is installed: `tensorflow` itself, the ' +
      '`site-packages` that holds it, a virtual environment, or the unpacked C library. Libraries and headers are looked for there.',
    bad: command(
      'began-compile setup cuda --tensorflow keras-3.15.1-py3-none-any.whl',
      'It is another package.',
    ),
    good: command(
      'pip download --no-deps tensorflow\nbegan-compile setup cuda --tensorflow tensorflow-*.whl',
      'The wheel holds libraries and headers.',
    ),
  },
  'cuda/download-failed': {
    explanation:
      'npm, pip or the server of the stock TensorFlow did not give what was asked for; the message carries what they say. ' +
      'A download that stands still is given up after a minute (`--timeout SECONDS`). Nothing that worked before is touched.',
    bad: command(
      'began-compile setup cuda --tensorflow stock',
      'storage.googleapis.com cannot be reached from here.',
    ),
    good: command(
      'began-compile setup cuda --tensorflow stock --mirror https://mirror.example',
      'The mirror has the same files under the same paths.',
    ),
  },
  'cuda/build-failed': {
    explanation:
      'The addon is compiled aside, loaded once in a process of its own, and takes the place of the old one only then. Here it ' +
      'could not be compiled or not be loaded; what was there before is still there. Mostly the compiler is too old, or ' +
      'the files are of different versions of TensorFlow.',
    bad: command('began-compile setup cuda --tensorflow ./tensorflow', 'The compiler is g++ 5.'),
    good: command(
      'CXX=g++-12 began-compile setup cuda --tensorflow ./tensorflow',
      'A newer compiler is named.',
    ),
  },
};
