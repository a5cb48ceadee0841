import { describe, expect, it } from 'vitest';
import { definition, graphOf, inBatches, partition } from '../sample-graph.js';
import { failure, shop, type GraphStoreSubject } from './subject.js';

/** What is published, and what is current. */
export function headsContract(subject: GraphStoreSubject): void {
  const { publish, read } = subject;

  describe('heads and snapshots', () => {
    it('moves the head of a branch with each publication', async () => {
      const first = graphOf(shop().slice(0, 1), { createdAt: '2025-03-01T00:00:00.000Z' });
      const second = graphOf(shop().slice(0, 2), { createdAt: '2025-03-02T00:00:00.000Z', base: first.snapshot.id });
      await publish(first);
      await publish(second);
      expect(await subject.store.heads(first.snapshot.repository)).toEqual([second.snapshot]);
      expect(await subject.store.snapshots(first.snapshot.repository)).toEqual([second.snapshot, first.snapshot]);
    });

    it('moves only the head when the snapshot is there already', async () => {
      const first = graphOf(shop().slice(0, 1));
      const second = graphOf(shop().slice(0, 2));
      await publish(first);
      await publish(second);
      expect(await publish(first)).toEqual({ created: false, written: 0 });
      expect(await subject.store.heads()).toEqual([first.snapshot]);
      expect(await subject.store.snapshots(first.snapshot.repository)).toHaveLength(2);
    });

    it('gives heads by repository and branch', async () => {
      const where = [['b/two', 'main'], ['a/one', 'main'], ['b/two', 'dev'], ['b/two', '\u{1F600}'], ['b/two', '\uFFFD']] as const;
      for (const [repository, branch] of where) await publish(graphOf(shop(), { repository, branch }));
      expect((await subject.store.heads()).map(({ repository, branch }) => [repository, branch])).toEqual([
        ['a/one', 'main'], ['b/two', 'dev'], ['b/two', 'main'], ['b/two', '\u{1F600}'], ['b/two', '\uFFFD'],
      ]);
      expect((await subject.store.heads('a/one')).map(({ branch }) => branch)).toEqual(['main']);
      expect(await subject.store.heads('c/none')).toEqual([]);
    });

    it('gives snapshots newest first, those of one moment by id', async () => {
      const at = (createdAt: string, id: string) => graphOf([], { createdAt, id, branch: id });
      for (const graph of [at('2025-01-02T00:00:00.000Z', 'c'), at('2025-01-03T00:00:00.000Z', 'b'), at('2025-01-02T00:00:00.000Z', 'a')]) await publish(graph);
      expect((await subject.store.snapshots('github.com/acme/shop')).map(({ id }) => id)).toEqual(['b', 'a', 'c']);
    });

    it('keeps repositories apart', async () => {
      const mine = graphOf([partition('src/a.ts', { nodes: [definition({ path: 'src/a.ts', name: 'mine' })] })], { repository: 'me/mine' });
      const yours = graphOf([partition('src/a.ts', { nodes: [definition({ path: 'src/a.ts', name: 'yours' })] })], { repository: 'you/yours' });
      await publish(mine);
      await publish(yours);
      expect(await subject.store.snapshots('me/mine')).toEqual([mine.snapshot]);
      const reader = await read(mine.snapshot);
      expect((await reader.find({ text: '', match: 'prefix' })).map(({ id }) => id)).toEqual(['src/a.ts', 'src/a.ts#mine().']);
      expect(await subject.store.retire({ repository: 'me/mine', snapshots: [yours.snapshot.id] })).toEqual({ snapshots: 0, partitions: 0, nodes: 0 });
      expect(await subject.store.snapshots('you/yours')).toEqual([yours.snapshot]);
    });

    it('gives back every field of a snapshot, and none that it does not have', async () => {
      const { commit: _, ...unborn } = graphOf(shop(), { dirty: true, branch: 'unborn' }).snapshot;
      const full = graphOf(shop(), { base: unborn.id, stats: { ...unborn.stats, skipped: { 'it\'s "odd"': 2 ** 40 }, configuration: [{ code: 'c', message: 'm', path: 'p', line: 3 }] } });
      await subject.store.publish({ ...full, snapshot: unborn, partitions: inBatches(full.entries) });
      await publish(full);
      expect(await subject.store.heads()).toStrictEqual([full.snapshot, unborn]);
      expect((await read(unborn)).snapshot).toStrictEqual(unborn);
    });

    it('does not open what it does not know', async () => {
      await expect(subject.store.open('nothing')).rejects.toEqual(failure('unknown-snapshot'));
    });
  });
}
