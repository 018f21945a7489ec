#!/usr/bin/env node
/** The `began-compile` command. */
import { execute } from './command.js';
import { listenForInterruption } from './interruption.js';
import { processTerminal } from './terminal.js';

// A reader that closes early (`| head`) ends the output, not the program with a stack trace.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

process.exitCode = await execute(process.argv.slice(2), {
  terminal: processTerminal(),
  workingFolder: process.cwd(),
  clock: () => performance.now() / 1000,
  now: () => new Date(),
  interruption: () => listenForInterruption(),
});
