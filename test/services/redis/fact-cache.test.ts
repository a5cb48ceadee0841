import { inspect } from 'node:util';
import { createClient } from '@redis/client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CodeloomError } from '../../../src/domain/errors.js';
import type { FactEntry, FactStore } from '../../../src/domain/ports/fact-store.js';
import { createRedisFactCache, type RedisFactCacheOptions } from '../../../src/redis.js';
import { createMemoryFactStore, factStoreContract } from '../../../src/testing.js';
import { collect } from '../../../src/testing/contracts/sample-graph.js';
import { freshPrefix, OWN_SERVER, server, startWire, URL_OF_REDIS, type Wire } from './redis.js';

factStoreContract('a cache in Redis before a store in memory', async () => ({ store: createRedisFactCache({ url: URL_OF_REDIS, inner: createMemoryFactStore(), prefix: freshPrefix() }) }));

const later = (): Date => new Date(Date.now() + 3_600_000);
const entry = (key: string, content = key): FactEntry => ({ key, bytes: new TextEncoder().encode(content) });
const read = async (store: FactStore, ...keys: string[]): Promise<Record<string, string>> => Object.fromEntries((await collect(store.get(keys))).map(({ key, bytes }) => [key, new TextDecoder().decode(bytes)]));

describe('a cache in Redis', () => {
  let wire: Wire;
  let prefix: string;
  let asked: string[];
  let notes: string[];
  let memory: FactStore;
  const opened: FactStore[] = [];
  beforeEach(async () => {
    wire = await startWire();
    prefix = freshPrefix();
    asked = [];
    notes = [];
    memory = createMemoryFactStore();
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((store) => store.close()));
    await wire.close();
  });

  /** The cache as one of several processes has it: before the same store, which tells what it is asked for, and which closing leaves open. */
  function open(options: Partial<RedisFactCacheOptions> = {}): FactStore {
    const inner: FactStore = {
      ...memory,
      get(keys, given) {
        asked.push(...keys);
        return memory.get(keys, given);
      },
      close: () => Promise.resolve(),
    };
    const cache = createRedisFactCache({ url: wire.url, inner, prefix, timeoutMs: 300, onNote: (note) => notes.push(note), ...options });
    opened.push(cache);
    return cache;
  }

  async function inRedis<T>(work: (client: ReturnType<typeof createClient>) => Promise<T>): Promise<T> {
    const client = createClient({ url: URL_OF_REDIS });
    await client.connect();
    try {
      return await work(client as ReturnType<typeof createClient>);
    } finally {
      client.destroy();
    }
  }

  it('gives what was put, and what was read once, without asking the store behind it', async () => {
    const [one, two] = [open(), open()];
    await one.put([entry('facts/a'), entry('source/b')]);
    expect(await read(two, 'facts/a', 'source/b')).toEqual({ 'facts/a': 'facts/a', 'source/b': 'source/b' });
    expect(asked).toEqual([]);
    await memory.put([entry('facts/c')]);
    expect(await read(one, 'facts/a', 'facts/c', 'facts/none')).toEqual({ 'facts/a': 'facts/a', 'facts/c': 'facts/c' });
    expect(asked.splice(0)).toEqual(['facts/c', 'facts/none']);
    expect(await read(two, 'facts/c')).toEqual({ 'facts/c': 'facts/c' });
    expect(asked).toEqual([]);
  });

  it('leaves large entries to the store behind it, and lets small ones go in time', async () => {
    const cache = open({ maxEntryBytes: 100, ttlSeconds: 50 });
    await cache.put([entry('facts/small', 'x'.repeat(100)), entry('facts/large', 'x'.repeat(101))]);
    await read(cache, 'facts/small', 'facts/large');
    expect(asked).toEqual(['facts/large']);
    await inRedis(async (client) => {
      const keys = (await client.keys(`${prefix}:*`)).filter((key) => !key.includes('generation'));
      expect(keys.length).toBe(1);
      const seconds = await client.ttl(keys[0] ?? '');
      expect(seconds).toBeGreaterThan(40);
      expect(seconds).toBeLessThanOrEqual(50);
    });
  });

  it('gives nothing that was pruned by another process, nor what that process put in its place', async () => {
    const [one, two] = [open(), open()];
    await one.put([entry('facts/a', 'old'), entry('facts/b'), entry('source/a')]);
    await read(two, 'facts/a', 'facts/b', 'source/a');
    expect(await two.prune({ prefixes: ['facts/'], keep: new Set(['facts/b']), olderThan: later() })).toBe(1);
    expect(await read(one, 'facts/a', 'facts/b')).toEqual({ 'facts/b': 'facts/b' });
    await two.put([entry('facts/a', 'new')]);
    expect(await read(one, 'facts/a')).toEqual({ 'facts/a': 'new' });
    asked.splice(0);
    // Of another kind nothing was pruned.
    expect(await read(one, 'source/a')).toEqual({ 'source/a': 'source/a' });
    expect(asked).toEqual([]);
    await one.prune({ prefixes: ['s'], keep: new Set(), olderThan: later() });
    expect(await read(two, 'source/a')).toEqual({});
  });

  it('does not find again what somebody cached who had read it before it was pruned', async () => {
    const reader = createRedisFactCache({
      url: URL_OF_REDIS, prefix,
      inner: {
        ...memory,
        async *get(keys, given) {
          const found = await collect(memory.get(keys, given));
          // Between reading and caching.
          await open().prune({ prefixes: ['facts/'], keep: new Set(), olderThan: later() });
          yield found;
        },
        close: () => Promise.resolve(),
      },
    });
    opened.push(reader);
    await memory.put([entry('facts/a')]);
    expect(await read(reader, 'facts/a')).toEqual({ 'facts/a': 'facts/a' });
    expect(await read(open(), 'facts/a')).toEqual({});
  });

  it('finds nothing of earlier when Redis has lost which generation it is', async () => {
    const cache = open();
    await cache.put([entry('facts/a')]);
    await inRedis(async (client) => client.del(`${prefix}:generation:facts/`));
    await read(cache, 'facts/a');
    expect(asked).toEqual(['facts/a']);
  });

  it('keeps the caches of different prefixes apart', async () => {
    const [one, other] = [open(), open({ prefix: freshPrefix() })];
    await one.put([entry('facts/a')]);
    await read(other, 'facts/a');
    expect(asked).toEqual(['facts/a']);
  });

  it('does without Redis when it goes away in mid-run, says so once, and takes it up again', { timeout: 30_000 }, async () => {
    const cache = open();
    await cache.put([entry('facts/a')]);
    wire.cut();
    await cache.put([entry('facts/b')]);
    expect(await read(cache, 'facts/a', 'facts/b')).toEqual({ 'facts/a': 'facts/a', 'facts/b': 'facts/b' });
    expect(await cache.prune({ prefixes: ['facts/a'], keep: new Set(), olderThan: later() })).toBe(1);
    expect(await read(cache, 'facts/a', 'facts/b')).toEqual({ 'facts/b': 'facts/b' });
    expect(notes).toEqual([expect.stringMatching(/^Redis at 127\.0\.0\.1:\d+ is not used as a cache for now: .*\. Facts come from the store behind it\.$/)]);
    wire.mend();
    await expect.poll(async () => {
      await read(cache, 'facts/b');
      asked.splice(0);
      await read(cache, 'facts/b');
      return asked.length;
    }, { timeout: 15_000, interval: 300 }).toBe(0);
    // What was pruned while Redis was away is not found in it.
    expect(await read(cache, 'facts/a')).toEqual({});
    expect(notes.length).toBe(1);
  });

  it('does without a Redis that is not there from the first', async () => {
    wire.cut();
    const cache = open();
    await cache.put([entry('facts/a')]);
    expect(await read(cache, 'facts/a')).toEqual({ 'facts/a': 'facts/a' });
    expect(notes.length).toBe(1);
  });

  it('waits no longer for a slow Redis than it is told to, and then not at all for a while', async () => {
    const cache = open();
    await cache.put([entry('facts/a')]);
    wire.hang();
    const begun = performance.now();
    for (let i = 0; i < 50; i++) {
      await cache.put([entry(`facts/${i}`)]);
      expect(await read(cache, 'facts/a')).toEqual({ 'facts/a': 'facts/a' });
    }
    expect(performance.now() - begun).toBeLessThan(2000);
    expect(notes).toEqual([expect.stringContaining('no answer within 300 ms')]);
  });

  it('stops within a second when told to, though Redis says nothing', async () => {
    const cache = open({ timeoutMs: 60_000 });
    await cache.put([entry('facts/a')]);
    wire.hang();
    const stop = new AbortController();
    const reading = collect(cache.get(['facts/a'], { signal: stop.signal }));
    setTimeout(() => stop.abort(), 50);
    const begun = performance.now();
    await expect(reading).rejects.toMatchObject({ code: 'aborted' });
    expect(performance.now() - begun).toBeLessThan(1000);
  });

  it('says that the password is wrong, does not ask for another attempt, and shows neither', async () => {
    const url = new URL(URL_OF_REDIS);
    const right = decodeURIComponent(url.password);
    url.password = 'wrong-Secret-7Yq';
    const cache = open({ url: url.href });
    const error: unknown = await cache.put([entry('facts/a')]).then(() => undefined, (caught: unknown) => caught);
    expect(error).toBeInstanceOf(CodeloomError);
    expect(error).toMatchObject({ code: 'authentication-failed', retryable: false });
    const shown = `${inspect(error, { depth: 20, showHidden: true })} ${JSON.stringify(error)}`;
    expect(shown).not.toContain('wrong-Secret-7Yq');
    expect(shown).not.toContain(right);
    for (const address of ['redis:// :wrong-Secret-7Yq@', 'http://me:wrong-Secret-7Yq@127.0.0.1']) {
      expect(() => open({ url: address })).toThrow(expect.objectContaining({ code: 'invalid-argument', message: expect.not.stringContaining('Secret') }));
    }
  });

  it('caches on when Redis has no room, or refuses a command, and says so', async () => {
    await inRedis(async (client) => {
      await client.configSet('maxmemory', '1');
      try {
        const cache = open();
        await cache.put([entry('facts/a')]);
        expect(await read(cache, 'facts/a')).toEqual({ 'facts/a': 'facts/a' });
        expect(notes).toEqual([expect.stringContaining('it answers OOM')]);
      } finally {
        await client.configSet('maxmemory', '0');
      }
    });
  });

  it.runIf(OWN_SERVER)('goes on with a server that was killed and started again', { timeout: 60_000 }, async () => {
    const cache = open({ url: URL_OF_REDIS });
    await cache.put([entry('facts/a')]);
    server('crash');
    await cache.put([entry('facts/b')]);
    expect(await read(cache, 'facts/a', 'facts/b')).toEqual({ 'facts/a': 'facts/a', 'facts/b': 'facts/b' });
    server('start');
    await expect.poll(async () => {
      await read(cache, 'facts/a', 'facts/b');
      asked.splice(0);
      await read(cache, 'facts/a', 'facts/b');
      return asked.length;
    }, { timeout: 20_000, interval: 300 }).toBe(0);
    expect(notes.length).toBe(1);
  });
});
