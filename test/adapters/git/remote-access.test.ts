import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createGitHost, type GitHostOptions } from '../../../src/adapters/git/git-host.js';
import { CodeloomError } from '../../../src/domain/errors.js';
import { plainEnvironment, serveGit } from './http-backend.js';
import { buildRepository, openWorkshop, type Workshop } from './build-repository.js';
import { contents } from './reading.js';
import { secret } from '../../secrets/watch.js';

const USER = 'reader@example.org';
const PASSWORD = secret('pa ss/w:rd%40+secret');

describe('a remote over HTTP', () => {
  let workshop: Workshop;
  let server: Server;
  let base: string;
  let asked: { readonly url: string; readonly authorization: string | undefined }[];
  let answer: ((request: IncomingMessage, response: ServerResponse) => boolean) | undefined;

  beforeEach(async () => {
    workshop = openWorkshop();
    asked = [];
    answer = undefined;
    for (const name of ['open', 'closed']) buildRepository(join(workshop.folder, 'served', 'owner', `${name}.git`), { head: 'main', branches: { main: [{ a: name }] } });
    server = createServer((request, response) => {
      asked.push({ url: request.url ?? '', authorization: request.headers.authorization });
      if (answer?.(request, response) === true) return;
      const expected = `Basic ${Buffer.from(`${USER}:${PASSWORD}`).toString('base64')}`;
      if (request.url?.includes('closed') === true && request.headers.authorization !== expected) {
        response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="git"' }).end();
        return;
      }
      serveGit({ root: join(workshop.folder, 'served'), path: request.url ?? '' }, request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    base = `127.0.0.1:${(server.address() as AddressInfo).port}`; // an HTTP server that listens on a port has such an address
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await workshop.dispose();
  });

  const open = (options: Partial<GitHostOptions> = {}) => createGitHost({ cacheFolder: join(workshop.folder, 'mirrors'), allowedProtocols: ['http'], environment: plainEnvironment(), ...options });
  const failure = async (promise: Promise<unknown>): Promise<CodeloomError> => {
    const error: unknown = await promise.then(() => undefined, (reason: unknown) => reason);
    if (!(error instanceof CodeloomError)) throw new Error(`expected a CodeloomError, got ${String(error)}`);
    return error;
  };
  const inText = (error: CodeloomError) => `${error.message} ${error.stack ?? ''} ${JSON.stringify(error.details)} ${String(error.cause)}`;
  const credentials = `${encodeURIComponent(USER)}:${encodeURIComponent(PASSWORD)}`;

  it('is read', async () => {
    expect(await contents(open(), { location: `http://${base}/owner/open.git` })).toEqual({ a: 'open' });
    expect((await open().resolve({ location: `http://${base}/owner/open` })).repository).toEqual({
      id: `${base}/owner/open`, name: 'owner/open', location: `http://${base}/owner/open`, kind: 'remote', defaultBranch: 'main',
    });
  });

  it('is read with the credentials in its URL, which are kept nowhere', async () => {
    const host = open();
    const revision = await host.resolve({ location: `http://${credentials}@${base}/owner/closed.git` });
    expect(await contents(host, revision)).toEqual({ a: 'closed' });
    expect(JSON.stringify(revision)).not.toMatch(/pa ss|pa%20ss|reader/);
    await host.resolve({ location: `http://${credentials}@${base}/owner/closed.git` });
    const written: string[] = [];
    const walk = (folder: string): void => {
      for (const name of readdirSync(folder)) {
        const path = join(folder, name);
        if (statSync(path).isDirectory()) walk(path);
        else written.push(path, readFileSync(path, 'latin1'));
      }
    };
    walk(join(workshop.folder, 'mirrors'));
    expect(written.join('\n')).not.toMatch(/pa ss|pa%20ss|reader/);
  });

  it('is read with credentials that are asked for', async () => {
    const location = `http://${base}/owner/closed.git`;
    const asks: string[] = [];
    const host = open({ credentials: { credentials: async ({ url }) => { asks.push(url); return { username: USER, password: PASSWORD }; } } });
    expect(await contents(host, { location })).toEqual({ a: 'closed' });
    expect(new Set(asks)).toEqual(new Set([location]));
  });

  it('is read with a token for a user name', async () => {
    answer = (request, response) => {
      if (request.headers.authorization === `Basic ${Buffer.from('t0ken:').toString('base64')}`) return false;
      response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="git"' }).end();
      return true;
    };
    expect(await contents(open(), { location: `http://t0ken@${base}/owner/open.git` })).toEqual({ a: 'open' });
  });

  it('never sees credentials in a list of arguments', async () => {
    const seen = join(workshop.folder, 'arguments');
    const wrapper = join(workshop.folder, 'git-that-tells');
    writeFileSync(wrapper, `#!/bin/sh\nprintf '%s\\n' "$@" >> "${seen}"\nexec git "$@"\n`);
    chmodSync(wrapper, 0o755);
    const host = open({ gitBinary: wrapper });
    expect(await contents(host, { location: `http://${credentials}@${base}/owner/closed.git` })).toEqual({ a: 'closed' });
    expect(readFileSync(seen, 'utf8')).toContain('clone');
    expect(readFileSync(seen, 'utf8')).not.toMatch(/pa ss|pa%20ss|reader/);
  });

  it('without credentials, or with wrong ones, fails at once and says which', async () => {
    const none = await failure(open().resolve({ location: `http://${base}/owner/closed.git` }));
    expect(none).toMatchObject({ code: 'authentication-failed', retryable: false });
    const wrong = await failure(open().resolve({ location: `http://someone:wr0ng%2Fsecret@${base}/owner/closed.git` }));
    expect(wrong).toMatchObject({ code: 'authentication-failed', retryable: false });
    expect(inText(wrong)).not.toMatch(/wr0ng|someone/);
  });

  it('does not get credentials that were meant for another host', async () => {
    answer = (request, response) => {
      if (request.headers.host?.startsWith('localhost') !== true) return false;
      response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="git"' }).end();
      return true;
    };
    const redirect = createServer((request, response) => response.writeHead(302, { Location: `http://localhost:${base.split(':')[1]}${request.url}` }).end());
    await new Promise<void>((resolve) => redirect.listen(0, '127.0.0.1', resolve));
    const port = (redirect.address() as AddressInfo).port; // as above
    const error = await failure(open().resolve({ location: `http://${credentials}@127.0.0.1:${port}/owner/closed.git` }));
    redirect.close();
    expect(error.code).toBe('authentication-failed');
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.filter(({ authorization }) => authorization !== undefined)).toEqual([]);
  });

  it('that is not there is not found', async () => {
    expect(await failure(open().resolve({ location: `http://${base}/owner/none-401.git` }))).toMatchObject({ code: 'repository-not-found', retryable: false });
  });

  it.each([
    [500, 'network', true], [503, 'network', true], [429, 'network', true], [403, 'authentication-failed', false], [410, 'repository-not-found', false],
  ])('that answers %i is %s', async (status, code, retryable) => {
    answer = (_, response) => {
      response.writeHead(status).end();
      return true;
    };
    expect(await failure(open().resolve({ location: `http://${credentials}@${base}/owner/open.git` }))).toMatchObject({ code, retryable });
  });

  it('that cannot be reached may be tried again', async () => {
    const error = await failure(open().resolve({ location: `http://${credentials}@127.0.0.1:1/owner/name.git` }));
    expect(error).toMatchObject({ code: 'network', retryable: true });
    expect(inText(error)).not.toMatch(/pa ss|pa%20ss|reader/);
    expect(await failure(open().resolve({ location: 'http://host.invalid/owner/name.git' }))).toMatchObject({ code: 'network' });
  });

  it('that breaks off may be tried again', async () => {
    answer = (request, response) => {
      if (request.url?.endsWith('git-upload-pack') !== true) return false;
      response.writeHead(200, { 'Content-Type': 'application/x-git-upload-pack-result', 'Content-Length': '100000' });
      response.write('0008NAK\n');
      setTimeout(() => response.destroy(), 20);
      return true;
    };
    expect(await failure(open().resolve({ location: `http://${base}/owner/open.git` }))).toMatchObject({ code: 'network', retryable: true });
    expect(readdirSync(join(workshop.folder, 'mirrors'))).toEqual([]);
  });

  it('that never answers is let go when cancelled', async () => {
    answer = () => true;
    const error = await failure(open().resolve({ location: `http://${base}/owner/open.git` }, { signal: AbortSignal.timeout(300) }));
    expect(error.code).toBe('aborted');
    expect(readdirSync(join(workshop.folder, 'mirrors'))).toEqual([]);
  });

  it('may not send the reader to a transport that is not allowed', async () => {
    answer = (request, response) => {
      response.writeHead(302, { Location: `ftp://${base}${request.url}` }).end();
      return true;
    };
    expect((await failure(open().resolve({ location: `http://${base}/owner/open.git` }))).code).toMatch(/network|unsupported-url|git-failed/);
  });
});

describe.skipIf(process.platform === 'win32')('a remote over SSH', () => {
  let workshop: Workshop;
  let told: string;
  let environment: Record<string, string | undefined>;
  beforeEach(() => {
    workshop = openWorkshop();
    buildRepository(join(workshop.folder, 'owner', 'name.git'), { head: 'main', branches: { main: [{ a: 'over ssh' }] } });
    told = join(workshop.folder, 'told');
    // An ssh that runs the command here.
    mkdirSync(join(workshop.folder, 'bin'));
    const ssh = join(workshop.folder, 'bin', 'ssh');
    writeFileSync(ssh, `#!/bin/sh\nprintf '%s\\n' "$*" >> "${told}"\nfor last; do :; done\ncd "${workshop.folder}" && eval "$last"\n`);
    chmodSync(ssh, 0o755);
    environment = { ...plainEnvironment(), PATH: `${join(workshop.folder, 'bin')}:${process.env['PATH'] ?? ''}` };
  });
  afterEach(() => workshop.dispose());

  const open = (more: Record<string, string> = {}) => createGitHost({ cacheFolder: join(workshop.folder, 'mirrors'), environment: { ...environment, ...more } });

  it('is read, by either way of writing it, without a question on the terminal', async () => {
    const host = open();
    for (const location of ['git@example.org:owner/name.git', 'git@example.org:owner/name']) {
      expect(await host.resolve({ location })).toMatchObject({ repository: { id: 'example.org/owner/name', location } });
      expect(await contents(host, { location })).toEqual({ a: 'over ssh' });
    }
    expect(readFileSync(told, 'utf8')).toMatch(/^-oBatchMode=yes .*git@example\.org git-upload-pack 'owner\/name\.git'$/m);
  });

  it('is never given credentials: who has them is not asked', async () => {
    const asked: string[] = [];
    const credentials = { credentials: async ({ url }: { readonly url: string }) => { asked.push(url); return { username: USER, password: PASSWORD }; } };
    const host = createGitHost({ cacheFolder: join(workshop.folder, 'mirrors'), environment, credentials });
    expect(await contents(host, { location: 'git@example.org:owner/name.git' })).toEqual({ a: 'over ssh' });
    expect(asked).toEqual([]);
  });

  it('is read through what its user has set up', async () => {
    const configuration = join(workshop.folder, 'gitconfig');
    writeFileSync(configuration, `[core]\n\tsshCommand = ssh -i mine\n`);
    expect(await contents(open({ GIT_CONFIG_GLOBAL: configuration }), { location: 'example.org:owner/name.git' })).toEqual({ a: 'over ssh' });
    expect(await contents(open({ GIT_SSH_COMMAND: 'ssh -i other' }), { location: 'example.org:owner/name.git' })).toEqual({ a: 'over ssh' });
    expect(readFileSync(told, 'utf8')).toMatch(/^-i mine .*\n(?:.*\n)*-i other /);
    expect(readFileSync(told, 'utf8')).not.toContain('BatchMode');
  });
});
