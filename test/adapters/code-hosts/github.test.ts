import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createGitHub, type GitHubOptions } from '../../../src/adapters/code-hosts/github.js';
import { createMemoryClock, type MemoryClock } from '../../../src/adapters/memory/clock.js';
import { CodeloomError } from '../../../src/domain/errors.js';
import { buildRepository, git, openWorkshop, type Workshop } from '../git/build-repository.js';
import { APP_ID, APP_KEY_PKCS1, APP_KEY_PKCS8, INSTALLATION, json, startHostServer, type HostServer } from './host-server.js';

const NOW = new Date('2026-03-01T12:00:00.000Z');

describe('GitHub', () => {
  let workshop: Workshop;
  let server: HostServer;
  let clock: MemoryClock;
  let sha: string;

  beforeAll(() => {
    workshop = openWorkshop();
    buildRepository(join(workshop.folder, 'acme/secret.git'), { head: 'main', branches: { main: [{ a: '1' }], 'feature/x': [{ a: '2' }] } });
    sha = git(join(workshop.folder, 'acme/secret.git'), ['rev-parse', 'feature/x']).trim();
  });
  afterAll(() => workshop.dispose());

  beforeEach(async () => {
    clock = createMemoryClock(NOW);
    server = await startHostServer({ folder: workshop.folder, now: () => clock.now() });
    server.repositories.push(
      { id: 17, name: 'acme/secret', folder: 'acme/secret.git', former: ['acme/before'], defaultBranch: 'main', archived: false, secret: true },
      { id: 18, name: 'acme/open', folder: 'acme/open.git', former: [], defaultBranch: 'main', archived: false, secret: false },
    );
  });
  afterEach(() => server.close());

  const open = (more: Partial<GitHubOptions> = {}) => createGitHub({ apiUrl: server.apiUrl, ca: server.ca, clock, app: { id: APP_ID, privateKey: APP_KEY_PKCS1 }, ...more });
  const url = (name: string): string => `${server.url}/${name}.git`;
  const failure = async (work: Promise<unknown>): Promise<CodeloomError> => {
    const error: unknown = await work.then(() => undefined, (reason: unknown) => reason);
    if (!(error instanceof CodeloomError)) throw new Error(`expected a CodeloomError, got ${String(error)}`);
    return error;
  };

  describe('as an App', () => {
    it.each([['PKCS#1', APP_KEY_PKCS1], ['PKCS#8', APP_KEY_PKCS8], ['one with its line breaks written out', APP_KEY_PKCS1.replaceAll('\n', '\\n')]])('signs with a key in %s', async (_, privateKey) => {
      expect(await open({ app: { id: APP_ID, privateKey } }).credentials({ url: url('acme/secret') }))
        .toEqual({ username: 'x-access-token', password: server.tokens[0], expiresAt: new Date(NOW.getTime() + 3600_000) });
      const now = NOW.getTime() / 1000;
      expect(server.claims[0]).toEqual({ iss: APP_ID, iat: now - 60, exp: now + 540 });
    });

    it('asks for a token that can read contents and nothing else', async () => {
      const bodies: unknown[] = [];
      server.fault = (request) => {
        if (request.method === 'POST') request.on('data', (chunk: Buffer) => bodies.push(JSON.parse(chunk.toString())));
        return false;
      };
      await open().credentials({ url: url('acme/secret') });
      expect(bodies).toEqual([{ permissions: { contents: 'read', metadata: 'read' } }]);
    });

    it('keeps a token until a minute before it expires', async () => {
      const github = open();
      await github.credentials({ url: url('acme/secret') });
      clock.advance(3600_000 - 61_000);
      await github.credentials({ url: url('acme/secret') });
      expect(server.tokens).toHaveLength(1);
      clock.advance(2_000);
      expect((await github.credentials({ url: url('acme/secret') }))?.password).toBe(server.tokens[1]);
      expect(server.tokens).toHaveLength(2);
    });

    it('makes one request for all who want a token at once', async () => {
      const github = open();
      const given = await Promise.all(Array.from({ length: 20 }, () => github.repository({ id: '17', installation: INSTALLATION })));
      expect(new Set(given.map(({ name }) => name))).toEqual(new Set(['acme/secret']));
      expect(server.tokens).toHaveLength(1);
    });

    it('lets one who is cancelled go, and the others wait', async () => {
      const held: (() => void)[] = [];
      server.fault = (request, response) => {
        if (request.method !== 'POST' || held.length > 0) return false;
        held.push(() => json(response, 201, { token: 'ghs_late', expires_at: '2026-03-01T13:00:00Z' }));
        return true;
      };
      const github = open();
      const cancel = new AbortController();
      const [gone, stays] = [cancel.signal, undefined].map((signal) => github.repository({ id: '17', installation: INSTALLATION }, { signal }));
      await until(() => held.length > 0);
      cancel.abort();
      expect(await failure(gone ?? Promise.resolve())).toMatchObject({ code: 'aborted' });
      server.accepted.add('ghs_late');
      held[0]?.();
      expect(await stays).toMatchObject({ name: 'acme/secret' });
      expect(server.asks(/POST/)).toHaveLength(1);
    });

    it('gives another token when the one it gave was refused', async () => {
      const github = open();
      const refused = await github.credentials({ url: url('acme/secret') });
      const fresh = await github.credentials({ url: url('acme/secret'), refused });
      expect([refused?.password, fresh?.password]).toEqual(server.tokens);
      expect(server.tokens).toHaveLength(2);
    });

    it('has no credentials for what it is not installed for, and none for other hosts, and SSH', async () => {
      const github = open();
      expect(await github.credentials({ url: url('acme/open') })).toBeUndefined();
      expect(await github.credentials({ url: url('nobody/nothing') })).toBeUndefined();
      const before = server.asked.length;
      for (const other of ['https://example.org/acme/secret.git', 'git@localhost:acme/secret.git', `${server.url}/`, server.url.replace('https', 'ssh') + '/acme/secret', server.url.replace('https:', 'http:') + '/acme/secret']) {
        expect(await github.credentials({ url: other })).toBeUndefined();
      }
      expect(server.asked).toHaveLength(before);
    });

    it('asks again for the installation when it was taken away and given anew', async () => {
      const github = open();
      await github.credentials({ url: url('acme/secret') });
      clock.advance(3600_000);
      let times = 0;
      server.fault = (request, response) => {
        if (request.method !== 'POST' || times++ > 0) return false;
        json(response, 404, { message: 'Not Found' });
        return true;
      };
      expect((await github.credentials({ url: url('acme/secret') }))?.password).toBe(server.tokens[1]);
      expect(server.asks(/acme\/secret\/installation/)).toHaveLength(2);
    });

    it.each([
      ['what is no key', 'not a key'],
      ['what looks like one', '-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n'],
    ])('refuses %s without repeating it', (_, privateKey) => {
      const error = (() => {
        try {
          return open({ app: { id: APP_ID, privateKey } });
        } catch (thrown) {
          return thrown;
        }
      })();
      expect(error).toMatchObject({ code: 'invalid-configuration', retryable: false });
      expect(`${String(error)} ${JSON.stringify(error)}`).not.toMatch(/not a key|AAAA/);
    });
  });

  it('speaks with a token in place of an App', async () => {
    server.accepted.add('github_pat_1');
    const github = open({ app: undefined, token: 'github_pat_1' });
    expect(await github.credentials({ url: url('acme/secret') })).toEqual({ username: 'x-access-token', password: 'github_pat_1' });
    expect(await github.repository({ name: 'acme/secret' })).toMatchObject({ name: 'acme/secret' });
    expect(() => open({ token: 'github_pat_1' })).toThrow(/App or with a token/);
  });

  it('speaks with neither, about what is public', async () => {
    const github = open({ app: undefined });
    expect(await github.credentials({ url: url('acme/open') })).toBeUndefined();
    expect(await github.repository({ name: 'acme/open' })).toMatchObject({ location: url('acme/open') });
    expect(await failure(github.repository({ name: 'acme/secret' }))).toMatchObject({ code: 'repository-not-found' });
  });

  it('says whom it takes us for, and that it does not take us', async () => {
    server.accepted.add('github_pat_1');
    expect(await open().whoAmI()).toBe('the App Codeloom Test');
    expect(await open({ app: undefined, token: 'github_pat_1' }).whoAmI()).toBe('the user reader');
    expect(await open({ app: undefined }).whoAmI()).toBe('nobody in particular');
    expect(await failure(open({ app: undefined, token: 'github_pat_2' }).whoAmI())).toMatchObject({ code: 'authentication-failed' });
  });

  describe('about a repository', () => {
    it('says its id, name, address and default branch, by id and by name', async () => {
      const host = new URL(server.url).host;
      const expected = { id: `${host}-17`, name: 'acme/secret', location: url('acme/secret'), defaultBranch: 'main', archived: false, installation: INSTALLATION };
      expect(await open().repository({ id: '17', installation: INSTALLATION })).toEqual(expected);
      expect(await open().repository({ name: 'acme/secret' })).toEqual(expected);
      expect(open().host).toBe(host);
    });

    it('follows one that was renamed', async () => {
      expect(await open().repository({ name: 'acme/before', installation: INSTALLATION })).toMatchObject({ name: 'acme/secret', location: url('acme/secret') });
    });

    it('does not follow to another host, nor for ever', async () => {
      server.fault = (request, response) => {
        response.writeHead(301, { Location: request.url?.includes('17') === true ? `${server.apiUrl}/repositories/17` : 'https://example.invalid/x' }).end();
        return true;
      };
      const github = open({ app: undefined });
      expect(await failure(github.repository({ name: 'acme/open' }))).toMatchObject({ code: 'network', retryable: false });
      expect(await failure(github.repository({ id: '17' }))).toMatchObject({ code: 'network', retryable: false });
    });

    it('says where a branch stands, and that one is not there', async () => {
      const github = open();
      const repository = await github.repository({ name: 'acme/secret' });
      expect(await github.branchHead(repository, 'feature/x')).toBe(sha);
      expect(await github.branchHead(repository, 'feature/y')).toBeUndefined();
    });

    it.each(['../acme/secret', 'acme', 'acme/..', 'acme/secret?x', ''])('takes %j for no name', async (name) => {
      expect(await failure(open({ app: undefined }).repository({ name }))).toMatchObject({ code: 'invalid-argument' });
      expect(server.asked).toEqual([]);
    });
  });

  describe('when it refuses', () => {
    it.each([
      [401, 'authentication-failed'], [403, 'permission-denied'], [404, 'repository-not-found'], [410, 'repository-not-found'], [451, 'permission-denied'], [422, 'invalid-argument'],
    ])('%i is %s, whatever the text says, and asked for once', async (status, code) => {
      server.fault = (_, response) => {
        json(response, status, { message: 'error 401 403 404 429 500: Bad credentials, Not Found, rate limit' });
        return true;
      };
      expect(await failure(open({ app: undefined }).repository({ name: 'acme/open' }))).toMatchObject({ code, retryable: false, details: { status } });
      expect(server.asked).toHaveLength(1);
    });

    it('a commit whose id holds the digits of a status is no refusal', async () => {
      server.fault = (request, response) => {
        if (request.url?.includes('/git/ref/') !== true) return false;
        json(response, 200, { object: { sha: '4014034044290050040140340442900500401403' } });
        return true;
      };
      const github = open();
      expect(await github.branchHead(await github.repository({ name: 'acme/secret' }), 'main')).toBe('4014034044290050040140340442900500401403');
    });

    it('an installation that is gone, or may not read, says so', async () => {
      expect(await failure(open().repository({ id: '17', installation: '5' }))).toMatchObject({ code: 'authentication-failed', message: expect.stringContaining('installation 5') });
      server.fault = (request, response) => {
        if (request.method !== 'POST') return false;
        json(response, 422, { message: 'The permissions requested are not granted to this installation.' });
        return true;
      };
      expect(await failure(open().repository({ id: '17', installation: INSTALLATION }))).toMatchObject({ code: 'permission-denied', message: expect.stringContaining('Contents: Read-only') });
    });

    it('a key of another App is not accepted', async () => {
      expect(await failure(open({ app: { id: '12', privateKey: APP_KEY_PKCS1 } }).credentials({ url: url('acme/secret') }))).toMatchObject({ code: 'authentication-failed', retryable: false });
    });
  });

  describe('when it asks to wait', () => {
    const limited = (times: number, status: number, headers: Record<string, string>, body: object = {}): void => {
      let left = times;
      server.fault = (_, response) => {
        if (left-- <= 0) return false;
        json(response, status, body, headers);
        return true;
      };
    };

    it.each([
      ['Retry-After in seconds', 429, { 'Retry-After': '7' }, {}, 7_000],
      ['Retry-After as a date', 403, { 'Retry-After': new Date(NOW.getTime() + 9_000).toUTCString() }, {}, 9_000],
      ['an exhausted primary limit', 403, { 'X-RateLimit-Remaining': '0', 'X-RateLimit-Reset': String(NOW.getTime() / 1000 + 30) }, {}, 30_000],
      ['a secondary limit without a time', 403, {}, { documentation_url: 'https://docs.github.com/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits' }, 60_000],
      ['429 without a time', 429, {}, {}, 60_000],
      ['maintenance', 503, { 'Retry-After': '2' }, {}, 2_000],
    ])('waits for %s, and no longer', async (_, status, headers, body, pause) => {
      limited(1, status, headers as Record<string, string>, body);
      expect(await open({ app: undefined }).repository({ name: 'acme/open' })).toMatchObject({ name: 'acme/open' });
      expect(clock.now().getTime() - NOW.getTime()).toBe(pause);
    });

    it('gives up when it should wait for longer than it may, and says for how long', async () => {
      limited(9, 429, { 'Retry-After': '3600' });
      expect(await failure(open({ app: undefined }).repository({ name: 'acme/open' }))).toMatchObject({ code: 'rate-limited', retryable: true, details: { retryAfterSeconds: 3600 } });
      expect(clock.now()).toEqual(NOW);
      limited(9, 429, { 'Retry-After': '25' });
      expect(await failure(open({ app: undefined }).repository({ name: 'acme/open' }))).toMatchObject({ code: 'rate-limited' });
      expect(clock.now().getTime() - NOW.getTime()).toBe(50_000);
    });

    it('does not take a refusal with requests left for a limit', async () => {
      limited(1, 403, { 'X-RateLimit-Remaining': '4999', 'X-RateLimit-Reset': String(NOW.getTime() / 1000 + 30) });
      expect(await failure(open({ app: undefined }).repository({ name: 'acme/open' }))).toMatchObject({ code: 'permission-denied' });
    });
  });

  describe('when it fails', () => {
    it('is asked again twice', async () => {
      let times = 0;
      server.fault = (_, response) => {
        times += 1;
        if (times === 1) response.writeHead(502).end('<html>');
        if (times === 2) response.destroy();
        return times < 3;
      };
      expect(await open({ app: undefined }).repository({ name: 'acme/open' })).toMatchObject({ name: 'acme/open' });
      server.fault = (_, response) => { response.writeHead(500).end(); return true; };
      expect(await failure(open({ app: undefined }).repository({ name: 'acme/open' }))).toMatchObject({ code: 'network', retryable: true });
      expect(server.asked).toHaveLength(6);
    });

    it('is given up when it does not answer in time, and let go at once when cancelled', async () => {
      server.fault = () => true;
      expect(await failure(open({ app: undefined, timeoutMs: 50 }).repository({ name: 'acme/open' }))).toMatchObject({ code: 'network', retryable: true, message: expect.stringContaining('50 ms') });
      const started = performance.now();
      expect(await failure(open({ app: undefined }).repository({ name: 'acme/open' }, { signal: AbortSignal.timeout(100) }))).toMatchObject({ code: 'aborted' });
      expect(performance.now() - started).toBeLessThan(1000);
    });

    it('is not believed without a certificate that is trusted, or with an answer that is none', async () => {
      expect(await failure(open({ app: undefined, ca: undefined }).repository({ name: 'acme/open' }))).toMatchObject({ code: 'network', retryable: false, details: { hint: expect.stringContaining('NODE_EXTRA_CA_CERTS') } });
      for (const body of ['<html>', '{"id": 18}', JSON.stringify({ id: 18, full_name: 'acme/open', clone_url: 'https://elsewhere.example/acme/open.git', default_branch: 'main' })]) {
        server.fault = (_, response) => { response.writeHead(200).end(body); return true; };
        expect(await failure(open({ app: undefined }).repository({ name: 'acme/open' }))).toMatchObject({ code: 'network', retryable: false });
      }
    });
  });

  it.each(['http://github.example/api/v3', 'ftp://x', 'nonsense', 'https://user:password@github.example'])('does not take %s for its address', (apiUrl) => {
    expect(() => open({ apiUrl })).toThrow(CodeloomError);
  });

  it.each([['https://api.github.com', 'github.com'], ['https://ghe.example/api/v3/', 'ghe.example'], ['https://api.acme.ghe.com', 'acme.ghe.com']])('of the API at %s is at %s', (apiUrl, host) => {
    expect(open({ apiUrl }).host).toBe(host);
  });
});

async function until(true_: () => boolean): Promise<void> {
  while (!true_()) await new Promise((resolve) => setTimeout(resolve, 5));
}
