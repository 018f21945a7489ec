/** `began-compile profile`: where the time of a training step goes, kernel by kernel, on any backend. */
import { resolve } from 'node:path';
import { Command } from 'commander';
import { DiagnosticError } from '../../../spec/diagnostics/diagnostic.js';
import type { Override } from '../../../spec/override.js';
import { makeEngine, type EngineChoice } from '../backends.js';
import type { CommandMaker } from '../command.js';
import { addEngineOptions } from '../engine-options.js';
import { setOption, wholeNumber } from '../option-values.js';
import { printDiagnostics } from '../print-diagnostics.js';
import { refuseOption } from '../refuse-option.js';

interface ProfileOptions extends Partial<EngineChoice> {
  readonly set: readonly Override[];
  readonly steps?: number | undefined;
  readonly top: number;
  readonly json?: boolean | undefined;
  readonly trace?: string | undefined;
}

export const profileCommand: CommandMaker = ({ terminal, workingFolder, clock }) =>
  addEngineOptions(
    new Command('profile')
      .summary('show where the time of a step goes, kernel by kernel')
      .description(
        'Trains a few steps on random data and times every kernel: time, share, calls, GFLOP/s, bytes, and what the machine ' +
          'could do at most. Says how the times were taken, and what taking them cost. Needs no data.',
      )
      .argument('<spec>', 'spec file')
      .addOption(setOption()),
  )
    .option('--steps <n>', 'steps that are timed (default: about four seconds)', wholeNumber(1))
    .option('--top <n>', 'kernels that are listed', wholeNumber(1), 20)
    .option('--json', 'print one JSON object, with every kernel')
    .option('--trace <file>', 'write the timed steps as a Chrome trace, which Perfetto opens')
    .addHelpText(
      'after',
      `
Examples:
  $ began-compile profile faces.yaml
  $ began-compile profile faces.yaml --top 100
  $ began-compile profile faces.yaml --backend webgpu --trace faces.trace.json
  $ began-compile profile faces.yaml --engine tfjs --json`,
    )
    .action(async (path: string, options: ProfileOptions) => {
      const [
        { compileSpec },
        { readSpecFile },
        { measureProfile },
        { describeProfile },
        { profileJson },
        { chromeTrace },
        { writeFileAtomically },
      ] = await Promise.all([
        import('../compile-spec.js'),
        import('../spec-file.js'),
        import('../profile/measure-profile.js'),
        import('../profile/describe-profile.js'),
        import('../profile/profile-json.js'),
        import('../profile/trace.js'),
        import('../../node/atomic-file.js'),
      ]);
      if ((options.threads ?? 1) > 1)
        throw refuseOption(
          `\`--threads ${options.threads}\` cannot be profiled: launches are timed one by one, on one thread`,
          'Leave `--threads` out. `began-compile inspect` times a step on all threads.',
        );
      const { program, diagnostics } = compileSpec(await readSpecFile(path, workingFolder), options.set);
      printDiagnostics(diagnostics, terminal, 'err');
      const { steps, top, json = false, trace } = options;
      const engine = await makeEngine({ ...options, backend: options.backend ?? 'wasm' }, workingFolder);
      const profile = await measureProfile(program, engine, { steps, clock: () => 1000 * clock() });
      if (trace !== undefined) {
        try {
          await writeFileAtomically(resolve(workingFolder, trace), JSON.stringify(chromeTrace(profile)));
        } catch (error) {
          throw unwritable(trace, error);
        }
      }
      if (json) {
        terminal.out(`${JSON.stringify(profileJson(profile, program), undefined, 2)}\n`);
        return;
      }
      terminal.out(describeProfile(profile, program, top, terminal.colours.out));
      if (trace !== undefined)
        terminal.out(`\nThe trace is in ${trace}: open it at https://ui.perfetto.dev\n`);
    });

const unwritable = (path: string, error: unknown): DiagnosticError =>
  new DiagnosticError({
    code: 'run/file',
    severity: 'error',
    message: `The trace \`${path}\` cannot be written: ${(error as Error).message}`,
  });
