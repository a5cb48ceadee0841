import { defineConfig } from 'vitest/config';

/** The tests that leak, with what every test file has. */
export default defineConfig({ test: { include: ['test/secrets/leaking/*.fixture.ts'], pool: 'threads', setupFiles: [new URL('../setup.ts', import.meta.url).pathname] } });
