import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

/** `npm run fuzz -- --seconds 600` goes on for longer; a fixed seed here, so that a red run is red again. */
it('damaged sources, graphs and configurations: nothing throws, differs when done twice, or loses a call site', { timeout: 300_000 }, async () => {
  const script = fileURLToPath(new URL('../../scripts/fuzz.mjs', import.meta.url));
  const output = await new Promise<string>((resolve) => {
    execFile(process.execPath, [script, '--iterations', '120', '--seed', '5'], (_error, stdout, stderr) => resolve(stderr + stdout));
  });
  expect(output).toMatch(/^seed 5: parser 40, linker 40, configuration 40; slowest \d+ ms; nothing found\n$/);
});
