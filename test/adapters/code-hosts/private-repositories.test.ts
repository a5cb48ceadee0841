import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createGitHub } from '../../../src/adapters/code-hosts/github.js';
import { createGitHost, type GitHostOptions } from '../../../src/adapters/git/git-host.js';
import { CodeloomError } from '../../../src/domain/errors.js';
import type { CredentialProvider, CredentialRequest } from '../../../src/domain/ports/credential-provider.js';
import { systemClock } from '../../../src/infrastructure/system-clock.js';
import { buildRepository, openWorkshop, type Workshop } from '../git/build-repository.js';
import { contents } from '../git/reading.js';
import { plainEnvironment } from '../git/http-backend.js';
import { APP_ID, APP_KEY_PKCS1, startHostServer, type HostServer } from './host-server.js';

describe('a private repository, through a GitHub App', () => {
  let workshop: Workshop;
  let server: HostServer;
  let environment: Record<string, string | undefined>;

  beforeEach(async () => {
    workshop = openWorkshop();
    server = await startHostServer({ folder: workshop.folder });
    buildRepository(join(workshop.folder, 'acme/secret.git'), { head: 'main', branches: { main: [{ a: 'one' }] } });
    server.repositories.push({ id: 17, name: 'acme/secret', folder: 'acme/secret.git', former: [], defaultBranch: 'main', archived: false, secret: true });
    const ca = join(workshop.folder, 'ca.pem');
    writeFileSync(ca, server.ca);
    environment = plainEnvironment({ GIT_SSL_CAINFO: ca });
  });
  afterEach(async () => {
    await server.close();
    await workshop.dispose();
  });

  const app = () => createGitHub({ apiUrl: server.apiUrl, ca: server.ca, clock: systemClock, app: { id: APP_ID, privateKey: APP_KEY_PKCS1 } });
  const open = (more: Partial<GitHostOptions> = {}) => createGitHost({ cacheFolder: join(workshop.folder, 'mirrors'), environment, credentials: app(), ...more });
  const location = (): string => `${server.url}/acme/secret.git`;
  const mirrors = (): readonly string[] => (existsSync(join(workshop.folder, 'mirrors')) ? readdirSync(join(workshop.folder, 'mirrors')) : []);
  const failure = async (work: Promise<unknown>): Promise<CodeloomError> => {
    const error: unknown = await work.then(() => undefined, (reason: unknown) => reason);
    if (!(error instanceof CodeloomError)) throw new Error(`expected a CodeloomError, got ${String(error)}`);
    return error;
  };
  const commit = (tree: Record<string, string>): void => {
    rmSync(join(workshop.folder, 'acme/secret.git'), { recursive: true });
    buildRepository(join(workshop.folder, 'acme/secret.git'), { head: 'main', branches: { main: [{ a: 'one' }, tree] } });
  };

  it('is cloned, brought up to date and read, with one token', async () => {
    const host = open();
    expect(await contents(host, { location: location() })).toEqual({ a: 'one' });
    commit({ a: 'two' });
    expect(await contents(host, { location: location() })).toEqual({ a: 'two' });
    expect(server.tokens).toHaveLength(1);
  });

  it('costs no request when the wanted commit is there', async () => {
    const host = open();
    const revision = await host.resolve({ location: location() });
    const before = server.asked.length;
    expect(await contents(host, revision)).toEqual({ a: 'one' });
    expect(server.asked).toHaveLength(before);
  });

  it('is read on when the token expires in the middle of the clone', async () => {
    // The first request that Git makes is answered; before the second, the token is good no more.
    server.fault = (request) => {
      if (request.url?.endsWith('/git-upload-pack') === true && server.tokens.length === 1) server.accepted.delete(server.tokens[0] ?? '');
      return false;
    };
    expect(await contents(open(), { location: location() })).toEqual({ a: 'one' });
    expect(server.tokens).toHaveLength(2);
    const passwords = server.asks(/git-upload-pack/).map(({ authorization }) => Buffer.from(authorization?.slice(6) ?? '', 'base64').toString());
    expect(passwords.filter((each) => each === `x-access-token:${server.tokens[0]}`).length).toBeGreaterThanOrEqual(2);
    expect(passwords.at(-1)).toBe(`x-access-token:${server.tokens[1]}`);
    expect(mirrors().filter((name) => !name.endsWith('.git'))).toEqual([]);
  });

  it('is read on when the token expires in the middle of an update', async () => {
    const host = open();
    await host.resolve({ location: location() });
    commit({ a: 'two' });
    server.accepted.clear();
    expect(await contents(host, { location: location() })).toEqual({ a: 'two' });
    expect(server.tokens).toHaveLength(2);
  });

  it('is given up when a fresh token is refused too', async () => {
    server.fault = (request, response) => {
      if (!/info\/refs/.test(request.url ?? '')) return false;
      response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="GitHub"' }).end();
      return true;
    };
    expect(await failure(open().resolve({ location: location() }))).toMatchObject({ code: 'authentication-failed', retryable: false });
    expect(server.tokens).toHaveLength(2);
    expect(mirrors()).toEqual([]);
  });

  it('is not asked for twice with a token that cannot be had otherwise', async () => {
    const asked: CredentialRequest[] = [];
    const fixed: CredentialProvider = { credentials: async (request) => { asked.push(request); return { username: 'x-access-token', password: 'ghp_revoked' }; } };
    expect(await failure(open({ credentials: fixed }).resolve({ location: location() }))).toMatchObject({ code: 'authentication-failed' });
    expect(asked).toEqual([{ url: location(), refused: undefined }, { url: location(), refused: { username: 'x-access-token', password: 'ghp_revoked' } }]);
    expect(server.asks(/info\/refs/).filter(({ authorization }) => authorization !== undefined)).toHaveLength(1);
  });

  it('that was renamed is followed', async () => {
    const [served] = server.repositories;
    if (served === undefined) throw new Error('nothing is served');
    served.former.push('acme/secret');
    served.name = 'globex/hidden';
    const github = app();
    const { location: now } = await github.repository({ id: '17', installation: '99' });
    expect(now).toBe(`${server.url}/globex/hidden.git`);
    expect(await contents(open({ credentials: github }), { location: now })).toEqual({ a: 'one' });
  });

  it('that was deleted upstream is not found, and what was read of it stays', async () => {
    const host = open();
    const revision = await host.resolve({ location: location() });
    server.repositories.length = 0;
    // The App's installation has no such repository any more: Git goes without a token, and is told 401 as anybody would be.
    expect(await failure(open().resolve({ location: location() }))).toMatchObject({ code: 'authentication-failed', retryable: false });
    // With a token that is still good, the host says 404.
    expect(await failure(host.resolve({ location: location() }))).toMatchObject({ code: 'repository-not-found', retryable: false });
    expect(await contents(host, revision)).toEqual({ a: 'one' });
  });

  it.each([[401, 'authentication-failed'], [403, 'authentication-failed'], [404, 'repository-not-found']])('behind a %i is %s, asked for once, also for a commit whose id holds other digits', async (status, code) => {
    const refused: string[] = [];
    server.fault = (request, response) => {
      if (!/info\/refs/.test(request.url ?? '')) return false;
      if (request.headers.authorization === undefined) return false;
      refused.push(request.url ?? '');
      response.writeHead(status, { 'WWW-Authenticate': 'Basic realm="GitHub"' }).end();
      return true;
    };
    const token = { credentials: async () => ({ username: 'x-access-token', password: 'ghp_refused' }) };
    const ref = '4014034044290050040140340442900500401403';
    expect(await failure(open({ credentials: token }).resolve({ location: location(), ref }))).toMatchObject({ code, retryable: false });
    expect(refused).toHaveLength(1);
  });

  it('a commit that is not there is unknown, though its id holds the digits of a refusal', async () => {
    for (const ref of ['4014034044290050040140340442900500401403', '4034030000000000000000000000000000000404']) {
      expect(await failure(open().resolve({ location: location(), ref }))).toMatchObject({ code: 'unknown-ref', retryable: false });
    }
  });

  describe.skipIf(process.platform === 'win32')('behind a server that stalls', () => {
    /** Of Git's questions by POST the first and the second are for refs, the third is for objects. */
    const stall = (at: number): void => {
      let times = 0;
      server.fault = (request, response) => {
        if (request.method !== 'POST' || request.url?.endsWith('/git-upload-pack') !== true || ++times < at) return false;
        response.writeHead(200, { 'Content-Type': 'application/x-git-upload-pack-result' });
        if (at === 3) response.write(PACK_BEGINS);
        else response.flushHeaders();
        return true;
      };
    };

    it.each([1, 2, 3])('is given up after the time that it may be silent, and may be tried again (question %i)', async (at) => {
      stall(at);
      const started = performance.now();
      expect(await failure(open({ silenceMs: 1000 }).resolve({ location: location() }))).toMatchObject({ code: 'network', retryable: true, message: 'The remote sent nothing for 1 s.' });
      expect(performance.now() - started).toBeLessThan(4000);
      expect(mirrors()).toEqual([]);
      expect(await gitProcesses(workshop.folder)).toEqual([]);
    });

    it('is let go within a second when cancelled, with all its processes', async () => {
      stall(3);
      const cancel = new AbortController();
      const work = failure(open().resolve({ location: location() }, { signal: cancel.signal }));
      while (server.asks(/POST .*git-upload-pack$/).length < 3) await new Promise((resolve) => setTimeout(resolve, 10));
      const started = performance.now();
      cancel.abort();
      expect(await work).toMatchObject({ code: 'aborted' });
      expect(performance.now() - started).toBeLessThan(1000);
      expect(mirrors()).toEqual([]);
      expect(await gitProcesses(workshop.folder)).toEqual([]);
    });

    it('is not given up while it sends something, slowly', async () => {
      let questions = 0;
      server.fault = (request, response) => {
        if (request.url?.endsWith('/git-upload-pack') !== true || request.method !== 'POST' || ++questions < 3) return false;
        // Progress, as a busy server sends it, in side-band packets.
        response.writeHead(200, { 'Content-Type': 'application/x-git-upload-pack-result' });
        let times = 0;
        response.write(PACK_BEGINS);
        const sending = setInterval(() => {
          const text = `Counting objects: ${times}\r`;
          response.write(`${(text.length + 5).toString(16).padStart(4, '0')}\u0002${text}`);
          if (times++ === 8) {
            clearInterval(sending);
            response.end();
          }
        }, 500);
        return true;
      };
      const started = performance.now();
      const error = await failure(open({ silenceMs: 3000 }).resolve({ location: location() }));
      expect(performance.now() - started).toBeGreaterThan(4000);
      expect(error.message).not.toContain('sent nothing');
      expect(error).toMatchObject({ code: expect.stringMatching(/network|git-failed/) });
      // What was written over does not come to light again.
      expect(JSON.stringify(error.details)).not.toContain('Counting objects: 3');
    });
  });

  it('gives no token to any argument, URL, file or message', async () => {
    const seen = join(workshop.folder, 'seen');
    mkdirSync(seen);
    const bin = join(workshop.folder, 'bin');
    mkdirSync(bin);
    const real = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();
    // A Git that notes how it was called, and how the processes around it were.
    writeFileSync(join(bin, 'git'), `#!/bin/sh\n{ printf '%s\\n' "$@"; ps -ax -o args 2>/dev/null; } > "${seen}/$$"\nexec "${real}" "$@"\n`);
    chmodSync(join(bin, 'git'), 0o755);
    const told: string[] = [];
    const host = open({ environment: { ...environment, PATH: `${bin}:${process.env['PATH'] ?? ''}`, GIT_TRACE: join(seen, 'trace'), GIT_TRACE_CURL: join(seen, 'curl'), GIT_CURL_VERBOSE: '1' } });
    expect(await contents(host, { location: location() })).toEqual({ a: 'one' });
    commit({ a: 'two' });
    told.push(JSON.stringify(await host.resolve({ location: location() })));
    server.fault = (request, response) => {
      if (!/info\/refs/.test(request.url ?? '') || request.headers.authorization === undefined) return false;
      // A hostile server says back what it was told.
      response.writeHead(403, { 'Content-Type': 'text/plain' }).end(`you said ${request.headers.authorization}, which is ${Buffer.from(request.headers.authorization.slice(6), 'base64').toString()}\n`);
      return true;
    };
    const error = await failure(host.resolve({ location: location() }));
    expect(error.code).toBe('authentication-failed');
    for (let each: unknown = error; each instanceof Error; each = each.cause) told.push(each.message, each.stack ?? '', JSON.stringify(each));

    const secrets = [...server.tokens, ...server.tokens.map((token) => Buffer.from(`x-access-token:${token}`).toString('base64')), APP_KEY_PKCS1.split('\n')[1] ?? ''];
    expect(secrets.length).toBeGreaterThan(2);
    const files = [seen, join(workshop.folder, 'mirrors')].flatMap((folder) => readdirSync(folder, { recursive: true, withFileTypes: true })).filter((each) => each.isFile()).map((each) => join(each.parentPath, each.name));
    expect(files.length).toBeGreaterThan(10);
    expect(files.map((file) => readFileSync(file, 'latin1')).join('\n')).toContain('--bare');
    for (const secret of secrets) {
      expect(files.filter((file) => readFileSync(file, 'latin1').includes(secret))).toEqual([]);
      expect(told.filter((text) => text.includes(secret))).toEqual([]);
    }
  });

  it('was given nothing when the token was meant for another host', async () => {
    const other = await startHostServer({ folder: workshop.folder });
    server.fault = (request, response) => {
      if (!/info\/refs/.test(request.url ?? '')) return false;
      response.writeHead(302, { Location: `${other.url}${request.url ?? ''}` }).end();
      return true;
    };
    writeFileSync(join(workshop.folder, 'ca.pem'), server.ca + other.ca);
    await failure(open().resolve({ location: location() }));
    expect(other.asked.length).toBeGreaterThan(0);
    expect(other.asked.filter(({ authorization }) => authorization !== undefined)).toEqual([]);
    await other.close();
  });
});

/** What stands before a pack that is asked for without its history: where that is cut off (nowhere), and that the pack follows. */
const PACK_BEGINS = '0011shallow-info\n0001000dpackfile\n';

/** Command lines of Git's processes that have to do with a folder; looked for until there are none, for a moment. */
async function gitProcesses(folder: string): Promise<readonly string[]> {
  for (let attempt = 0; ; attempt++) {
    const found = execFileSync('ps', ['-ax', '-o', 'args'], { encoding: 'utf8' }).split('\n').filter((line) => /\bgit\b/.test(line) && line.includes(folder));
    if (found.length === 0 || attempt === 10) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

