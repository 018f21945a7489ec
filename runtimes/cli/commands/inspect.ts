/** `began-compile inspect`: what a spec becomes. Layers, phases, memory, and how long a run will take here. */
import { Command } from 'commander';
import type { CommandMaker } from '../command.js';
import { makeEngine, type EngineChoice } from '../backends.js';
import { addEngineOptions } from '../engine-options.js';
import type { Override } from '../../../spec/override.js';
import { dumpOption, setOption } from '../option-values.js';
import { printDiagnostics } from '../print-diagnostics.js';

interface InspectOptions extends Partial<EngineChoice> {
  readonly set: readonly Override[];
  readonly measure: boolean;
  readonly dumpAfter?: string | undefined;
}

export const inspectCommand: CommandMaker = ({ terminal, workingFolder, clock }) =>
  addEngineOptions(
    new Command('inspect')
      .summary('show layers, phases, memory and an estimate of time')
      .description(
        'Shows what a spec becomes: every layer with its shape, parameters and multiply-adds (per sample, forward), ' +
          'the phases of a training step, and planned memory. The time is measured: a few training steps ' +
          'on random pictures, on this machine. Needs no data.',
      )
      .argument('<spec>', 'spec file')
      .addOption(setOption()),
  )
    .addOption(dumpOption())
    .option('--no-measure', 'leave out the measured time and memory')
    .addHelpText(
      'after',
      `
Examples:
  $ began-compile inspect faces.yaml
  $ began-compile inspect faces.yaml --set hyper.n=64 --no-measure`,
    )
    .action(async (path: string, options: InspectOptions) => {
      const [
        { compileSpec },
        { readSpecFile },
        { describeNetworks, describeProgram },
        { describeMeasurement, measure },
      ] = await Promise.all([
        import('../compile-spec.js'),
        import('../spec-file.js'),
        import('../inspect/describe.js'),
        import('../inspect/measure.js'),
      ]);
      const spec = await readSpecFile(path, workingFolder);
      const { model, program, diagnostics } = compileSpec(spec, options.set);
      printDiagnostics(diagnostics, terminal, 'err');
      if (options.dumpAfter !== undefined) {
        const { dumpAfter } = await import('../inspect/dump.js');
        terminal.out(dumpAfter(program, options.dumpAfter));
        return;
      }
      const colours = terminal.colours.out;
      terminal.out(describeNetworks(model, colours));
      terminal.out(describeProgram(program, colours));
      if (!options.measure) return;
      const engine = await makeEngine({ ...options, backend: options.backend ?? 'wasm' }, workingFolder);
      const measurement = await measure(program, engine, clock);
      terminal.out(describeMeasurement(measurement, program, colours));
    });
