import { expect, it } from 'vitest';
import { invocationOf } from './invocation.js';

it('prints commands that reach the command the way it was reached', () => {
  expect(invocationOf('/usr/local/bin/began-compile', {})).toBe('began-compile');
  expect(invocationOf('/home/a/.npm/_npx/1/node_modules/.bin/began-compile', { npm_command: 'exec' })).toBe(
    'npx began-compile',
  );
  expect(invocationOf('/home/a/project/dist/runtimes/cli/main.js', {})).toBe('npx began-compile');
});
