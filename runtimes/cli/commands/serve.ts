/** `began-compile serve`: a folder for the browser of this machine. */
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { DiagnosticError } from '../../../spec/diagnostics/diagnostic.js';
import type { CommandMaker } from '../command.js';
import { portNumber } from '../option-values.js';

interface ServeOptions {
  readonly port: number;
}

export const serveCommand: CommandMaker = (context) =>
  new Command('serve')
    .summary('serve a built model to the browser of this machine')
    .description(
      'Serves the files of a folder at http://localhost until Ctrl-C, to this machine alone, with the headers by which pages ' +
        'may share memory between threads (COOP and COEP).',
    )
    .argument('<folder>', 'what `began-compile build` wrote, or any folder of a page')
    .option('--port <n>', '0 takes any that is free', portNumber, 8080)
    .addHelpText(
      'after',
      `
Examples:
  $ began-compile serve model
  $ began-compile serve dist --port 3000`,
    )
    .action(async (path: string, { port: wanted }: ServeOptions) => {
      const { serveFolder } = await import('../../node/static-server.js');
      const folder = resolve(context.workingFolder, path);
      await requireFolder(folder, path);
      const server = await serveFolder(folder, wanted).catch((error: unknown) => {
        throw cannotListen(wanted, error as NodeJS.ErrnoException);
      });
      const interrupted = context.interruption();
      context.terminal.out(`${path} at http://localhost:${server.port}/ (Ctrl-C ends it)\n`);
      if (!interrupted.aborted) {
        await new Promise((end) => interrupted.addEventListener('abort', end, { once: true }));
      }
      await server.close();
    });

async function requireFolder(folder: string, path: string): Promise<void> {
  const why = await stat(folder).then(
    (found) => (found.isDirectory() ? undefined : 'it is no folder'),
    ({ code, message }: NodeJS.ErrnoException) => (code === 'ENOENT' ? 'there is no such folder' : message),
  );
  if (why === undefined) return;
  throw new DiagnosticError({
    code: 'run/file',
    severity: 'error',
    message: `The folder \`${path}\` cannot be served: ${why}`,
    help: 'Write one with `began-compile build`.',
  });
}

function cannotListen(port: number, { code, message }: NodeJS.ErrnoException): DiagnosticError {
  const why =
    code === 'EADDRINUSE' ? 'another program has it' : code === 'EACCES' ? 'it is reserved' : message;
  return new DiagnosticError({
    code: 'run/option',
    severity: 'error',
    message: `Port ${port} cannot be listened at: ${why}`,
    help: 'Take another one, for example `--port 3000`, or `--port 0` for any that is free.',
  });
}
