import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { CodeloomError } from '../../../src/domain/errors.js';
import { secret, secretFile } from '../watch.js';

// Each lets out what it should not; run by ../watch.test.ts, which wants to hear of it.

it('a command prints what its environment gives it, in base64', async () => {
  const child = spawn(process.execPath, ['--eval', "console.log(Buffer.from(process.env.CODELOOM_GITHUB_TOKEN).toString('base64'))"], { env: { CODELOOM_GITHUB_TOKEN: 'token-of-a-command' } });
  await once(child, 'close');
});

it('a command prints what a file holds that its environment names', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'codeloom-leaks-'));
  writeFileSync(join(folder, 'token'), 'token-of-a-file\n');
  const child = spawn(process.execPath, ['--eval', "console.error(fs.readFileSync(process.env.CODELOOM_GITLAB_TOKEN_FILE, 'utf8'))"], { env: { CODELOOM_GITLAB_TOKEN_FILE: join(folder, 'token') } });
  await once(child, 'close');
  rmSync(folder, { recursive: true });
});

it('Git is told on its command line', async () => {
  await promisify(execFile)('git', ['-c', `http.extraHeader=Authorization: ${secret('token-for-git')}`, '--version']);
});

it('an error says it, in its details or its cause', () => {
  const failure = new CodeloomError('internal', 'No.', { details: { url: `https://${encodeURIComponent(secret('token/of/an error'))}@example.org` }, cause: new Error(secret('token-of-a-cause')) });
  expect(failure.code).toBe('internal');
});

it('a file holds it, and is removed', () => {
  const folder = mkdtempSync(join(tmpdir(), 'codeloom-leaks-'));
  writeFileSync(join(folder, 'helper.sh'), `echo ${secret('token-in-a-file')}`);
  rmSync(folder, { recursive: true });
});

it('a server is shown it, and somebody logs it', async () => {
  const server = createServer((_request, response) => response.end()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // it listens on TCP
  await fetch(`http://127.0.0.1:${port}`, { headers: { authorization: 'Bearer token-of-a-request' } });
  console.log('asked with token-of-a-request');
  server.close();
});

it('what tests put in their own files is no leak', () => {
  const folder = mkdtempSync(join(tmpdir(), 'codeloom-leaks-'));
  writeFileSync(secretFile(join(folder, 'own')), secret('token-of-the-test'));
  rmSync(folder, { recursive: true });
});
