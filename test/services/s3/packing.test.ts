import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FactEntry } from '../../../src/domain/ports/fact-store.js';
import { collect } from '../../../src/testing/contracts/sample-graph.js';
import { freshBucket, type TestBucket } from './bucket.js';
import { startProxy, type Proxy } from './proxy.js';

const later = (): Date => new Date(Date.now() + 3_600_000);
const text = (content: string): Uint8Array => new TextEncoder().encode(content);
const facts = (count: number, from = 0): FactEntry[] => Array.from({ length: count }, (_, index) => ({ key: `facts/1/python/${index + from}`, bytes: text(`facts of ${index + from} ${'.'.repeat(index % 300)}`) }));
const keysOf = (entries: readonly FactEntry[]): string[] => entries.map(({ key }) => key);

/** Bytes that do not get smaller. */
function noise(length: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0, state = seed; i < length; i++) bytes[i] = (state = (state * 1103515245 + 12345) & 0x7fffffff) >> 16;
  return bytes;
}

describe('facts in packs', () => {
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

  /** The requests that some work costs, by method. */
  async function requests(work: () => Promise<unknown>): Promise<Record<string, number>> {
    proxy.seen.length = 0;
    await work();
    const counts: Record<string, number> = {};
    for (const { method } of proxy.seen) counts[method] = (counts[method] ?? 0) + 1;
    return counts;
  }

  it('costs three requests for thousands that are put, one for asking which are there, and one for getting them', async () => {
    const store = bucket.open({ endpoint: proxy.endpoint });
    await store.put(facts(1, 9000)); // what is there once: the format, the log
    const entries = facts(3000);
    expect(await requests(() => store.put(entries))).toEqual({ PUT: 2, GET: 1 });
    expect(await requests(async () => expect((await store.has(keysOf(entries))).size).toBe(3000))).toEqual({ GET: 1 });
    // One request takes 256 entries at most, so that batches stay small.
    expect(await requests(async () => expect((await collect(store.get(keysOf(entries)))).length).toBe(3000))).toEqual({ GET: 12 });
    expect(await requests(async () => expect((await collect(store.get(keysOf(entries).slice(100, 164)))).length).toBe(64))).toEqual({ GET: 1 });
    await store.close();
  });

  it('costs another process two requests more at first: the format and the record', async () => {
    const store = bucket.open();
    await store.put(facts(200));
    const other = bucket.open({ endpoint: proxy.endpoint });
    expect(await requests(() => other.has(keysOf(facts(200))))).toEqual({ GET: 3 });
    expect(await requests(() => other.has(keysOf(facts(200))))).toEqual({ GET: 1 });
    await Promise.all([store.close(), other.close()]);
  });

  it('puts nothing a second time', async () => {
    const store = bucket.open({ endpoint: proxy.endpoint });
    await store.put(facts(500));
    expect(await requests(() => store.put(facts(500)))).toEqual({ GET: 1 });
    const other = bucket.open({ endpoint: proxy.endpoint });
    expect(await requests(() => other.put(facts(500)))).toEqual({ GET: 3 });
    const before = await bucket.names();
    expect(await requests(() => other.put(facts(501)))).toEqual({ GET: 2, PUT: 2 });
    expect((await bucket.names()).length).toBe(before.length + 2);
    await Promise.all([store.close(), other.close()]);
  });

  it('cuts what is large into packs, and gives it back in bounded batches', async () => {
    const store = bucket.open({ packBytes: 100_000 });
    const entries = Array.from({ length: 40 }, (_, index): FactEntry => ({ key: `facts/${index}`, bytes: noise(25_000, index + 1) }));
    await store.put(entries);
    expect((await bucket.names('codeloom/facts/data/')).length).toBe(10);
    for await (const batch of store.get(keysOf(entries))) expect(batch.reduce((sum, { bytes }) => sum + bytes.length, 0)).toBeLessThanOrEqual(100_000);
    expect((await collect(store.get(keysOf(entries)))).every(({ key, bytes }) => Buffer.compare(bytes, entries[Number(key.slice(6))]?.bytes ?? new Uint8Array()) === 0)).toBe(true);
    await store.close();
  });

  it('gives what deflates well in bounded batches too', async () => {
    const store = bucket.open();
    const entries = Array.from({ length: 30 }, (_, index): FactEntry => ({ key: `facts/${index}`, bytes: new Uint8Array(1 << 20).fill(index) }));
    await store.put(entries);
    const sizes: number[] = [];
    for await (const batch of store.get(keysOf(entries))) sizes.push(batch.reduce((sum, { bytes }) => sum + bytes.length, 0));
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(30 << 20);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(16 << 20);
    await store.close();
  });

  it('reads what it is asked for, and not the packs that it lies in', async () => {
    const store = bucket.open();
    const entries = Array.from({ length: 20 }, (_, index): FactEntry => ({ key: `facts/${index}`, bytes: noise(200_000, index + 1) }));
    await store.put(entries);
    const other = bucket.open({ endpoint: proxy.endpoint });
    await other.has(['facts/0']);
    const got = await requests(async () => expect((await collect(other.get(['facts/3', 'facts/17']))).length).toBe(2));
    expect(got).toEqual({ GET: 2 });
    await Promise.all([store.close(), other.close()]);
  });

  it('keeps the log short, whoever writes it', async () => {
    const [one, two] = [bucket.open(), bucket.open()];
    for (let i = 0; i < 68; i++) await (i % 2 === 0 ? one : two).put(facts(1, i));
    expect((await bucket.names('codeloom/facts/log/')).length).toBeLessThan(10);
    const other = bucket.open();
    expect((await other.has(keysOf(facts(68)))).size).toBe(68);
    await Promise.all([one.close(), two.close(), other.close()]);
  });

  it('puts small packs together when it prunes, while others read and put', async () => {
    const [one, two, reader] = [bucket.open(), bucket.open(), bucket.open()];
    await Promise.all(facts(70).map((fact) => one.put([fact])));
    await reader.has(['facts/1/python/0']);
    const putting = (async () => {
      for (let i = 100; i < 110; i++) await two.put(facts(1, i));
    })();
    expect(await one.prune({ prefixes: ['facts/'], keep: new Set(keysOf(facts(110)).filter((key) => key !== 'facts/1/python/5')), olderThan: later() })).toBe(1);
    await putting;
    expect((await bucket.names('codeloom/facts/data/')).length).toBeLessThan(70 / 2);
    const expected = keysOf(facts(110)).filter((key) => { const number = Number(key.split('/')[3]); return number !== 5 && (number < 70 || number >= 100); });
    // It still means to read where nothing is any more.
    for (const store of [reader, one, two]) expect(keysOf(await collect(store.get(keysOf(facts(110))))).sort()).toEqual([...expected].sort());
    await Promise.all([one.close(), two.close(), reader.close()]);
  });

  it('copies what is left out of packs that are mostly pruned', async () => {
    const store = bucket.open({ packBytes: 100_000 });
    const entries = Array.from({ length: 60 }, (_, index): FactEntry => ({ key: `facts/${index}`, bytes: noise(10_000, index + 1) }));
    await store.put(entries);
    const kept = keysOf(entries).filter((_, index) => index % 5 === 0);
    expect(await store.prune({ prefixes: ['facts/'], keep: new Set(kept), olderThan: later() })).toBe(48);
    expect((await bucket.names('codeloom/facts/data/')).length).toBe(2);
    const other = bucket.open();
    const found = await collect(other.get(keysOf(entries)));
    expect(keysOf(found).sort()).toEqual([...kept].sort());
    expect(found.every(({ key, bytes }) => Buffer.compare(bytes, entries[Number(key.slice(6))]?.bytes ?? new Uint8Array()) === 0)).toBe(true);
    // They are as old as they were.
    expect(await other.prune({ prefixes: ['facts/'], keep: new Set(), olderThan: new Date(Date.now() - 60_000) })).toBe(0);
    expect(await other.prune({ prefixes: ['facts/'], keep: new Set(), olderThan: later() })).toBe(12);
    expect(await bucket.names('codeloom/facts/data/')).toEqual([]);
    await Promise.all([store.close(), other.close()]);
  });

  it('keeps tenants apart by their prefix', async () => {
    const [one, two] = [bucket.open({ prefix: 'tenants/one' }), bucket.open({ prefix: 'tenants/one-more' })];
    await one.put(facts(3));
    expect(await two.has(keysOf(facts(3)))).toEqual(new Set());
    await two.put(facts(2));
    expect(await two.prune({ prefixes: [''], keep: new Set(), olderThan: later() })).toBe(2);
    expect((await one.has(keysOf(facts(3)))).size).toBe(3);
    expect((await bucket.names()).every((name) => name.startsWith('tenants/one/') || name.startsWith('tenants/one-more/'))).toBe(true);
    await Promise.all([one.close(), two.close()]);
    for (const prefix of ['', '/', '../x\u0000', 'a//b']) expect(() => bucket.open({ prefix })).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
  });
});
