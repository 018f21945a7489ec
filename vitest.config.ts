import { defineConfig } from 'vitest/config';

/** `unit` runs on the sources. `command` runs the built `began-compile` as a user does, so it builds first. */
export default defineConfig({
  test: {
    testTimeout: 60_000,
    hookTimeout: 120_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['{spec,compiler,runtimes,test}/**/*.test.ts'],
          exclude: ['**/*.command.test.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'command',
          include: ['{runtimes,test}/**/*.command.test.ts'],
          globalSetup: ['scripts/build-before-tests.mjs'],
        },
      },
    ],
  },
});
