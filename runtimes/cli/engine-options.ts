/** The options by which `run`, `sample` and `inspect` choose what runs a program. */
import { Option, type Command } from 'commander';
import { BACKENDS, ENGINES } from './backends.js';
import { wholeNumber } from './option-values.js';

/** Adds `--backend`, `--engine`, `--threads`, `--allow-cpu` and `--precise`: an EngineChoice with its backend left open. */
export const addEngineOptions = (command: Command): Command =>
  command
    .addOption(new Option('--backend <name>', 'what runs the program (default: wasm)').choices(BACKENDS))
    .addOption(new Option('--engine <name>', 'run op by op on a peer engine instead').choices(ENGINES))
    .option(
      '--threads <n>',
      'with --backend wasm: how many may compute (default: as many as pay; the numbers are the same)',
      wholeNumber(1, 64),
    )
    .option('--allow-cpu', 'with --backend cuda or webgpu: run on the CPU where there is no GPU')
    .option(
      '--precise',
      'no arithmetic that rounds otherwise than float32: no TF32 on CUDA, no relaxed SIMD and no Winograd on wasm',
    );
