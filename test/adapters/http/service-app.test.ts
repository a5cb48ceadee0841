import { request } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { listen, type Listening } from '../../../src/adapters/http/listen.js';
import { createServiceApp, type ServiceAppOptions } from '../../../src/adapters/http/service-app.js';
import { createMemoryFactStore } from '../../../src/adapters/memory/fact-store.js';
import { createMemoryGraphStore } from '../../../src/adapters/memory/graph-store.js';
import { createMemoryMetadataStore } from '../../../src/adapters/memory/metadata-store.js';
import { CodeloomError } from '../../../src/domain/errors.js';
import { checkReadiness } from '../../../src/use-cases/check-readiness.js';

describe('the addresses of a running codeloom', () => {
  const stores = () => ({ graphStore: createMemoryGraphStore(), metadataStore: createMemoryMetadataStore(), factStore: createMemoryFactStore() });
  const open = (more: Partial<ServiceAppOptions> = {}) => createServiceApp({ readiness: (options) => checkReadiness(stores(), options), ...more });

  it('say that it lives and is ready', async () => {
    const app = open();
    expect(await (await app.request('/healthz')).json()).toEqual({ status: 'ok' });
    const response = await app.request('/readyz');
    expect([response.status, await response.json()]).toEqual([200, { status: 'ready', checks: [{ name: 'graph-store', ok: true }, { name: 'metadata-store', ok: true }, { name: 'fact-store', ok: true }] }]);
  });

  it('say which store does not answer, or not in time; the process lives all the same', async () => {
    const broken = stores();
    broken.graphStore.heads = async () => { throw new CodeloomError('store-unavailable', 'at db.internal:5432 with a user name'); };
    broken.factStore.has = () => new Promise(() => undefined);
    const app = open({ readiness: () => checkReadiness(broken, { withinMs: 30 }) });
    const response = await app.request('/readyz');
    expect([response.status, await response.json()]).toEqual([503, {
      status: 'not-ready', checks: [{ name: 'graph-store', ok: false, code: 'store-unavailable' }, { name: 'metadata-store', ok: true }, { name: 'fact-store', ok: false, code: 'store-unavailable' }],
    }]);
    expect((await app.request('/healthz')).status).toBe(200);
  });

  it('ask the stores once, however many ask at once', async () => {
    let asked = 0;
    const app = open({ readiness: async () => { asked += 1; await new Promise((resolve) => setTimeout(resolve, 20)); return { ready: true, checks: [] }; } });
    await Promise.all(Array.from({ length: 50 }, () => app.request('/readyz')));
    expect(asked).toBe(1);
    await app.request('/readyz');
    expect(asked).toBe(2);
  });

  it('have metrics where there are any', async () => {
    expect((await open().request('/metrics')).status).toBe(404);
    const response = await open({ metrics: async () => ({ contentType: 'text/plain; version=0.0.4', body: 'up 1\n' }) }).request('/metrics');
    expect([response.status, response.headers.get('content-type'), await response.text()]).toEqual([200, 'text/plain; version=0.0.4', 'up 1\n']);
  });

  it('say nothing of what went wrong within', async () => {
    const response = await open({ readiness: async () => { throw new Error('password hunter2'); } }).request('/readyz');
    expect([response.status, await response.text()]).toEqual([500, '{"status":"failed"}']);
  });
});

describe('a server', () => {
  let listening: Listening | undefined;
  afterEach(async () => {
    await listening?.close({ graceMs: 0 });
    listening = undefined;
  });

  it('listens on this machine only, by default', async () => {
    listening = await listen({ fetch: () => new Response('hello'), port: 0 });
    expect(listening.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(await (await fetch(listening.url)).text()).toBe('hello');
  });

  it('says which address it cannot have', async () => {
    listening = await listen({ fetch: () => new Response('hello'), port: 0 });
    await expect(listen({ fetch: () => new Response('x'), port: Number(new URL(listening.url).port) })).rejects.toMatchObject({ code: 'invalid-configuration', message: expect.stringContaining('EADDRINUSE') });
  });

  it('lets what it answers end when it closes, and cuts off what lasts longer', async () => {
    let answer = (): void => undefined;
    const held = new Promise<void>((resolve) => { answer = resolve; });
    listening = await listen({ fetch: async () => { await held; return new Response('done'); }, port: 0 });
    const { port } = new URL(listening.url);
    const got = new Promise<string>((resolve, reject) => request(listening?.url ?? '', (response) => response.on('data', (chunk: Buffer) => resolve(chunk.toString()))).on('error', reject).end());
    const idle = connect(Number(port), '127.0.0.1');
    idle.on('error', () => undefined);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const closed = listening.close({ graceMs: 5_000 });
    await new Promise((resolve) => setTimeout(resolve, 50));
    answer();
    expect(await got).toBe('done');
    idle.destroy();
    await closed;

    listening = await listen({ fetch: () => new Promise(() => undefined), port: 0 });
    const cut = new Promise<unknown>((resolve) => request(listening?.url ?? '').on('error', resolve).end());
    await new Promise((resolve) => setTimeout(resolve, 50));
    await listening.close({ graceMs: 50 });
    expect(await cut).toMatchObject({ code: 'ECONNRESET' });
  });
});
