#!/usr/bin/env node
/** The `began-compile` command. */
import { execute } from './command.js';
import { listenForInterruption } from './interruption.js';
import { invocationOf } from './invocation.js';
import { processTerminal } from './terminal.js';

// A reader that closes early (`| head`) ends the output, not the program with a stack trace.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

process.exitCode = await execute(process.argv.slice(2), {
  terminal: processTerminal(),
  invocation: invocationOf(process.argv[1], process.env),
  workingFolder: process.cwd(),
  input: () => process.stdin,
  clock: () => performance.now() / 1000,
  now: () => new Date(),
  interruption: () => listenForInterruption(),
});
