import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FactEntry, FactStore } from '../../../src/domain/ports/fact-store.js';
import { collect } from '../../../src/testing/contracts/sample-graph.js';
import { freshBucket, type TestBucket } from './bucket.js';
import { startProxy, type Proxy, type Seen } from './proxy.js';

const later = (): Date => new Date(Date.now() + 3_600_000);
const entry = (key: string, content = key): FactEntry => ({ key, bytes: new TextEncoder().encode(content) });
const read = async (store: FactStore, ...keys: string[]): Promise<Record<string, string>> => Object.fromEntries((await collect(store.get(keys))).map(({ key, bytes }) => [key, new TextDecoder().decode(bytes)]));
const isRecord = ({ method, path }: Seen): boolean => method === 'PUT' && path.includes('/log/');
const everything = { prefixes: [''], keep: new Set<string>() };

/** A promise that somebody else fulfils. */
function gate(): { readonly opened: Promise<void>; open(): void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

/** Another process's store, and a way to make it wait in the middle. */
describe('stores of several processes over one bucket', () => {
  let bucket: TestBucket;
  let proxy: Proxy;
  let one: FactStore;
  let slow: FactStore;
  beforeEach(async () => {
    bucket = await freshBucket();
    proxy = await startProxy();
    one = bucket.open();
    slow = bucket.open({ endpoint: proxy.endpoint });
  });
  afterEach(async () => {
    await Promise.all([one.close(), slow.close()]);
    await proxy.close();
    await bucket.dispose();
  });

  /** Begins a put of the slow store and gives it when it is about to write its record; `go` lets that through. */
  async function aboutToWrite(entries: readonly FactEntry[]): Promise<{ put: Promise<void>; go(): void }> {
    const [reached, let_] = [gate(), gate()];
    let first = true;
    proxy.treat((seen) => {
      if (!first || !isRecord(seen)) return { kind: 'pass' };
      first = false;
      reached.open();
      return { kind: 'pass', after: let_.opened };
    });
    const put = slow.put(entries);
    await reached.opened;
    return { put, go: let_.open };
  }

  it('never change what a key holds, when two put it at once', async () => {
    await slow.put([entry('facts/0')]);
    const { put, go } = await aboutToWrite([entry('facts/a', 'slow'), entry('facts/b', 'slow')]);
    await one.put([entry('facts/a', 'first')]);
    expect(await read(one, 'facts/a')).toEqual({ 'facts/a': 'first' });
    go();
    await put;
    for (const store of [one, slow, bucket.open()]) expect(await read(store, 'facts/a', 'facts/b')).toEqual({ 'facts/a': 'first', 'facts/b': 'slow' });
    // Nothing was overwritten either.
    await expect(bucket.names('codeloom/facts/log/')).resolves.toHaveLength(3);
  });

  it('leave nothing of a put that came too late for all its keys', async () => {
    await slow.put([entry('facts/0')]);
    const { put, go } = await aboutToWrite([entry('facts/a', 'slow')]);
    await one.put([entry('facts/a', 'first')]);
    go();
    await put;
    expect((await bucket.names('codeloom/facts/data/')).length).toBe(2);
  });

  it('keep what is put while everything is pruned and the log begun anew', async () => {
    // Enough that the record's number becomes free again below the base.
    for (let i = 0; i < 5; i++) await one.put([entry(`facts/${i}`)]);
    await slow.has(['facts/0']);
    const { put, go } = await aboutToWrite([entry('facts/slow')]);
    await one.put([entry('facts/5')]);
    expect(await one.prune({ ...everything, olderThan: later() })).toBe(6);
    expect(await bucket.names('codeloom/facts/log/')).toHaveLength(1);
    go();
    await put;
    for (const store of [one, slow, bucket.open()]) expect(await read(store, 'facts/slow', 'facts/0')).toEqual({ 'facts/slow': 'facts/slow' });
    await one.put([entry('facts/after')]);
    expect((await one.has(['facts/slow', 'facts/after'])).size).toBe(2);
  });

  it('put again what another has pruned meanwhile, though they have just seen it', async () => {
    await slow.put([entry('facts/a', 'old')]);
    await slow.has(['facts/a']);
    await one.prune({ ...everything, olderThan: later() });
    await slow.put([entry('facts/a', 'new')]);
    expect(await read(one, 'facts/a')).toEqual({ 'facts/a': 'new' });
  });

  it('prune what came in while they were about to say what they prune', async () => {
    await slow.put([entry('facts/0')]);
    const [reached, let_] = [gate(), gate()];
    let first = true;
    proxy.treat((seen) => {
      if (!first || !isRecord(seen)) return { kind: 'pass' };
      first = false;
      reached.open();
      return { kind: 'pass', after: let_.opened };
    });
    const pruned = slow.prune({ prefixes: ['facts/'], keep: new Set(['facts/kept']), olderThan: later() });
    await reached.opened;
    await one.put([entry('facts/1'), entry('facts/kept')]);
    let_.open();
    expect(await pruned).toBe(2);
    for (const store of [one, slow]) expect(await store.has(['facts/0', 'facts/1', 'facts/kept'])).toEqual(new Set(['facts/kept']));
    expect(await read(one, 'facts/0', 'facts/1', 'facts/kept')).toEqual({ 'facts/kept': 'facts/kept' });
  });

  it('know their own record again, when the answer to it was lost', async () => {
    await slow.put([entry('facts/0')]);
    let lost = 0;
    proxy.treat((seen) => (isRecord(seen) && lost++ === 0 ? { kind: 'lose-answer' } : { kind: 'pass' }));
    await slow.put([entry('facts/a')]);
    expect(lost).toBeGreaterThan(1);
    expect(await read(one, 'facts/a')).toEqual({ 'facts/a': 'facts/a' });
    lost = 0;
    expect(await slow.prune({ ...everything, olderThan: later() })).toBe(2);
    expect(await bucket.names('codeloom/facts/data/')).toEqual([]);
  });

  it('hold every key that was put, and none that was pruned, after a lot of both at once', async () => {
    const stores = [one, slow, bucket.open(), bucket.open()];
    await Promise.all(stores.map(async (store, worker) => {
      for (let round = 0; round < 5; round++) {
        await store.put([entry(`facts/kept/${worker}-${round}`), entry(`facts/gone/${worker}-${round}`)]);
        if (round % 3 === worker % 3) await store.prune({ prefixes: ['facts/gone/'], keep: new Set(), olderThan: later() });
      }
    }));
    await one.prune({ prefixes: ['facts/gone/'], keep: new Set(), olderThan: later() });
    const kept = stores.flatMap((_, worker) => Array.from({ length: 5 }, (__, round) => `facts/kept/${worker}-${round}`));
    const gone = kept.map((key) => key.replace('kept', 'gone'));
    for (const store of [...stores, bucket.open()]) expect(await read(store, ...kept, ...gone)).toEqual(Object.fromEntries(kept.map((key) => [key, key])));
  });

  it('can put again what somebody removed behind their backs', async () => {
    await one.put([entry('facts/a'), entry('source/b')]);
    await bucket.remove(await bucket.names('codeloom/facts/data/'));
    expect(await read(slow, 'facts/a', 'source/b')).toEqual({ 'source/b': 'source/b' });
    await one.put([entry('facts/a')]);
    expect(await read(slow, 'facts/a')).toEqual({ 'facts/a': 'facts/a' });
    await bucket.remove(await bucket.names());
    await one.put([entry('facts/c')]);
    expect(await read(bucket.open(), 'facts/a', 'facts/c')).toEqual({ 'facts/c': 'facts/c' });
  });
});
