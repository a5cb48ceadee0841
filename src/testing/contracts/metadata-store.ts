import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { IndexRun, RunEvent } from '../../domain/index-run.js';
import type { CallOptions } from '../../domain/ports/call-options.js';
import type { IndexedFile, MetadataStore } from '../../domain/ports/metadata-store.js';
import type { Repository } from '../../domain/repository.js';
import type { Snapshot } from '../../domain/snapshot.js';
import { collect, graphOf, inBatches } from './sample-graph.js';
import type { StoreFixture } from './store-fixture.js';

/** An empty store, made afresh for every test. */
export type MetadataStoreFixture = StoreFixture<MetadataStore>;

/** What every MetadataStore must do: run it with a factory of empty stores. */
export function metadataStoreContract(name: string, factory: () => Promise<MetadataStoreFixture>): void {
  describe(`${name} as a MetadataStore`, () => {
    let fixture: MetadataStoreFixture;
    let store: MetadataStore;

    beforeEach(async () => {
      fixture = await factory();
      store = fixture.store;
    });

    afterEach(async () => {
      await store.close();
      await fixture.dispose?.();
    });

    const code = (expected: string) => expect.objectContaining({ name: 'CodeloomError', code: expected });
    const snapshot = (id: string, more: Partial<Snapshot> = {}): Snapshot => ({ ...graphOf([]).snapshot, id, ...more });
    const file = (path: string, more: Partial<IndexedFile> = {}): IndexedFile =>
      ({ path, blob: 'a'.repeat(40), size: 120, language: 'typescript', status: 'indexed', symbols: 4, ...more });
    const save = (one: Snapshot, files: readonly IndexedFile[], into = store) => into.saveSnapshot({ snapshot: one, files: inBatches(files) });

    /** Everything that the store can be asked. */
    const questions: readonly ((options?: CallOptions) => Promise<unknown>)[] = [
      (options) => store.saveRepository({ id: 'r', name: 'r', location: '/r', kind: 'bare' }, options), (options) => store.repositories(undefined, options),
      (options) => store.saveSnapshot({ snapshot: snapshot('s1'), files: inBatches([file('a.ts')]) }, options), (options) => collect(store.files('s1', options)),
      (options) => store.removeSnapshots(['s1'], options), (options) => store.saveRun({ id: 'a', repository: 'r', branch: 'main', status: 'running', startedAt: '2025-01-01T00:00:00.000Z' }, options),
      (options) => store.runs('r', options), (options) => store.appendEvents('a', [{ sequence: 1, at: '2025-01-01T00:00:00.000Z', type: 'run-started' }], options),
      (options) => store.events('a', options),
    ];

    describe('repositories', () => {
      const one: Repository = { id: 'github.com/acme/one', name: 'acme/one', location: 'https://github.com/acme/one', kind: 'remote', defaultBranch: 'main' };
      const two: Repository = { id: 'local/two-1', name: 'two', location: '/home/me/it\'s "two"', kind: 'work-tree' };

      it('come by id, all or those named', async () => {
        await store.saveRepository(two);
        await store.saveRepository(one);
        expect(await store.repositories()).toEqual([one, two]);
        expect(await store.repositories(['local/two-1', 'nowhere'])).toEqual([two]);
        expect(await store.repositories(['local/two-1', one.id, one.id])).toEqual([one, two]);
        expect(await store.repositories([])).toEqual([]);
        expect(await store.repositories()).toStrictEqual([one, two]);
      });

      it('are replaced under their id', async () => {
        await store.saveRepository(one);
        await store.saveRepository({ ...one, defaultBranch: 'trunk' });
        expect(await store.repositories()).toEqual([{ ...one, defaultBranch: 'trunk' }]);
      });
    });

    describe('files of snapshots', () => {
      const files = [
        file('b.ts'), file('a/z.ts', { symbols: 0 }), file('vendor', { status: 'skipped', reason: 'submodule', language: '', symbols: 0, size: 0 }),
        file('\u{1F600}.ts'), file('\uFFFD.ts'), file('it\'s "odd"\n.ts', { blob: 'b'.repeat(64) }), file('a.ts', { size: 2 ** 40 }),
      ];
      const byPath = [...files].sort((a, b) => (a.path < b.path ? -1 : 1));

      it('come back by path', async () => {
        await save(snapshot('s1'), files);
        expect(await collect(store.files('s1'))).toStrictEqual(byPath);
        expect(await collect(store.files('unknown'))).toEqual([]);
      });

      it('are replaced under the snapshot\'s id', async () => {
        await save(snapshot('s1'), files);
        await save(snapshot('s1'), [file('only.ts')]);
        expect(await collect(store.files('s1'))).toEqual([file('only.ts')]);
        await save(snapshot('s1'), []);
        expect(await collect(store.files('s1'))).toEqual([]);
      });

      it('are each snapshot\'s own, though most are the same', async () => {
        const changed = [...files.slice(1), file('b.ts', { symbols: 5 })];
        await save(snapshot('s1'), files);
        await save(snapshot('s2'), changed);
        await save(snapshot('s3', { repository: 'other', branch: 'x' }), files);
        expect(await collect(store.files('s1'))).toEqual(byPath);
        expect((await collect(store.files('s2'))).find(({ path }) => path === 'b.ts')?.symbols).toBe(5);
        await store.removeSnapshots(['s1', 'unknown']);
        expect(await collect(store.files('s1'))).toEqual([]);
        expect(await collect(store.files('s2'))).toHaveLength(files.length);
        expect(await collect(store.files('s3'))).toEqual(byPath);
        await store.removeSnapshots(['s2', 's3']);
        await save(snapshot('s1'), files);
        expect(await collect(store.files('s1'))).toEqual(byPath);
      });

      it('stay as they were when a replacement fails midway', async () => {
        await save(snapshot('s1'), files);
        async function* failing(): AsyncGenerator<readonly IndexedFile[]> {
          yield [file('new.ts')];
          throw new Error('the listing broke off');
        }
        await expect(store.saveSnapshot({ snapshot: snapshot('s1'), files: failing() })).rejects.toThrow('the listing broke off');
        expect(await collect(store.files('s1'))).toEqual(byPath);
      });

      it('come by thousands, in bounded batches', async () => {
        const many = Array.from({ length: 3000 }, (_, index) => file(`src/${String(index).padStart(4, '0')}.ts`, { symbols: index }));
        await store.saveSnapshot({ snapshot: snapshot('s1'), files: inBatches([...many].reverse(), 700) });
        let largest = 0;
        for await (const batch of store.files('s1')) largest = Math.max(largest, batch.length);
        expect(largest).toBeLessThan(2000);
        expect(await collect(store.files('s1'))).toEqual(many);
      });
    });

    it('leaves nothing of the snapshots that it forgets', async ({ skip }) => {
      const { size } = fixture;
      if (size === undefined) return skip('the fixture does not count');
      await save(snapshot('kept'), [file('a.ts')]);
      const before = await size();
      for (const id of ['s1', 's2']) {
        const one = snapshot(id, { branch: id });
        await save(one, [file('a.ts'), file(`${id}.ts`)]);
        await save(one, [file('a.ts', { symbols: 9 })]);
        await store.removeSnapshots([id]);
        expect(await size()).toBe(before);
      }
    });

    describe('runs', () => {
      const run = (id: string, startedAt: string, more: Partial<IndexRun> = {}): IndexRun => ({ id, repository: 'r', branch: 'main', status: 'running', startedAt, ...more });

      it('come newest first, as many as asked for, of one repository', async () => {
        await store.saveRun(run('a', '2025-01-01T00:00:00.000Z'));
        await store.saveRun(run('c', '2025-01-03T00:00:00.000Z'));
        await store.saveRun(run('b', '2025-01-02T00:00:00.000Z'));
        await store.saveRun(run('x', '2025-01-09T00:00:00.000Z', { repository: 'other' }));
        expect((await store.runs('r')).map(({ id }) => id)).toEqual(['c', 'b', 'a']);
        expect((await store.runs('r', { limit: 2 })).map(({ id }) => id)).toEqual(['c', 'b']);
        expect(await store.runs('none')).toEqual([]);
      });

      it('of one moment come by id, each with all that it has and nothing more', async () => {
        const at = '2025-01-01T00:00:00.000Z';
        const runs = [run('a', at), run('b', at, { status: 'succeeded', finishedAt: at, snapshot: 's1' })];
        for (const one of runs.toReversed()) await store.saveRun(one);
        expect(await store.runs('r')).toStrictEqual(runs);
        expect((await store.runs('r', { limit: 1 })).map(({ id }) => id)).toEqual(['a']);
      });

      it('are replaced under their id', async () => {
        await store.saveRun(run('a', '2025-01-01T00:00:00.000Z'));
        const failed = run('a', '2025-01-01T00:00:00.000Z', { status: 'failed', finishedAt: '2025-01-01T00:00:09.000Z', error: { code: 'network', message: 'The host did not answer.' } });
        await store.saveRun(failed);
        expect(await store.runs('r')).toEqual([failed]);
      });

      it('have numbered events, each kept once, in order', async () => {
        const event = (sequence: number, type: 'run-started' | 'stage-started' = 'run-started'): RunEvent =>
          type === 'run-started' ? { sequence, at: '2025-01-01T00:00:00.000Z', type } : { sequence, at: '2025-01-01T00:00:00.000Z', type, stage: 'link' };
        await store.appendEvents('a', [event(1), event(3, 'stage-started')]);
        await store.appendEvents('a', [event(3), event(2, 'stage-started'), event(1, 'stage-started')]);
        await store.appendEvents('b', [event(1)]);
        await store.appendEvents('b', []);
        expect(await store.events('a')).toEqual([event(1), event(2, 'stage-started'), event(3, 'stage-started')]);
        expect(await store.events('b')).toEqual([event(1)]);
        expect(await store.events('none')).toEqual([]);
      });
    });

    it('stops when told to, whatever it is asked', async () => {
      for (const ask of questions) await expect(ask({ signal: AbortSignal.abort() })).rejects.toEqual(code('aborted'));
      expect(await store.repositories()).toEqual([]);
      expect(await store.runs('r')).toEqual([]);
    });

    it('keeps the files that it had when it is told to stop midway', async () => {
      await save(snapshot('s1'), [file('old.ts')]);
      const stop = new AbortController();
      let taken = 0;
      async function* long(): AsyncGenerator<readonly IndexedFile[]> {
        for (let index = 0; index < 200; index++) {
          if (++taken === 5) stop.abort();
          yield [file(`${index}.ts`)];
        }
      }
      await expect(store.saveSnapshot({ snapshot: snapshot('s1'), files: long() }, { signal: stop.signal })).rejects.toEqual(code('aborted'));
      expect(taken).toBeLessThan(20);
      expect(await collect(store.files('s1'))).toEqual([file('old.ts')]);
    });

    it('closes twice, and answers nothing any more', async () => {
      await store.close();
      await store.close();
      for (const ask of questions) await expect(ask()).rejects.toEqual(code('store-unavailable'));
    });

    it('shares with another process, both writing at once', async ({ skip }) => {
      if (fixture.another === undefined) return skip('not shared');
      const other = await fixture.another();
      await Promise.all(Array.from({ length: 10 }, (_, index) => save(snapshot(`s${index}`), [file('same.ts'), file(`${index}.ts`)], index % 2 === 0 ? store : other)));
      for (let index = 0; index < 10; index++) expect(await collect(store.files(`s${index}`))).toEqual([file(`${index}.ts`), file('same.ts')]);
      await other.close();
    });
  });
}
