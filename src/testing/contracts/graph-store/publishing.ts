import { describe, expect, it } from 'vitest';
import { EDGE_KINDS } from '../../../domain/graph-node.js';
import { encodePartition } from '../../../domain/partition-codec.js';
import type { PartitionEntry } from '../../../domain/ports/graph-store.js';
import { collect, definition, edge, external, graphOf, inBatches, partition, sha256 } from '../sample-graph.js';
import { failure, shop, type GraphStoreSubject } from './subject.js';

/** How snapshots become visible: in one step, whole, with what they share. */
export function publishingContract(subject: GraphStoreSubject): void {
  const { publish, read } = subject;

  describe('publishing', () => {
    it('gives back every partition byte for byte, and the manifest', async () => {
      const graph = graphOf(shop());
      expect(await publish(graph)).toEqual({ created: true, written: 3 });

      const reader = await read(graph.snapshot);
      expect(reader.snapshot).toEqual(graph.snapshot);
      expect(await reader.manifest()).toEqual(graph.manifest);
      const partitions = await collect(reader.partitions());
      expect(partitions.map(encodePartition)).toEqual(graph.entries.map((entry) => encodePartition(entry.partition)));
      expect(partitions).toEqual(graph.entries.map((entry) => entry.partition));
    });

    it('takes a snapshot without files', async () => {
      const graph = graphOf([]);
      expect(await publish(graph)).toEqual({ created: true, written: 0 });
      const reader = await read(graph.snapshot);
      expect(await reader.manifest()).toEqual([]);
      expect(await collect(reader.partitions())).toEqual([]);
      expect(await reader.find({ text: '', match: 'prefix' })).toEqual([]);
      expect(await reader.neighbours({ ids: ['a'], direction: 'in', kinds: EDGE_KINDS })).toEqual([]);
      expect(await subject.store.heads()).toEqual([graph.snapshot]);
    });

    it('holds what was published, and nothing else', async () => {
      const graph = graphOf(shop());
      const digests = graph.manifest.map(({ digest }) => digest);
      expect(await subject.store.holds(digests)).toEqual(new Set());
      await publish(graph);
      expect(await subject.store.holds([...digests, sha256('other')])).toEqual(new Set(digests));
      expect(await subject.store.holds([])).toEqual(new Set());
    });

    it('needs only the partitions that it does not hold', async () => {
      const before = graphOf(shop());
      await publish(before);
      const changed = partition('src/cart.ts', { nodes: [definition({ path: 'src/cart.ts', name: 'empty' })] });
      const after = graphOf([...shop().filter(({ path }) => path !== 'src/cart.ts'), changed]);

      expect(await publish(after, after.entries.filter((entry) => entry.partition.path === 'src/cart.ts'))).toEqual({ created: true, written: 1 });
      expect(await collect((await read(after.snapshot)).partitions())).toEqual(after.entries.map((entry) => entry.partition));
      expect(await collect((await read(before.snapshot)).partitions())).toEqual(before.entries.map((entry) => entry.partition));
    });

    it('does not mind being brought what it holds, or what the manifest does not name', async () => {
      const graph = graphOf(shop());
      await publish(graph);
      const again = graphOf(shop(), { branch: 'copy' });
      const stray = graphOf([partition('src/stray.ts')]).entries;
      expect(await publish(again, [...graph.entries, ...graph.entries, ...stray])).toEqual({ created: true, written: 0 });
      expect(await subject.store.holds(stray.map(({ digest }) => digest))).toEqual(new Set());
      expect(await (await read(again.snapshot)).manifest()).toEqual(graph.manifest);
    });

    it('refuses a manifest with a partition that is neither brought nor held', async () => {
      const graph = graphOf(shop());
      await expect(publish(graph, graph.entries.slice(1))).rejects.toEqual(failure('conflict'));
      expect(await subject.store.heads()).toEqual([]);
      expect(await subject.store.holds(graph.manifest.map(({ digest }) => digest))).toEqual(new Set());
    });

    it('shows nothing of a publication that fails midway, and can publish afterwards', async () => {
      const before = graphOf(shop().slice(0, 1));
      await publish(before);
      const graph = graphOf(shop());
      const fault = new Error('the linker fell over');
      async function* failing(): AsyncGenerator<readonly PartitionEntry[]> {
        yield graph.entries.slice(0, 2);
        throw fault;
      }
      await expect(subject.store.publish({ snapshot: graph.snapshot, manifest: graph.manifest, partitions: failing() })).rejects.toBe(fault);

      expect(await subject.store.heads()).toEqual([before.snapshot]);
      expect(await subject.store.snapshots(graph.snapshot.repository)).toEqual([before.snapshot]);
      await expect(subject.store.open(graph.snapshot.id)).rejects.toEqual(failure('unknown-snapshot'));
      expect(await subject.store.holds(graph.manifest.map(({ digest }) => digest))).toEqual(new Set(before.manifest.map(({ digest }) => digest)));

      expect((await publish(graph)).created).toBe(true);
      expect(await collect((await read(graph.snapshot)).partitions())).toEqual(graph.entries.map((entry) => entry.partition));
    });

    it('stops when told to, showing nothing', async () => {
      const graph = graphOf(shop());
      const stop = new AbortController();
      async function* stopping(): AsyncGenerator<readonly PartitionEntry[]> {
        yield graph.entries.slice(0, 1);
        stop.abort();
        yield graph.entries.slice(1);
      }
      const publication = { snapshot: graph.snapshot, manifest: graph.manifest, partitions: stopping() };
      await expect(subject.store.publish(publication, { signal: stop.signal })).rejects.toEqual(failure('aborted'));
      expect(await subject.store.heads()).toEqual([]);
      expect((await publish(graph)).created).toBe(true);
    });

    it('keeps an open reader on its own snapshot while another is published', async () => {
      const before = graphOf(shop());
      await publish(before);
      const reader = await read(before.snapshot);
      const after = graphOf([partition('src/cart.ts'), partition('src/new.ts', { edges: [edge('src/new.ts', 'src/cart.ts#total().')] })]);
      const seen: unknown[] = [];
      async function* watched(): AsyncGenerator<readonly PartitionEntry[]> {
        for (const entry of after.entries) {
          yield [entry];
          seen.push(await collect(reader.partitions()), await subject.store.heads());
        }
      }
      await subject.store.publish({ snapshot: after.snapshot, manifest: after.manifest, partitions: watched() });

      const whole = before.entries.map((entry) => entry.partition);
      expect(seen).toEqual([whole, [before.snapshot], whole, [before.snapshot]]);
      expect(await collect(reader.partitions())).toEqual(whole);
      expect(await reader.neighbours({ ids: ['src/cart.ts#total().'], direction: 'in', kinds: ['CALLS'] })).toEqual([
        edge('src/app.ts#main().', 'src/cart.ts#total().', { line: 4 }),
      ]);
      expect(await subject.store.heads()).toEqual([after.snapshot]);
    });

    it('takes little more of the stream once it is told to stop', async () => {
      const graph = graphOf(Array.from({ length: 200 }, (_, index) => partition(`${index}.ts`)));
      const stop = new AbortController();
      let taken = 0;
      async function* long(): AsyncGenerator<readonly PartitionEntry[]> {
        for (const entry of graph.entries) {
          if (++taken === 5) stop.abort();
          yield [entry];
        }
      }
      await expect(subject.store.publish({ ...graph, partitions: long() }, { signal: stop.signal })).rejects.toEqual(failure('aborted'));
      expect(taken).toBeLessThan(20);
      expect(await subject.store.heads()).toEqual([]);
    });

    it('does not begin when it is told to stop beforehand', async () => {
      const graph = graphOf(shop());
      await expect(subject.store.publish({ ...graph, partitions: inBatches(graph.entries) }, { signal: AbortSignal.abort() })).rejects.toEqual(failure('aborted'));
      expect(await subject.store.heads()).toEqual([]);
    });

    it('shows nothing before it is done, whoever asks', async () => {
      const before = graphOf([partition('src/before.ts')]);
      await publish(before);
      const graph = graphOf(shop());
      const digests = graph.manifest.map(({ digest }) => digest);
      const seen: unknown[] = [];
      async function* watched(): AsyncGenerator<readonly PartitionEntry[]> {
        for (const entry of graph.entries) {
          yield [entry];
          seen.push(await subject.store.holds(digests), await subject.store.heads(), await subject.store.snapshots(graph.snapshot.repository));
          await expect(subject.store.open(graph.snapshot.id)).rejects.toEqual(failure('unknown-snapshot'));
        }
      }
      await subject.store.publish({ ...graph, partitions: watched() });
      expect(seen).toEqual(graph.entries.flatMap(() => [new Set(), [before.snapshot], [before.snapshot]]));
      expect(await subject.store.holds(digests)).toEqual(new Set(digests));
    });

    it('takes no partition of the stream when the snapshot is there already', async () => {
      const graph = graphOf(shop());
      await publish(graph);
      let taken = 0;
      async function* counted(): AsyncGenerator<readonly PartitionEntry[]> {
        taken++;
        yield graph.entries;
      }
      expect(await subject.store.publish({ ...graph, partitions: counted() })).toEqual({ created: false, written: 0 });
      expect(taken).toBe(0);
    });

    it('takes one snapshot from two at once, and creates it once', async () => {
      const graph = graphOf(shop());
      const results = await Promise.all([publish(graph), publish(graph)]);
      expect(results.map(({ created }) => created).sort()).toEqual([false, true]);
      expect(results.reduce((sum, { written }) => sum + written, 0)).toBe(3);
      expect(await collect((await read(graph.snapshot)).partitions())).toEqual(graph.entries.map((entry) => entry.partition));
    });

    it('leaves a publication what another shares with it that fails meanwhile', async () => {
      const failing = graphOf(shop(), { branch: 'failing' });
      const other = graphOf(shop(), { branch: 'other' });
      async function* breaking(): AsyncGenerator<readonly PartitionEntry[]> {
        yield failing.entries;
        await new Promise((resolve) => setTimeout(resolve, 20));
        throw new Error('too late');
      }
      const results = await Promise.allSettled([subject.store.publish({ ...failing, partitions: breaking() }), publish(other)]);
      expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
      expect(await collect((await read(other.snapshot)).partitions())).toEqual(other.entries.map((entry) => entry.partition));
    });

    it('stays whole, or is refused, when what it counts on is retired meanwhile', async () => {
      const before = graphOf(shop());
      const empty = graphOf([]);
      await publish(before);
      await publish(empty);
      const after = graphOf([...shop(), partition('src/new.ts')], { branch: 'after' });
      async function* slow(): AsyncGenerator<readonly PartitionEntry[]> {
        await new Promise((resolve) => setTimeout(resolve, 20));
        yield after.entries.filter((entry) => entry.partition.path === 'src/new.ts');
      }
      const [published, retired] = await Promise.allSettled([
        subject.store.publish({ ...after, partitions: slow() }), subject.store.retire({ repository: before.snapshot.repository, snapshots: [before.snapshot.id] }),
      ]);
      expect(retired.status).toBe('fulfilled');
      if (published.status === 'rejected') {
        expect(published.reason).toEqual(failure('conflict'));
        expect(await subject.store.heads()).toEqual([empty.snapshot]);
      } else {
        expect(await collect((await read(after.snapshot)).partitions())).toEqual(after.entries.map((entry) => entry.partition));
      }
    });

    it('takes, holds and gives thousands of partitions, in bounded batches', async () => {
      const graph = graphOf(Array.from({ length: 3000 }, (_, index) => partition(`src/${index}.ts`, { unresolved: [{ from: `src/${index}.ts`, name: `n${index}`, reason: 'unknown-name', line: 1, column: 1 }] })));
      expect(await subject.store.publish({ ...graph, partitions: inBatches(graph.entries, 64) })).toEqual({ created: true, written: 3000 });
      expect((await subject.store.holds(graph.manifest.map(({ digest }) => digest))).size).toBe(3000);
      const reader = await read(graph.snapshot);
      let largest = 0;
      const paths: string[] = [];
      for await (const batch of reader.partitions()) {
        largest = Math.max(largest, batch.length);
        paths.push(...batch.map(({ path }) => path));
      }
      expect(paths).toEqual(graph.manifest.map(({ path }) => path));
      expect(largest).toBeLessThan(1000);
      expect(await collect(reader.partitions(paths))).toHaveLength(3000);
      expect(await reader.unresolved(paths.map((_, index) => `n${index}`))).toHaveLength(3000);
    });

    it('keeps two publications at once apart', async () => {
      const one = graphOf(shop(), { branch: 'one' });
      const two = graphOf([...shop(), partition('src/two.ts')], { branch: 'two' });
      const results = await Promise.all([publish(one), publish(two)]);
      expect(results.map(({ created }) => created)).toEqual([true, true]);
      expect(results.reduce((sum, { written }) => sum + written, 0)).toBe(4);
      expect(await collect((await read(one.snapshot)).partitions())).toEqual(one.entries.map((entry) => entry.partition));
      expect(await collect((await read(two.snapshot)).partitions())).toEqual(two.entries.map((entry) => entry.partition));
    });

    it('takes any path and any name', async () => {
      const names = ['it\'s "quoted"', 'line\nbreak', '\u{1F600} astral', '\uFFFD', 'back`tick', 'a\\b', '%_*?[', ' ', 'é', 'nul\u0000inside', 'half \uD83D pair', '\u0001'];
      const partitions = names.map((odd, index) => partition(`dir/${odd}.ts`, {
        nodes: [definition({ path: `dir/${odd}.ts`, name: odd }), external(`pkg ${odd}`, odd)],
        edges: names.map((other) => edge(`dir/${odd}.ts`, definition({ path: `dir/${other}.ts`, name: other }), { line: index + 1 })),
        unresolved: [{ from: `dir/${odd}.ts`, name: odd, reason: 'unknown-name', line: 1, column: 1 }],
        diagnostics: [odd],
      }));
      const graph = graphOf(partitions, { branch: names.join('') });
      await publish(graph);
      expect(await subject.store.heads()).toEqual([graph.snapshot]);
      const reader = await read(graph.snapshot);
      expect(await collect(reader.partitions())).toEqual(graph.entries.map((entry) => entry.partition));
      for (const odd of names) {
        const node = definition({ path: `dir/${odd}.ts`, name: odd });
        expect((await reader.nodes([node.id])).get(node.id)).toEqual(node);
        expect(await reader.find({ text: odd, match: 'exact', kinds: ['function'] })).toEqual([node]);
        expect((await reader.neighbours({ ids: [node.id], direction: 'in', kinds: ['CALLS'] })).map(({ from }) => from))
          .toEqual(graph.manifest.map(({ path }) => path));
        expect((await reader.unresolved([odd])).map(({ from }) => from)).toEqual([`dir/${odd}.ts`]);
      }
      expect(await collect(reader.partitions([`dir/${names[1]}.ts`]))).toHaveLength(1);
    });
  });
}
