import { describe, expect, it } from 'vitest';
import type { PartitionEntry } from '../../../domain/ports/graph-store.js';
import { collect, definition, edge, external, graphOf, partition } from '../sample-graph.js';
import { failure, shop, type GraphStoreSubject } from './subject.js';

/** What goes with a snapshot, and what stays. */
export function retiringContract(subject: GraphStoreSubject): void {
  const { publish, read } = subject;

  describe('retiring', () => {
    it('removes snapshots and what no other holds, and counts', async () => {
      const before = graphOf(shop());
      const after = graphOf(shop().filter(({ path }) => path !== 'src/cart.ts'));
      await publish(before);
      await publish(after);
      expect(await subject.store.retire({ repository: before.snapshot.repository, snapshots: [before.snapshot.id, 'unknown'] })).toEqual({ snapshots: 1, partitions: 1, nodes: 3 });
      await expect(subject.store.open(before.snapshot.id)).rejects.toEqual(failure('unknown-snapshot'));
      expect(await subject.store.holds(before.manifest.map(({ digest }) => digest))).toEqual(new Set(after.manifest.map(({ digest }) => digest)));
      const reader = await read(after.snapshot);
      expect(await collect(reader.partitions())).toEqual(after.entries.map((entry) => entry.partition));
      expect(await reader.nodes(['src/cart.ts#total().'])).toEqual(new Map());
      // What still points there does so.
      expect(await reader.neighbours({ ids: ['src/app.ts#main().'], direction: 'out', kinds: ['CALLS'] })).toEqual([edge('src/app.ts#main().', 'src/cart.ts#total().', { line: 4 })]);
      expect((await publish(before)).written).toBe(1);
      expect(await collect((await read(before.snapshot)).partitions())).toEqual(before.entries.map((entry) => entry.partition));
    });

    it('never removes a head', async () => {
      const graph = graphOf(shop());
      await publish(graph);
      expect(await subject.store.retire({ repository: graph.snapshot.repository, snapshots: [graph.snapshot.id] })).toEqual({ snapshots: 0, partitions: 0, nodes: 0 });
      expect(await subject.store.heads()).toEqual([graph.snapshot]);
    });

    it('forgets a branch altogether, and leaves the others what they share', async () => {
      const main = graphOf(shop());
      const older = graphOf(shop().slice(1), { branch: 'topic' });
      const topic = graphOf([...shop(), partition('src/topic.ts')], { branch: 'topic' });
      for (const graph of [main, older, topic]) await publish(graph);
      expect(await subject.store.retire({ repository: main.snapshot.repository, snapshots: [], branches: ['topic'] })).toEqual({ snapshots: 2, partitions: 1, nodes: 1 });
      expect(await subject.store.heads()).toEqual([main.snapshot]);
      expect(await subject.store.snapshots(main.snapshot.repository)).toEqual([main.snapshot]);
      expect(await collect((await read(main.snapshot)).partitions())).toEqual(main.entries.map((entry) => entry.partition));
    });

    it('leaves other repositories what they share', async () => {
      const mine = graphOf(shop(), { repository: 'me/mine' });
      const fork = graphOf(shop(), { repository: 'you/fork' });
      await publish(mine);
      await publish(fork);
      expect(await subject.store.retire({ repository: 'me/mine', snapshots: [], branches: ['main'] })).toEqual({ snapshots: 1, partitions: 0, nodes: 0 });
      expect(await collect((await read(fork.snapshot)).partitions())).toEqual(fork.entries.map((entry) => entry.partition));
    });

    it('removes no snapshot of another repository', async () => {
      const older = graphOf(shop(), { repository: 'you/yours' });
      const newer = graphOf(shop().slice(1), { repository: 'you/yours' });
      await publish(older);
      await publish(newer);
      expect(await subject.store.retire({ repository: 'me/mine', snapshots: [older.snapshot.id] })).toEqual({ snapshots: 0, partitions: 0, nodes: 0 });
      expect(await subject.store.snapshots('you/yours')).toHaveLength(2);
    });

    it('forgets a branch of this repository alone', async () => {
      const mine = graphOf(shop(), { repository: 'me/mine' });
      const yours = graphOf(shop().slice(1), { repository: 'you/yours' });
      await publish(mine);
      await publish(yours);
      await subject.store.retire({ repository: 'me/mine', snapshots: [], branches: ['main', 'unknown'] });
      expect(await subject.store.heads()).toEqual([yours.snapshot]);
      expect(await subject.store.heads('me/mine')).toEqual([]);
    });

    it('leaves what stayed as it was under every question', async () => {
      const kept = graphOf(shop());
      await publish(graphOf([...shop(), partition('src/gone.ts', { nodes: [external('lodash', 'sum')], edges: [edge('src/gone.ts', 'src/cart.ts#total().')], unresolved: [{ from: 'src/gone.ts', name: 'render', reason: 'unknown-name', line: 1, column: 1 }] })], { id: 'gone' }));
      await publish(kept);
      expect(await subject.store.retire({ repository: kept.snapshot.repository, snapshots: ['gone'] })).toEqual({ snapshots: 1, partitions: 1, nodes: 2 });
      const reader = await read(kept.snapshot);
      expect(await reader.neighbours({ ids: ['src/cart.ts#total().'], direction: 'in', kinds: ['CALLS'] })).toEqual([edge('src/app.ts#main().', 'src/cart.ts#total().', { line: 4 })]);
      expect(await reader.find({ text: 'sum', match: 'exact' })).toEqual([external('lodash', 'sum')]);
      expect(await reader.find({ text: 'gone', match: 'substring' })).toEqual([]);
      expect((await reader.unresolved(['render'])).map(({ from }) => from)).toEqual(['src/app.ts#main().']);
      expect(await reader.diagnostics()).toHaveLength(1);
    });

    it('leaves nothing of what it removed, nor a publication that failed', async ({ skip }) => {
      const { size, store } = subject;
      if (size === undefined) return skip('the fixture does not count');
      await publish(graphOf(shop().slice(1)));
      const before = await size();
      for (const round of ['one', 'two']) {
        const path = `src/${round}.ts`;
        const own = definition({ path, name: round });
        const graph = graphOf([...shop(), partition(path, {
          nodes: [own, external(round, 'odd')], edges: [edge(own, external(round, 'odd')), edge(own, 'src/cart.ts')],
          unresolved: [{ from: own.id, name: round, reason: 'unknown-name', line: 1, column: 1 }], diagnostics: [round],
        })], { branch: round });
        async function* failing(): AsyncGenerator<readonly PartitionEntry[]> {
          yield graph.entries;
          throw new Error('the linker fell over');
        }
        await expect(store.publish({ ...graph, partitions: failing() })).rejects.toThrow('the linker fell over');
        expect(await size(), 'after a publication that failed').toBe(before);
        await publish(graph);
        expect(await size()).toBeGreaterThan(before);
        await store.retire({ repository: graph.snapshot.repository, snapshots: [], branches: [round] });
        expect(await size(), 'after retiring').toBe(before);
      }
    });

    it('lets a reader that was open go on answering', async () => {
      const before = graphOf(shop());
      const after = graphOf([]);
      await publish(before);
      await publish(after);
      const reader = await read(before.snapshot);
      expect((await subject.store.retire({ repository: before.snapshot.repository, snapshots: [before.snapshot.id] })).partitions).toBe(3);
      expect(await collect(reader.partitions())).toEqual(before.entries.map((entry) => entry.partition));
      expect(await reader.find({ text: 'total', match: 'exact' })).toHaveLength(1);
      expect(await reader.neighbours({ ids: ['src/cart.ts#total().'], direction: 'in', kinds: ['CALLS'] })).toHaveLength(1);
    });
  });
}
