import { defineConfig } from 'vitest/config';
import shared from './vitest.config.js';

/** Tests against real servers: see scripts/test-services.mjs, which starts them. */
export default defineConfig({
  ...shared,
  test: { ...shared.test, include: ['test/services/**/*.test.ts'], exclude: [], testTimeout: 120_000, hookTimeout: 180_000 },
});
