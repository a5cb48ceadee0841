import { defineConfig } from 'vitest/config';
import shared from './vitest.config.js';

/** Tests against real servers: see scripts/test-services.mjs, which starts them. One file at a time: some kill a server. */
export default defineConfig({
  ...shared,
  test: { ...shared.test, include: ['test/services/**/*.test.ts'], exclude: [], fileParallelism: false, testTimeout: 120_000, hookTimeout: 180_000 },
});
