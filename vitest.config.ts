import { defineConfig } from 'vitest/config';

const built = (file: string): string => new URL(`dist/${file}`, import.meta.url).pathname;

export default defineConfig({
  // The examples import codeloom by its name: they are run against what is built.
  resolve: { alias: [{ find: /^codeloom$/, replacement: built('index.js') }, { find: /^codeloom\/(\w+)$/, replacement: built('$1.js') }] },
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/services/**'],
    pool: 'threads',
    setupFiles: [new URL('test/secrets/setup.ts', import.meta.url).pathname],
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
