/** `began-compile doctor`: which backends run here, what is missing, and how to get it. */
import { Argument, Command } from 'commander';
import type { CommandMaker } from '../command.js';
import { PATIENTS, type Checkup, type Patient } from '../doctor/checkup.js';
import { EXIT } from '../exit-code.js';

export const doctorCommand: CommandMaker = ({ terminal, workingFolder }, exit) =>
  new Command('doctor')
    .summary('say which backends run here, and what is missing')
    .description(
      'Looks at every backend, or at one: whether it runs here, what is there, what is missing and how to get it. Nothing is ' +
        'changed. Exit code 0 where the named backend is usable (without a name: the default one), 2 otherwise.',
    )
    .addArgument(new Argument('[backend]', 'the one that is looked at').choices(PATIENTS))
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  $ began-compile doctor
  $ began-compile doctor cuda
  $ began-compile doctor --json
  $ TF_CPP_MIN_LOG_LEVEL=0 began-compile doctor cuda`,
    )
    .action(async (named: Patient | undefined, { json = false }: { readonly json?: boolean }) => {
      const [{ CHECKS }, { showCheckup }, { packageFolders }] = await Promise.all([
        import('../doctor/checks.js'),
        import('../doctor/show-checkup.js'),
        import('../../cuda/package-folders.js'),
      ]);
      const surroundings = {
        environment: process.env,
        workingFolder,
        packageFolders: () => packageFolders(workingFolder, process.env),
        // Ctrl-C ends the process: there is nothing to save.
        signal: new AbortController().signal,
        log: (text: string) => terminal.err(text),
      };
      const checkups = new Map<Patient, Checkup>();
      for (const name of named === undefined ? PATIENTS : [named]) {
        const checkup = await CHECKS[name](surroundings);
        checkups.set(name, checkup);
        if (!json) terminal.out(showCheckup(name, checkup, terminal.colours.out));
      }
      if (json) terminal.out(`${JSON.stringify(asJson(checkups), undefined, 2)}\n`);
      exit(checkups.get(named ?? 'wasm')!.ready ? EXIT.clean : EXIT.failed);
    });

/** `{ "wasm": { "ready": true, "facts": { "Node": "..." }, "diagnostics": [] }, ... }` */
function asJson(checkups: ReadonlyMap<Patient, Checkup>): unknown {
  return Object.fromEntries(
    [...checkups].map(([name, { ready, facts, diagnostics }]) => [
      name,
      {
        ready,
        facts: Object.fromEntries(facts),
        diagnostics: diagnostics.map(({ code, message, note, help }) => ({ code, message, note, help })),
      },
    ]),
  );
}
