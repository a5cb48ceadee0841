import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { createSecretWatch } from './watch.js';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** All that a run of vitest over the leaking tests says. */
async function leaking(): Promise<{ readonly code: number | null; readonly text: string }> {
  const child = spawn(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', '--config', 'test/secrets/leaking/vitest.config.ts', '--no-color'], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (part: string) => (text += part));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, text })));
}

describe('secrets of tests', () => {
  it('that come to light fail the file that used them, wherever that is; those in files of the test do not', async () => {
    const { code, text } = await leaking();
    const found = text.split('\n').filter((line) => / holds "/.test(line));
    for (const [where, what, how] of [
      ['stdout of node', 'token-of-a-command', 'base64'], ['stderr of node', 'token-of-a-file', 'plain'], ['the arguments of git', 'token-for-git', 'plain'], ['an error', 'token/of/an error', 'URL'],
      ['an error', 'token-of-a-cause', 'plain'], ['/helper.sh', 'token-in-a-file', 'plain'], ['console.log', 'token-of-a-request', 'plain'],
    ] as const) expect(found.filter((line) => line.includes(where) && line.includes(` holds "${what}" (${how})`))).toHaveLength(1);
    expect(found).toHaveLength(7);
    expect(text).not.toContain('token-of-the-test');
    expect(text).toMatch(/Tests +7 passed/);
    expect(code).toBe(1);
  });

  it('are found over the borders of what was told at once, and line by line', () => {
    const watch = createSecretWatch();
    watch.secret(`-----BEGIN KEY-----\n${'a'.repeat(30)}\n${'b'.repeat(30)}\n-----END KEY-----\n`);
    watch.said('a log', `x${'b'.repeat(12)}`);
    watch.said('a log', `${'b'.repeat(18)}x`);
    watch.said('another', '-----BEGIN KEY-----');
    expect(watch.leaks()).toEqual([expect.stringMatching(/^a log holds "b{30}" \(plain\)/)]);
  });
});
