import type { ChildProcess } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCommandLine, finished, type CommandLine, type Outcome } from '../../adapters/cli/command-line.js';
import { buildRepository } from '../../adapters/git/build-repository.js';
import { startHostServer, type HostServer } from '../../adapters/code-hosts/host-server.js';
import { openHttp } from '../../adapters/notify/servers.js';
import { openGate, type Gate } from '../gate.js';
import { postgresPlace, servers, type Place } from '../places.js';
import { ADDRESS, freshQueue, until } from './harness.js';

const SOURCE = { 'src/dates.ts': 'export function parseDate(): void {}\n', 'src/app.ts': "import { parseDate } from './dates.js';\nparseDate();\n" };

describe.skipIf(servers.postgres === '')('a worker that is looked after', () => {
  let line: CommandLine;
  let host: HostServer;
  let place: Place;
  let http: Awaited<ReturnType<typeof openHttp>>;
  let toStore: Gate;
  let toTemporal: Gate;
  let environment: Record<string, string>;
  let worker: ChildProcess;
  let ended: Promise<Outcome>;
  let log = '';
  let address = '';

  beforeAll(async () => {
    line = createCommandLine({ 'README.md': '' });
    const served = join(line.folder, '../served');
    mkdirSync(served);
    host = await startHostServer({ folder: served });
    buildRepository(join(served, 'acme/dates.git'), { head: 'main', branches: { main: [SOURCE] } });
    host.repositories.push({ id: Date.now(), name: 'acme/dates', folder: 'acme/dates.git', former: [], defaultBranch: 'main', archived: false, secret: false });
    writeFileSync(join(line.folder, '../ca'), host.ca);
    http = await openHttp();
    writeFileSync(join(line.folder, 'codeloom.config.json'), JSON.stringify({ notifications: [{ type: 'webhook', urlSecret: 'OPS_URL', signingSecret: 'OPS_SECRET', on: ['succeeded', 'failed'] }] }));
    place = postgresPlace();
    const store = new URL(servers.postgres);
    toStore = await openGate(Number(store.port), store.hostname);
    toTemporal = await openGate(Number(ADDRESS.split(':')[1]));
    store.host = `127.0.0.1:${toStore.port}`;
    environment = {
      CODELOOM_TEMPORAL_ADDRESS: `127.0.0.1:${toTemporal.port}`, CODELOOM_TASK_QUEUE: freshQueue(), CODELOOM_GRAPH_STORE: place.text, CODELOOM_POSTGRES_URL: store.href,
      CODELOOM_OPS_URL: `${http.url}/hook`, CODELOOM_OPS_SECRET: 'what-hooks-are-signed-with', NODE_EXTRA_CA_CERTS: join(line.folder, '../ca'), GIT_SSL_CAINFO: join(line.folder, '../ca'),
    };
    worker = line.startWith({ environment }, 'worker', '--metrics-port', '0');
    worker.stderr?.on('data', (part: Buffer) => { log += part.toString(); });
    ended = finished(worker);
    const listening = (): string | undefined => /"event":"listening","url":"([^"]+)"/.exec(log)?.[1];
    await until(() => listening() !== undefined, 'it listens', 60_000);
    address = listening() ?? '';
  });
  afterAll(async () => {
    worker.kill('SIGKILL');
    await Promise.all([toStore.close(), toTemporal.close(), host.close(), http.close()]);
    await place.remove();
    line.remove();
    rmSync(join(line.folder, '..'), { recursive: true, force: true });
  });

  const run = (...argv: string[]): Promise<Outcome> => line.runWith({ environment }, ...argv);
  const get = async (path: string) => {
    const response = await fetch(`${address}${path}`);
    return { status: response.status, text: await response.text() };
  };
  const failing = async (): Promise<string[]> => {
    const { status, text } = await get('/readyz');
    const { checks } = JSON.parse(text) as { readonly checks: readonly { readonly name: string; readonly ok: boolean }[] };
    expect(checks.map(({ name }) => name)).toEqual(['graph-store', 'metadata-store', 'fact-store', 'temporal']);
    expect(status).toBe(checks.every(({ ok }) => ok) ? 200 : 503);
    return checks.filter(({ ok }) => !ok).map(({ name }) => name);
  };

  it('is alive and ready, and has metrics, before any run', async () => {
    expect((await get('/healthz')).status).toBe(200);
    expect(await failing()).toEqual([]);
    expect((await get('/metrics')).text).toContain('# HELP codeloom_runs_total ');
  });

  it('tells of a run while it goes and after it; what nobody takes of that is put aside, and sent when it is asked for', async () => {
    http.answers.push(404);
    const going = run('run', 'start', `${host.url}/acme/dates`, '--wait');
    let during = 0;
    const succeeded = 'codeloom_runs_total{status="succeeded",code=""} 1';
    await until(async () => {
      const { status, text } = await get('/metrics');
      expect(status).toBe(200);
      if (/codeloom_stage_seconds_count\{stage="acquire"/.test(text) && !text.includes(succeeded)) during += 1;
      return text.includes(succeeded);
    }, 'the run has ended', 60_000);
    expect(during).toBeGreaterThan(0);
    expect(await going).toMatchObject({ code: 0 });
    await until(async () => (await get('/metrics')).text.includes('codeloom_notifications_total{channel="webhook",result="dead-lettered"} 1'), 'it is put aside');
    const { text } = await get('/metrics');
    for (const metric of ['codeloom_files_total{how="parsed"} 2', ...['acquire', 'extract', 'link', 'publish', 'record', 'retire', 'release'].map((stage) => `codeloom_stage_seconds_count{stage="${stage}",outcome="finished"} 1`)]) expect(text).toContain(metric);
    expect(text).toMatch(/^codeloom_port_call_seconds_count\{port="graph-store",method="publish"\} 1$/m);

    expect(await run('notifications', 'list')).toMatchObject({ code: 0, stdout: expect.stringMatching(/^CHANNEL +EVENT [^]*\nwebhook +succeeded .*acme\/dates/) });
    http.answers.push(503);
    expect(await run('notifications', 'retry')).toMatchObject({ code: 1, stdout: '0 notifications sent, 1 left.\n' });
    expect(await run('notifications', 'retry')).toMatchObject({ code: 0, stdout: '1 notification sent, 0 left.\n' });
    expect((await run('notifications', 'list')).stdout).toBe('Nothing: all notifications were sent.\n');
    expect(new Set(http.taken.map(({ body }) => (JSON.parse(body) as { readonly id: string }).id)).size).toBe(1);
    expect(http.taken.at(-1)?.headers['x-codeloom-signature-256']).toMatch(/^sha256=[0-9a-f]{64}$/);
  });

  it.each([['its store', () => toStore, ['graph-store', 'metadata-store', 'fact-store']], ['Temporal', () => toTemporal, ['temporal']]])('is not ready, and alive, while %s is away', async (_, gate, names) => {
    gate().shut();
    expect(await failing()).toEqual(names);
    expect((await get('/healthz')).status).toBe(200);
    gate().open();
    await until(async () => (await failing()).length === 0, 'it is ready again');
  });

  it('works on after that, and ends with what it listens on when it is told to', async () => {
    expect(await run('run', 'start', `${host.url}/acme/dates`, '--wait')).toMatchObject({ code: 0, stdout: expect.stringContaining('nothing to do') });
    worker.kill('SIGTERM');
    expect((await ended).code).toBe(0);
    await expect(fetch(`${address}/healthz`)).rejects.toThrow();
  });
});
