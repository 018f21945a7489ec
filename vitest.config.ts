import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{spec,compiler,runtimes,test}/**/*.test.ts'],
    testTimeout: 60_000,
  },
});
