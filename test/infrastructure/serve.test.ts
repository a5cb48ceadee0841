import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { finished, PROGRAM, type Outcome } from '../adapters/cli/command-line.js';
import { APP_ID, APP_KEY_PKCS1, startHostServer, type HostServer } from '../adapters/code-hosts/host-server.js';
import { plainEnvironment } from '../adapters/git/http-backend.js';
import { buildRepository, openWorkshop, type Workshop } from '../adapters/git/build-repository.js';
import { openHttp } from '../adapters/notify/servers.js';
import { fromGitHub, fromGitLab, githubPush, SECRET } from '../adapters/http/deliveries.js';
import { secret, secretFile } from '../secrets/watch.js';

const APP = 'export function start(): number {\n  return 1;\n}\n';

describe('the installed command, for a private repository', () => {
  let workshop: Workshop;
  let server: HostServer;
  let environment: Record<string, string | undefined>;
  let outputs: string[];
  let serving: ChildProcess | undefined;

  beforeEach(async () => {
    workshop = openWorkshop();
    outputs = [];
    server = await startHostServer({ folder: join(workshop.folder, 'served') });
    mkdirSync(join(workshop.folder, 'served'));
    build({ 'app.ts': APP });
    server.repositories.push({ id: 17, name: 'acme/secret', folder: 'acme/secret.git', former: ['acme/before'], defaultBranch: 'main', archived: false, secret: true });
    const files = { ca: server.ca, key: APP_KEY_PKCS1, webhook: `${SECRET}\n` };
    for (const [name, text] of Object.entries(files)) writeFileSync(secretFile(join(workshop.folder, name)), text);
    environment = plainEnvironment({
      HOME: workshop.folder, CODELOOM_STORE: join(workshop.folder, 'store'), NODE_EXTRA_CA_CERTS: join(workshop.folder, 'ca'), GIT_SSL_CAINFO: join(workshop.folder, 'ca'),
      CODELOOM_GITHUB_URL: server.apiUrl, CODELOOM_GITHUB_APP_ID: APP_ID, CODELOOM_GITHUB_PRIVATE_KEY_FILE: join(workshop.folder, 'key'), CODELOOM_GITHUB_WEBHOOK_SECRET_FILE: join(workshop.folder, 'webhook'),
    });
  });
  afterEach(async () => {
    if (serving !== undefined && serving.exitCode === null) serving.kill('SIGKILL');
    serving = undefined;
    await server.close();
    await workshop.dispose();
  });

  const build = (tree: Record<string, string>): void => {
    const folder = join(workshop.folder, 'served/acme/secret.git');
    rmSync(folder, { recursive: true, force: true });
    buildRepository(folder, { head: 'main', branches: { main: [tree], dev: [{ 'dev.ts': 'export function dev(): void {}\n' }] } });
  };
  const run = async (...argv: string[]): Promise<Outcome> => {
    const outcome = await finished(spawn(process.execPath, [PROGRAM, ...argv], { cwd: workshop.folder, env: environment, stdio: ['ignore', 'pipe', 'pipe'] }));
    outputs.push(outcome.stdout, outcome.stderr);
    return outcome;
  };

  /** Starts `codeloom serve` and gives what it tells, line by line. */
  async function serve(...argv: string[]) {
    const child = spawn(process.execPath, [PROGRAM, '--json', 'serve', '--port', '0', ...argv], { cwd: workshop.folder, env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    serving = child;
    const ended = finished(child);
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => { text += chunk.toString(); });
    type News = Readonly<Record<string, unknown>>;
    const news = (): readonly News[] => text.split('\n').slice(0, -1).map((line) => JSON.parse(line) as News);
    const until = async (wanted: (all: readonly News[]) => boolean): Promise<readonly News[]> => {
      while (!wanted(news())) {
        if (child.exitCode !== null) throw new Error(`it ended: ${JSON.stringify(await ended)}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      return news();
    };
    const url = String((await until((all) => all.length > 0))[0]?.['url']);
    const runs = (all: readonly News[]): readonly News[] => all.filter(({ type }) => type === 'run-ended');
    return {
      url, until, news,
      runsEnded: async (count: number) => runs(await until((all) => runs(all).length >= count)),
      send: async (delivery: RequestInit, kind = 'github') => {
        const response = await fetch(`${url}/webhooks/${kind}`, delivery);
        return [response.status, await response.json()] as const;
      },
      async end(): Promise<Outcome> {
        child.kill('SIGTERM');
        const outcome = await ended;
        outputs.push(outcome.stdout, outcome.stderr);
        return outcome;
      },
    };
  }

  it('indexes it by its URL, present or former', async () => {
    for (const name of ['acme/secret', 'acme/before']) {
      const { code, stderr } = await run('index', `${server.url}/${name}`);
      expect({ code, stderr }).toMatchObject({ code: 0 });
    }
    expect((await run('symbols', 'start', '--repo', `${new URL(server.url).host}/acme/secret`)).stdout).toContain('app.ts');
    expect(server.tokens.length).toBeGreaterThan(0);
    expectNoSecrets();
  });

  it('takes webhooks, indexes what is pushed once for several pushes, and ends in order', async () => {
    const { url, send, runsEnded, end } = await serve('--allow', '*/acme/*');
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:/);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect(await (await fetch(`${url}/readyz`)).json()).toMatchObject({ status: 'ready' });

    expect(await send(fromGitHub('push', githubPush(), { id: 'a' }))).toEqual([200, { status: 'done', started: 1, coalesced: 0, retired: 0, ignored: [] }]);
    const answers = await Promise.all(['b', 'c', 'd'].map((id) => send(fromGitHub('push', githubPush(), { id }))));
    expect(answers.map(([status]) => status)).toEqual([200, 200, 200]);
    expect(await send(fromGitHub('push', githubPush(), { id: 'a' }))).toEqual([200, { status: 'duplicate' }]);
    const [first] = await runsEnded(1);
    expect(first).toMatchObject({ repository: 'acme/secret', branch: 'main', commit: expect.stringMatching(/^[0-9a-f]{40}$/) });
    expect(first).not.toHaveProperty('code');
    await runsEnded(2);

    build({ 'app.ts': `${APP}export function stop(): void {}\n` });
    await send(fromGitHub('push', githubPush(), { id: 'e' }));
    await runsEnded(3);
    // Nothing of the payload was believed, and what is not allowed, not signed or no default branch was left alone.
    expect(await send(fromGitHub('push', githubPush({ branch: 'dev' }), { id: 'f' }))).toMatchObject([200, { ignored: [{ reason: 'not-authorized' }] }]);
    expect(await send(fromGitHub('push', githubPush({ id: 18 }), { id: 'g' }))).toMatchObject([200, { ignored: [{ reason: 'unseen' }] }]);
    // An installation that is not ours shows no repository.
    expect(await send(fromGitHub('push', githubPush({ installation: 98 }), { id: 'i' }))).toMatchObject([500, { status: 'failed' }]);
    expect(await send(fromGitHub('push', githubPush(), { id: 'h', secret: 'another' }))).toEqual([401, { status: 'refused', reason: 'signature' }]);
    expect((await send(fromGitLab('Push Hook', {}), 'gitlab'))[0]).toBe(404);

    const outcome = await end();
    expect(outcome.code).toBe(0);
    const log = outcome.stderr.trim().split('\n').map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
    expect(log.filter(({ event }) => event === 'run-finished')).toMatchObject(Array.from({ length: 3 }, () => ({
      level: 'info', run: expect.any(String) as string, repository: expect.stringMatching(/\/acme\/secret$/) as string, branch: 'main', commit: expect.stringMatching(/^[0-9a-f]{40}$/) as string,
    })));
    expect(log.filter(({ level }) => level === 'warn' || level === 'error')).toMatchObject([
      { event: 'delivery', host: 'github', result: 'failed', code: 'authentication-failed' }, { event: 'delivery', host: 'github', result: 'refused', message: 'signature' },
    ]);
    expect(outcome.stdout.trim().split('\n').filter((line) => line.includes('run-ended'))).toHaveLength(3);
    expect((await run('symbols', 'stop', '--repo', `${new URL(server.url).host}/acme/secret`)).stdout).toContain('app.ts');
    expectNoSecrets();
  });

  it('cancels what runs when it is told to end, within seconds, and leaves nothing behind', async () => {
    server.fault = (request) => request.method === 'POST' && request.url?.endsWith('/git-upload-pack') === true;
    const { send, end } = await serve('--allow', '**');
    await send(fromGitHub('push', githubPush()));
    while (server.asks(/POST .*git-upload-pack$/).length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    const started = performance.now();
    expect(await end()).toMatchObject({ code: 0, stdout: expect.stringMatching(/"type":"closing"[^]*"type":"run-ended".*"code":"aborted"/) });
    expect(performance.now() - started).toBeLessThan(3000);
    expect(readdirSync(join(workshop.folder, 'store/mirrors'))).toEqual([]);
  });

  it('tells of a repository that is gone, by its log, its metrics and a notification, and does not try again', async () => {
    const http = await openHttp();
    const address = `${http.url}/hooks/${secret('a-secret-path')}`;
    writeFileSync(join(workshop.folder, 'codeloom.config.json'), JSON.stringify({ notifications: [{ type: 'webhook', urlSecret: 'NOTIFY_URL', signingSecret: 'NOTIFY_KEY' }] }));
    environment = { ...environment, CODELOOM_NOTIFY_URL: address, CODELOOM_NOTIFY_KEY: 's1gning-key' };
    const { url, send, runsEnded, end } = await serve('--allow', '**', '--log-level', 'debug');
    server.fault = (request, response) => {
      if (!/info\/refs/.test(request.url ?? '') || request.headers.authorization === undefined) return false;
      response.writeHead(404).end();
      return true;
    };
    await send(fromGitHub('push', githubPush()));
    expect(await runsEnded(1)).toMatchObject([{ code: 'repository-not-found' }]);
    expect(server.asks(/info\/refs/).filter(({ authorization }) => authorization !== undefined)).toHaveLength(1);
    while (http.taken.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(JSON.parse(http.taken[0]?.body ?? '')).toMatchObject({ event: 'failed', repository: expect.stringContaining('acme/secret') as string, error: { code: 'repository-not-found' } });
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toContain('codeloom_runs_total{status="failed",code="repository-not-found"} 1');
    expect(metrics).toContain('codeloom_deliveries_total{host="github",result="done"} 1');
    const { stderr } = await end();
    expect(stderr).toMatch(/"event":"notification-sent".*"channel":"webhook"/);
    expectNoSecrets();
    expect(outputs.join('')).not.toMatch(/a-secret-path|s1gning-key/);
    await http.close();
  });

  it('is looked after by doctor: whom the host takes us for, and what is wrong with the key', async () => {
    expect(await run('doctor')).toMatchObject({ code: 0, stdout: expect.stringMatching(/^ok +GitHub +localhost:\d+ takes us for the App Codeloom Test, with a secret for webhooks$/m) });
    environment = { ...environment, CODELOOM_GITHUB_APP_ID: '12' };
    expect(await run('doctor')).toMatchObject({ code: 1, stdout: expect.stringMatching(/^FAIL +GitHub +localhost:\d+ does not accept the credentials/m) });
    environment = { ...environment, CODELOOM_GITHUB_PRIVATE_KEY_FILE: join(workshop.folder, 'webhook') };
    expect(await run('doctor')).toMatchObject({ code: 1, stdout: expect.stringMatching(/^FAIL +code hosts +The private key of the GitHub App cannot be read/m) });
    expect(outputs.join('')).not.toContain(SECRET);
  });

  it.each([
    ['no secret', { CODELOOM_GITHUB_WEBHOOK_SECRET_FILE: undefined }, ['--allow', '**'], /No webhook has a secret/],
    ['nothing allowed', {}, [], /Which repositories may be indexed/],
    ['a key without its App', { CODELOOM_GITHUB_APP_ID: undefined }, ['--allow', '**'], /CODELOOM_GITHUB_APP_ID/],
    ['a key that is none', { CODELOOM_GITHUB_PRIVATE_KEY_FILE: undefined, CODELOOM_GITHUB_PRIVATE_KEY: secret('n0-pem-at-all') }, ['--allow', '**'], /private key of the GitHub App cannot be read/],
  ])('refuses to serve with %s', async (_, more, flags, message) => {
    environment = { ...environment, ...more };
    const { code, stderr, stdout } = await run('serve', '--port', '0', ...flags);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(message) });
    expect(stderr + stdout).not.toContain('n0-pem-at-all');
  });

  /** In nothing that was printed, and in no file that was written. */
  function expectNoSecrets(): void {
    const basic = server.tokens.map((token) => Buffer.from(`x-access-token:${token}`).toString('base64'));
    const secrets = [...server.tokens, ...basic, SECRET, APP_KEY_PKCS1.split('\n')[1] ?? '', ...server.asked.flatMap(({ authorization = '' }) => (authorization.startsWith('Bearer ') ? [authorization.slice(7)] : []))];
    expect(secrets.length).toBeGreaterThan(4);
    const store = join(workshop.folder, 'store');
    const files = readdirSync(store, { recursive: true, encoding: 'utf8' }).map((name) => join(store, name)).filter((path) => statSync(path).isFile());
    expect(files.length).toBeGreaterThan(0);
    for (const secret of new Set(secrets)) {
      expect(outputs.filter((text) => text.includes(secret))).toEqual([]);
      expect(files.filter((file) => readFileSync(file).includes(secret))).toEqual([]);
    }
  }
});
