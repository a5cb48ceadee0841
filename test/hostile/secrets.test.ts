import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createGitHost } from '../../src/adapters/git/git-host.js';
import { createCodeloom, type RunEvent } from '../../src/index.js';
import { createCommandLine, type CommandLine } from '../adapters/cli/command-line.js';
import { git } from '../adapters/git/build-repository.js';
import { secret } from '../secrets/watch.js';

const USER = secret('tok3n-of-somebody');
const PASSWORD = secret('hunter2/ä sécret');
/** Every spelling in which they could come to light. */
const SPELLINGS = [USER, PASSWORD, encodeURIComponent(PASSWORD), encodeURI(PASSWORD), Buffer.from(`${USER}:${PASSWORD}`).toString('base64'), 'hunter2'];

describe('credentials in the URL of a remote', () => {
  let cli: CommandLine;
  let server: Server;
  let allow: boolean;
  let url: string;

  beforeEach(async () => {
    cli = createCommandLine({ 'a.ts': 'export function a(): void {}\n' });
    git(cli.folder, ['update-server-info']);
    allow = true;
    // Git's oldest way over HTTP: plain files.
    server = createServer((request, response) => {
      const path = join(cli.folder, '.git', decodeURIComponent(new URL(request.url ?? '/', 'http://x').pathname.replace(/^\/owner\/name\.git/, '')));
      if (request.headers.authorization !== `Basic ${SPELLINGS[4] ?? ''}` || !allow) response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="git"' }).end();
      else if (statSync(path, { throwIfNoEntry: false })?.isFile() === true) response.writeHead(200).end(readFileSync(path));
      else response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://${encodeURIComponent(USER)}:${encodeURIComponent(PASSWORD)}@127.0.0.1:${(server.address() as AddressInfo).port}/owner/name.git`; // a listening HTTP server has such an address
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    cli.remove();
  });

  function expectClean(what: string, text: string): void {
    for (const spelling of SPELLINGS) if (text.includes(spelling)) throw new Error(`${what} holds ${JSON.stringify(spelling)}: ${text.slice(Math.max(0, text.indexOf(spelling) - 100), text.indexOf(spelling) + 100)}`);
  }

  function expectCleanFolder(folder: string): number {
    let files = 0;
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      const path = join(folder, name);
      if (!statSync(path).isFile()) continue;
      files++;
      expectClean(path, readFileSync(path, 'latin1'));
      expectClean(path, readFileSync(path, 'utf8'));
    }
    return files;
  }

  it('reach the remote, and no store, event, answer or mirror', async () => {
    const gitHost = createGitHost({ cacheFolder: join(cli.store, 'mirrors'), allowedProtocols: ['http'] });
    const events: RunEvent[] = [];
    const codeloom = await createCodeloom({ store: cli.store, workers: 0, gitHost });
    try {
      const outcome = await codeloom.index({ location: url }, { onEvent: (event) => events.push(event) });
      expect(outcome).toMatchObject({ status: 'indexed', snapshot: { stats: { files: 1 } } });
      for (const each of [outcome, events, await codeloom.repositories(), await codeloom.symbols({ text: 'a' }), await codeloom.snapshot()]) expectClean('an answer', JSON.stringify(each));
      allow = false;
      const error: unknown = await codeloom.index({ location: url, ref: 'f'.repeat(40) }, { onEvent: (event) => events.push(event) }).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: 'authentication-failed' });
      for (let each = error; each instanceof Error; each = each.cause) expectClean('an error', `${each.message} ${each.stack ?? ''} ${JSON.stringify(each)}`);
      expectClean('events', JSON.stringify(events));
    } finally {
      await codeloom.close();
    }
    expect(expectCleanFolder(cli.store)).toBeGreaterThan(3);
  });

  it('are in nothing that a failing command prints or leaves', async () => {
    for (const location of [url, url.replace('http:', 'ftp:'), url.replace(/^http:\/\//, 'ext::'), url.replace(/^http:\/\//, ''), url.replace(/^http:\/\//, 'x '), url.replace('/owner', '/\u0001')]) {
      const { code, stdout, stderr } = await cli.run('--json', '--verbose', 'index', location);
      expect(code).toBe(2);
      expectClean('the output', stdout + stderr);
    }
    const host = createGitHost({ cacheFolder: join(cli.store, 'mirrors') });
    const error: unknown = await host.resolve({ location: url.replace('http:', 'https:') }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'network' });
    for (let each = error; each instanceof Error; each = each.cause) expectClean('an error', `${each.message} ${each.stack ?? ''} ${JSON.stringify(each)}`);
    expectCleanFolder(cli.store);
  });
});
