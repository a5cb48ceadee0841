import { defineConfig } from 'vitest/config';
import shared from './vitest.config.js';

/**
 * Tests against real servers: see scripts/test-services.mjs, which starts them. One file at a time: some kill a server. What fails is tried once more, since a busy machine may miss a limit of
 * time that a server keeps; what fails twice is broken.
 */
export default defineConfig({
  ...shared,
  test: { ...shared.test, include: ['test/services/**/*.test.ts'], exclude: [], fileParallelism: false, maxConcurrency: 3, retry: 1, testTimeout: 120_000, hookTimeout: 180_000 },
});
