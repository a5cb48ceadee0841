import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FactEntry, FactStore } from '../../domain/ports/fact-store.js';
import { collect } from './sample-graph.js';
import type { StoreFixture } from './store-fixture.js';

/** An empty store, made afresh for every test. */
export type FactStoreFixture = StoreFixture<FactStore>;

/** What every FactStore must do: run it with a factory of empty stores. */
export function factStoreContract(name: string, factory: () => Promise<FactStoreFixture>): void {
  describe(`${name} as a FactStore`, () => {
    let fixture: FactStoreFixture;
    let store: FactStore;

    beforeEach(async () => {
      fixture = await factory();
      store = fixture.store;
    });

    afterEach(async () => {
      await store.close();
      await fixture.dispose?.();
    });

    const entry = (key: string, text: string): FactEntry => ({ key, bytes: new TextEncoder().encode(text) });
    const plain = (entries: readonly FactEntry[]) => entries.map(({ key, bytes }) => [key, [...bytes]] as const).sort(([a], [b]) => (a < b ? -1 : 1));
    const code = (expected: string) => expect.objectContaining({ name: 'CodeloomError', code: expected });
    const later = () => new Date(Date.now() + 3_600_000);

    it('gives back the bytes that were put, and leaves out what is missing', async () => {
      const entries = [entry('facts/1/python/aa', 'one'), entry('source/bb', ''), { key: 'source/cc', bytes: Uint8Array.from([0, 255, 0, 128]) }];
      await store.put(entries);
      expect(await store.has(['facts/1/python/aa', 'source/none', 'source/bb'])).toEqual(new Set(['facts/1/python/aa', 'source/bb']));
      expect(plain(await collect(store.get(['source/cc', 'source/none', 'facts/1/python/aa', 'source/bb', 'source/bb'])))).toEqual(plain(entries));
      expect(await collect(store.get([]))).toEqual([]);
      expect(await store.has([])).toEqual(new Set());
    });

    it('keeps what was put first', async () => {
      await store.put([entry('source/aa', 'first')]);
      await store.put([entry('source/aa', 'second'), entry('source/bb', 'x'), entry('source/bb', 'y')]);
      expect(plain(await collect(store.get(['source/aa', 'source/bb'])))).toEqual(plain([entry('source/aa', 'first'), entry('source/bb', 'x')]));
    });

    it('keeps its own copy of the bytes', async () => {
      const bytes = Uint8Array.from([1, 2, 3, 4]);
      await store.put([{ key: 'source/aa', bytes: bytes.subarray(1, 3) }]);
      bytes.fill(9);
      expect(plain(await collect(store.get(['source/aa'])))).toEqual([['source/aa', [2, 3]]]);
    });

    it('keeps large and odd content whole', async () => {
      const repetitive = new Uint8Array(3_000_000).fill(65);
      const noisy = new Uint8Array(200_000);
      for (let i = 0, seed = 1; i < noisy.length; i++) noisy[i] = (seed = (seed * 1103515245 + 12345) & 0x7fffffff) >> 16;
      await store.put([{ key: 'source/repetitive', bytes: repetitive }, { key: 'source/noisy', bytes: noisy }, entry('source/it\'s "odd"\u{1F600}', 'odd')]);
      const found = new Map((await collect(store.get(['source/repetitive', 'source/noisy', 'source/it\'s "odd"\u{1F600}']))).map(({ key, bytes }) => [key, bytes]));
      expect(Buffer.compare(found.get('source/repetitive') ?? new Uint8Array(), repetitive)).toBe(0);
      expect(Buffer.compare(found.get('source/noisy') ?? new Uint8Array(), noisy)).toBe(0);
      expect(found.size).toBe(3);
    });

    it('takes and gives thousands, in bounded batches', async () => {
      const entries = Array.from({ length: 3000 }, (_, index) => entry(`facts/${index}`, `facts of ${index} ${'.'.repeat(index % 200)}`));
      await store.put(entries);
      let largest = 0;
      const found: FactEntry[] = [];
      for await (const batch of store.get(entries.map(({ key }) => key))) {
        largest = Math.max(largest, batch.length);
        found.push(...batch);
      }
      expect(plain(found)).toEqual(plain(entries));
      expect(largest).toBeLessThan(1000);
      expect((await store.has(entries.map(({ key }) => key))).size).toBe(3000);
    });

    it('prunes what has one of the prefixes and is not to be kept, and counts', async () => {
      await store.put(['facts/1/a', 'facts/1/b', 'facts/10/a', 'source/a', 'listing/a', 'Facts/1/a'].map((key) => entry(key, key)));
      expect(await store.prune({ prefixes: ['facts/1/', 'source/'], keep: new Set(['facts/1/b']), olderThan: later() })).toBe(2);
      expect(await store.has(['facts/1/a', 'facts/1/b', 'facts/10/a', 'source/a', 'listing/a', 'Facts/1/a'])).toEqual(new Set(['facts/1/b', 'facts/10/a', 'listing/a', 'Facts/1/a']));
      expect(await store.prune({ prefixes: [], keep: new Set(), olderThan: later() })).toBe(0);
    });

    it('prunes overlapping prefixes once, and takes no character of a prefix for a wildcard', async () => {
      await store.put(['a_/1', 'ab/1', 'a%/1', '\u{1F600}/1', '\u{1F601}/1'].map((key) => entry(key, key)));
      expect(await store.prune({ prefixes: ['a_', 'a_/', '\u{1F600}'], keep: new Set(), olderThan: later() })).toBe(2);
      expect((await store.has(['a_/1', 'ab/1', 'a%/1', '\u{1F600}/1', '\u{1F601}/1'])).size).toBe(3);
    });

    it('prunes keys of any characters by prefixes of any', async () => {
      const keys = ['facts/a\u0000b', 'facts/\ud800', 'facts/plain', 'source/\u0000', '\u0001odd/a', '\u0001odd/b'];
      await store.put(keys.map((key) => entry(key, key)));
      expect(await store.prune({ prefixes: ['facts/', '\u0001odd/a'], keep: new Set(['facts/\ud800']), olderThan: later() })).toBe(3);
      expect(await store.has(keys)).toEqual(new Set(['facts/\ud800', 'source/\u0000', '\u0001odd/b']));
    });

    it('prunes nothing that was put since', async () => {
      await store.put([entry('source/a', 'a')]);
      expect(await store.prune({ prefixes: ['source/'], keep: new Set(), olderThan: new Date(Date.now() - 3_600_000) })).toBe(0);
      expect(await store.has(['source/a'])).toEqual(new Set(['source/a']));
    });

    it('prunes what was put before a moment, and putting again makes nothing younger', async () => {
      const pause = () => new Promise((resolve) => setTimeout(resolve, 15));
      await store.put([entry('source/old', 'old')]);
      await pause();
      const moment = new Date();
      await pause();
      await store.put([entry('source/old', 'old'), entry('source/new', 'new')]);
      expect(await store.prune({ prefixes: ['source/'], keep: new Set(), olderThan: moment })).toBe(1);
      expect(await store.has(['source/old', 'source/new'])).toEqual(new Set(['source/new']));
      await store.put([entry('source/old', 'back')]);
      expect(plain(await collect(store.get(['source/old'])))).toEqual(plain([entry('source/old', 'back')]));
    });

    it('leaves nothing of what it prunes', async ({ skip }) => {
      const { size } = fixture;
      if (size === undefined) return skip('the fixture does not count');
      await store.put([entry('source/kept', 'kept')]);
      const before = await size();
      await store.put([entry('facts/a', 'a'), entry('facts/b', 'b'.repeat(5000))]);
      await store.prune({ prefixes: ['facts/'], keep: new Set(), olderThan: later() });
      expect(await size()).toBe(before);
    });

    it('prunes thousands', async () => {
      await store.put(Array.from({ length: 2500 }, (_, index) => entry(`facts/${index}`, 'x')));
      expect(await store.prune({ prefixes: ['facts/'], keep: new Set(['facts/7']), olderThan: later() })).toBe(2499);
    });

    it('stops when told to', async () => {
      const signal = AbortSignal.abort();
      await expect(store.put([entry('source/a', 'a')], { signal })).rejects.toEqual(code('aborted'));
      await expect(collect(store.get(['source/a'], { signal }))).rejects.toEqual(code('aborted'));
      await expect(store.has(['source/a'], { signal })).rejects.toEqual(code('aborted'));
      await expect(store.prune({ prefixes: ['source/'], keep: new Set(), olderThan: later() }, { signal })).rejects.toEqual(code('aborted'));
      expect(await store.has(['source/a'])).toEqual(new Set());
    });

    it('closes twice, and answers nothing any more', async () => {
      await store.close();
      await store.close();
      await expect(store.has(['source/a'])).rejects.toEqual(code('store-unavailable'));
      await expect(store.put([entry('source/a', 'a')])).rejects.toEqual(code('store-unavailable'));
      await expect(collect(store.get(['source/a']))).rejects.toEqual(code('store-unavailable'));
      await expect(store.prune({ prefixes: ['source/'], keep: new Set(), olderThan: later() })).rejects.toEqual(code('store-unavailable'));
    });

    it('shares with another process, both putting at once', async ({ skip }) => {
      if (fixture.another === undefined) return skip('not shared');
      const other = await fixture.another();
      const keys = Array.from({ length: 40 }, (_, index) => `source/${index}`);
      await Promise.all(keys.map((key, index) => (index % 2 === 0 ? store : other).put([entry(key, key), entry('source/same', 'same')])));
      expect((await store.has(keys)).size).toBe(40);
      expect((await collect(other.get([...keys, 'source/same']))).length).toBe(41);
      await other.close();
    });
  });
}
