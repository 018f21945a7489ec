import { command, type Pages } from './page.js';

export const WASM_PAGES: Pages<'wasm'> = {
  'wasm/too-large': {
    explanation:
      'Everything a program holds lies in one memory of WebAssembly, which has 4 GiB at most. `began-compile inspect` shows what a program ' +
      'needs; most of it grows with the batch, or with `micro_batch` where the spec says that. WebGPU and CUDA have other limits.',
    bad: command('began-compile run faces.yaml --set train.batch=4096', 'It needs 40 GB.'),
    good: command(
      'began-compile run faces.yaml --set train.batch=4096 --set train.micro_batch=16',
      'It fits: the gradients of a batch are summed over parts of it.',
    ),
  },
  'wasm/thread-lost': {
    explanation:
      'A program on several threads has lost one: it ran out of memory, was ended from outside, or could not be started. What the ' +
      'threads were computing is half done; the last checkpoint is not. The command goes on from there with new threads; this ends ' +
      'a run that has no checkpoint yet, or that loses a thread again before the next one.',
    bad: command('began-compile run faces.yaml --threads 8', 'The system ends a thread in step 812.'),
    good: command(
      'began-compile run --resume runs/faces --threads 1',
      'The run goes on from the checkpoint at step 800, with the same numbers.',
    ),
  },
};
