import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CodeloomError } from '../../../src/domain/errors.js';
import type { FactEntry } from '../../../src/domain/ports/fact-store.js';
import { createS3FactStore } from '../../../src/s3.js';
import { collect } from '../../../src/testing/contracts/sample-graph.js';
import { CREDENTIALS, ENDPOINT, freshBucket, OWN_SERVER, server, type TestBucket } from './bucket.js';
import { startProxy, type Proxy } from './proxy.js';
import { secret } from '../../secrets/watch.js';

const entry = (key: string, content = key): FactEntry => ({ key, bytes: new TextEncoder().encode(content) });
const later = (): Date => new Date(Date.now() + 3_600_000);
const SECRET = secret('wrong-Secret-7Yq');

async function failure(work: Promise<unknown>): Promise<CodeloomError> {
  const error: unknown = await work.then(() => undefined, (caught: unknown) => caught);
  if (!(error instanceof CodeloomError)) throw new Error(`No CodeloomError but ${String(error)}`);
  return error;
}

/** Everything that a log may come to show of an error. */
const shown = (error: CodeloomError): string => `${inspect(error, { depth: 20, showHidden: true })} ${JSON.stringify(error)} ${JSON.stringify(error.details)}`;

describe('a bucket in trouble', () => {
  let bucket: TestBucket;
  let proxy: Proxy;
  beforeEach(async () => {
    bucket = await freshBucket();
    proxy = await startProxy();
  });
  afterEach(async () => {
    await proxy.close();
    await bucket.dispose();
  });

  it('says that the keys are wrong, does not ask for another attempt, and shows no secret', async () => {
    for (const credentials of [{ ...CREDENTIALS, secretAccessKey: SECRET }, { accessKeyId: 'NOBODY', secretAccessKey: SECRET }]) {
      const store = bucket.open({ credentials });
      for (const work of [() => store.has(['facts/a']), () => store.put([entry('facts/a')]), () => collect(store.get(['facts/a']))]) {
        const error = await failure(work());
        expect(error).toMatchObject({ code: 'authentication-failed', retryable: false });
        expect(shown(error)).not.toContain(SECRET);
        expect(shown(error)).not.toContain(CREDENTIALS.secretAccessKey);
        expect(error.message).toContain(bucket.options.bucket);
      }
      await store.close();
    }
  });

  it('says that there are no keys where the SDK looks', async () => {
    const store = bucket.open({ credentials: () => Promise.reject(Object.assign(new Error('no words-of-a-provider'), { name: 'CredentialsProviderError' })) });
    const error = await failure(store.has(['facts/a']));
    expect(error).toMatchObject({ code: 'authentication-failed', retryable: false });
    expect(error.message).not.toContain('words-of-a-provider');
    await store.close();
  });

  it('says that there is no such bucket', async () => {
    const store = bucket.open({ bucket: 'nobody-made-this' });
    const error = await failure(store.put([entry('facts/a')]));
    expect(error).toMatchObject({ code: 'invalid-configuration', retryable: false, message: expect.stringContaining('There is no bucket nobody-made-this') });
    expect((await failure(store.has(['facts/a']))).code).toBe('invalid-configuration');
    await store.close();
  });

  it('refuses keys in the endpoint, and does not repeat them', () => {
    const endpoint = ENDPOINT.replace('//', `//me:${SECRET}@`);
    try {
      createS3FactStore({ bucket: 'b', endpoint });
      expect.unreachable();
    } catch (error) {
      expect(CodeloomError.from(error).code).toBe('invalid-argument');
      expect(shown(CodeloomError.from(error))).not.toContain(SECRET);
    }
  });

  it('tells a refusal to write from a refusal to read', async () => {
    const store = bucket.open({ endpoint: proxy.endpoint });
    await store.put([entry('facts/a')]);
    proxy.treat(({ method }) => (method === 'GET' ? { kind: 'pass' } : { kind: 'answer', status: 403, code: 'AccessDenied' }));
    expect(await failure(store.put([entry('facts/b')]))).toMatchObject({ code: 'store-read-only', retryable: false });
    proxy.treat(() => ({ kind: 'answer', status: 403, code: 'AccessDenied' }));
    expect(await failure(store.has(['facts/b']))).toMatchObject({ code: 'permission-denied', retryable: false });
    await store.close();
  });

  it('gets past a few failures of the server, and asks for another attempt after many', async () => {
    const store = bucket.open({ endpoint: proxy.endpoint });
    let failures = 2;
    proxy.treat(() => (failures-- > 0 ? { kind: 'answer', status: 503, code: 'ServiceUnavailable' } : { kind: 'pass' }));
    await store.put([entry('facts/a')]);
    proxy.treat(() => ({ kind: 'answer', status: 500, code: 'InternalError' }));
    expect(await failure(store.has(['facts/a']))).toMatchObject({ code: 'store-unavailable', retryable: true });
    proxy.treat(() => ({ kind: 'answer', status: 503, code: 'SlowDown' }));
    expect(await failure(store.has(['facts/a']))).toMatchObject({ code: 'store-busy', retryable: true });
    proxy.treat(({ method }) => (method === 'PUT' ? { kind: 'answer', status: 507, code: 'InsufficientStorage' } : { kind: 'pass' }));
    expect(await failure(store.put([entry('facts/b')]))).toMatchObject({ code: 'store-full', retryable: false });
    await store.close();
  });

  it('gives up on a server that says nothing', async () => {
    const store = bucket.open({ endpoint: proxy.endpoint, timeoutMs: 200 });
    proxy.treat(() => ({ kind: 'hang' }));
    expect(await failure(store.has(['facts/a']))).toMatchObject({ code: 'store-unavailable', retryable: true });
    await store.close();
  });

  it('says that nothing listens there', async () => {
    const listener = createServer();
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    const { port } = listener.address() as AddressInfo; // it listens on a port
    await new Promise((resolve) => listener.close(resolve));
    const store = bucket.open({ endpoint: `http://127.0.0.1:${port}` });
    expect(await failure(store.has(['facts/a']))).toMatchObject({ code: 'store-unavailable', retryable: true, message: expect.stringContaining('ECONNREFUSED') });
    await store.close();
  });

  it('refuses a server that overwrites what it is told to make only if it is not there', async () => {
    const store = bucket.open({ endpoint: proxy.endpoint });
    // As a server does that does not know the header: each write succeeds.
    proxy.treat(({ method }) => (method === 'PUT' ? { kind: 'answer', status: 200, code: 'none' } : { kind: 'pass' }));
    expect(await failure(store.put([entry('facts/a')]))).toMatchObject({ code: 'invalid-configuration' });
    await store.close();
  });

  it('leaves what a newer version wrote as it is', async () => {
    await bucket.write('codeloom/format', new TextEncoder().encode('codeloom facts 2\n'));
    const store = bucket.open();
    for (const work of [() => store.put([entry('facts/a')]), () => store.has(['facts/a']), () => store.prune({ prefixes: [''], keep: new Set(), olderThan: later() })]) expect((await failure(work())).code).toBe('store-too-new');
    expect(await bucket.names()).toEqual(['codeloom/format']);
    await store.close();
  });

  it('notices bytes that are not those that were put', async () => {
    const store = bucket.open();
    await store.put([entry('facts/a', 'content')]);
    const [pack = ''] = await bucket.names('codeloom/facts/data/');
    await bucket.write(pack, new TextEncoder().encode('cXntent'));
    expect((await failure(collect(store.get(['facts/a'])))).code).toBe('store-corrupt');
    await bucket.write(pack, new TextEncoder().encode('con'));
    expect((await failure(collect(bucket.open().get(['facts/a'])))).code).toBe('store-corrupt');
    const [record = ''] = await bucket.names('codeloom/facts/log/');
    await bucket.write(record, new TextEncoder().encode('what is this'));
    expect((await failure(bucket.open().has(['facts/a']))).code).toBe('store-corrupt');
    await store.close();
  });

  it.each(['put', 'has', 'get', 'prune'] as const)('stops a %s within a second when told to, whatever the server does', async (method) => {
    const store = bucket.open({ endpoint: proxy.endpoint });
    await store.put([entry('facts/a')]);
    proxy.treat(() => ({ kind: 'hang' }));
    const stop = new AbortController();
    const { signal } = stop;
    const works = {
      put: () => store.put([entry('facts/b')], { signal }), has: () => store.has(['facts/b'], { signal }), get: () => collect(store.get(['facts/a'], { signal })),
      prune: () => store.prune({ prefixes: ['facts/'], keep: new Set(), olderThan: later() }, { signal }),
    };
    // The second waits for the first.
    const [first, second] = [failure(works[method]()), failure(works[method]())];
    await new Promise((resolve) => setTimeout(resolve, 50));
    const told = performance.now();
    stop.abort();
    expect((await first).code).toBe('aborted');
    expect((await second).code).toBe('aborted');
    expect(performance.now() - told).toBeLessThan(1000);
    proxy.treat(() => ({ kind: 'pass' }));
    expect(await store.has(['facts/a', 'facts/b'])).toEqual(new Set(['facts/a']));
    await store.put([entry('facts/b')]);
    await store.close();
  });

  it('leaves no pack behind when it is stopped before the record', async () => {
    const store = bucket.open({ endpoint: proxy.endpoint });
    await store.put([entry('facts/a')]);
    const stop = new AbortController();
    let packs = 0;
    proxy.treat(({ method, path }) => {
      if (method === 'PUT' && path.includes('/data/') && ++packs === 2) {
        setTimeout(() => stop.abort(), 50);
        return { kind: 'hang' };
      }
      return { kind: 'pass' };
    });
    const big = bucket.open({ endpoint: proxy.endpoint, packBytes: 1000 });
    const stored = Array.from({ length: 3 }, (_, index) => entry(`facts/b${index}`, `${index}`.repeat(900)));
    expect((await failure(big.put(stored, { signal: stop.signal }))).code).toBe('aborted');
    expect((await bucket.names('codeloom/facts/data/')).length).toBe(1);
    await Promise.all([store.close(), big.close()]);
  });

  it.runIf(OWN_SERVER)('goes on with a server that was killed in mid-put and started again: each entry whole or not at all', async () => {
    const store = bucket.open({ packBytes: 64_000 });
    await store.put([entry('facts/before')]);
    const entries = Array.from({ length: 400 }, (_, index) => entry(`facts/${index}`, `${index} `.repeat(2000)));
    const put = failure((async () => {
      for (let round = 0; ; round++) await store.put(entries.map(({ key, bytes }) => ({ key: `${key}-${round}`, bytes })));
    })());
    await new Promise((resolve) => setTimeout(resolve, 1500));
    server('crash');
    expect(await put).toMatchObject({ code: 'store-unavailable', retryable: true });
    server('start');
    const other = bucket.open();
    const keys = Array.from({ length: 20 }, (_, round) => entries.map(({ key }) => `${key}-${round}`)).flat();
    const there = await other.has([...keys, 'facts/before']);
    expect(there.has('facts/before')).toBe(true);
    const found = await collect(other.get([...there]));
    expect(found.length).toBe(there.size);
    for (const { key, bytes } of found) if (key !== 'facts/before') expect(new TextDecoder().decode(bytes)).toBe(`${key.slice(6).split('-')[0]} `.repeat(2000));
    await store.put(entries);
    expect((await other.has(entries.map(({ key }) => key))).size).toBe(400);
    await Promise.all([store.close(), other.close()]);
  });
});
