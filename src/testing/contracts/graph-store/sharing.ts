import { describe, expect, it } from 'vitest';
import { digestPartition } from '../../../domain/partition-codec.js';
import { collect, graphOf, partition, sha256 } from '../sample-graph.js';
import { failure, shop, type GraphStoreSubject } from './subject.js';

/** Closing, and a second handle on the same data. */
export function sharingContract(subject: GraphStoreSubject): void {
  const { publish, read } = subject;

  describe('closing', () => {
    it('closes twice, and answers nothing any more', async () => {
      const graph = graphOf(shop());
      await publish(graph);
      await subject.store.close();
      await subject.store.close();
      await expect(subject.store.heads()).rejects.toEqual(failure('store-unavailable'));
      await expect(publish(graph)).rejects.toEqual(failure('store-unavailable'));
    });
  });

  describe('shared with another process', () => {
    it('shows what the other handle publishes and retires', async ({ skip }) => {
      if (subject.another === undefined) return skip('not shared');
      const other = await subject.another();
      subject.closeLater(other);
      const graph = graphOf(shop());
      await publish(graph, graph.entries, other);
      expect(await subject.store.heads()).toEqual([graph.snapshot]);
      expect(await collect((await read(graph.snapshot)).partitions())).toEqual(graph.entries.map((entry) => entry.partition));
      const next = graphOf(shop().slice(1));
      expect(await publish(next, [])).toEqual({ created: true, written: 0 });
      expect(await other.heads()).toEqual([next.snapshot]);
      expect((await other.retire({ repository: graph.snapshot.repository, snapshots: [graph.snapshot.id] })).snapshots).toBe(1);
      await expect(subject.store.open(graph.snapshot.id)).rejects.toEqual(failure('unknown-snapshot'));
    });

    it('takes publications from both at once', async ({ skip }) => {
      if (subject.another === undefined) return skip('not shared');
      const other = await subject.another();
      subject.closeLater(other);
      const graphs = Array.from({ length: 8 }, (_, index) => graphOf([...shop(), partition(`src/${index}.ts`)], { branch: `b${index}` }));
      await Promise.all(graphs.map((graph, index) => publish(graph, graph.entries, index % 2 === 0 ? subject.store : other)));
      expect(await subject.store.heads()).toEqual(graphs.map(({ snapshot }) => snapshot));
      for (const graph of graphs) {
        const partitions = await collect((await read(graph.snapshot, other)).partitions());
        expect(partitions.map((one) => digestPartition(one, sha256))).toEqual(graph.manifest.map(({ digest }) => digest));
      }
    });
  });
}
