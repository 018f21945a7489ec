/** The options by which `run`, `sample` and `inspect` choose what runs a program. */
import { Option, type Command } from 'commander';
import { BACKENDS, ENGINES } from './backends.js';

/** Adds `--backend`, `--engine`, `--allow-cpu` and `--precise`: an EngineChoice with its backend left open. */
export const addEngineOptions = (command: Command): Command =>
  command
    .addOption(new Option('--backend <name>', 'what runs the program (default: wasm)').choices(BACKENDS))
    .addOption(new Option('--engine <name>', 'run op by op on a peer engine instead').choices(ENGINES))
    .option('--allow-cpu', 'with --backend cuda or webgpu: run on the CPU where there is no GPU')
    .option('--precise', 'no arithmetic that rounds more than float32 (turns TF32 off on CUDA)');
