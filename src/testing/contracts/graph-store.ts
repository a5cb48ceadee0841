import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EDGE_KINDS } from '../../domain/graph-node.js';
import { digestPartition, encodePartition } from '../../domain/partition-codec.js';
import type { Partition, UnresolvedSite } from '../../domain/partition.js';
import type { GraphReader, GraphStore, PartitionEntry } from '../../domain/ports/graph-store.js';
import type { Snapshot } from '../../domain/snapshot.js';
import { collect, definition, edge, external, graphOf, inBatches, partition, sha256, type SampleGraph } from './sample-graph.js';
import type { StoreFixture } from './store-fixture.js';

/** An empty store, made afresh for every test. */
export type GraphStoreFixture = StoreFixture<GraphStore>;

/** What every GraphStore must do: run it with a factory of empty stores. */
export function graphStoreContract(name: string, factory: () => Promise<GraphStoreFixture>): void {
  describe(`${name} as a GraphStore`, () => {
    let fixture: GraphStoreFixture;
    let store: GraphStore;
    const opened: { close(): Promise<void> }[] = [];

    beforeEach(async () => {
      fixture = await factory();
      store = fixture.store;
    });

    afterEach(async () => {
      for (const closable of opened.splice(0)) await closable.close();
      await store.close();
      await fixture.dispose?.();
    });

    async function publish(graph: SampleGraph, entries: readonly PartitionEntry[] = graph.entries, into = store) {
      return into.publish({ snapshot: graph.snapshot, manifest: graph.manifest, partitions: inBatches(entries) });
    }

    async function read(snapshot: Snapshot, from = store): Promise<GraphReader> {
      const reader = await from.open(snapshot.id);
      opened.push(reader);
      return reader;
    }

    async function readerOf(partitions: readonly Partition[]): Promise<GraphReader> {
      const graph = graphOf(partitions);
      await publish(graph);
      return read(graph.snapshot);
    }

    const code = (expected: string) => expect.objectContaining({ name: 'CodeloomError', code: expected });

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
        expect(await store.heads()).toEqual([graph.snapshot]);
      });

      it('holds what was published, and nothing else', async () => {
        const graph = graphOf(shop());
        const digests = graph.manifest.map(({ digest }) => digest);
        expect(await store.holds(digests)).toEqual(new Set());
        await publish(graph);
        expect(await store.holds([...digests, sha256('other')])).toEqual(new Set(digests));
        expect(await store.holds([])).toEqual(new Set());
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
        expect(await store.holds(stray.map(({ digest }) => digest))).toEqual(new Set());
        expect(await (await read(again.snapshot)).manifest()).toEqual(graph.manifest);
      });

      it('refuses a manifest with a partition that is neither brought nor held', async () => {
        const graph = graphOf(shop());
        await expect(publish(graph, graph.entries.slice(1))).rejects.toEqual(code('conflict'));
        expect(await store.heads()).toEqual([]);
        expect(await store.holds(graph.manifest.map(({ digest }) => digest))).toEqual(new Set());
      });

      it('shows nothing of a publication that fails midway, and can publish afterwards', async () => {
        const before = graphOf(shop().slice(0, 1));
        await publish(before);
        const graph = graphOf(shop());
        async function* failing(): AsyncGenerator<readonly PartitionEntry[]> {
          yield graph.entries.slice(0, 2);
          throw new Error('the linker fell over');
        }
        await expect(store.publish({ snapshot: graph.snapshot, manifest: graph.manifest, partitions: failing() })).rejects.toThrow('the linker fell over');

        expect(await store.heads()).toEqual([before.snapshot]);
        expect(await store.snapshots(graph.snapshot.repository)).toEqual([before.snapshot]);
        await expect(store.open(graph.snapshot.id)).rejects.toEqual(code('unknown-snapshot'));
        expect(await store.holds(graph.manifest.map(({ digest }) => digest))).toEqual(new Set(before.manifest.map(({ digest }) => digest)));

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
        await expect(store.publish(publication, { signal: stop.signal })).rejects.toEqual(code('aborted'));
        expect(await store.heads()).toEqual([]);
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
            seen.push(await collect(reader.partitions()), await store.heads());
          }
        }
        await store.publish({ snapshot: after.snapshot, manifest: after.manifest, partitions: watched() });

        const whole = before.entries.map((entry) => entry.partition);
        expect(seen).toEqual([whole, [before.snapshot], whole, [before.snapshot]]);
        expect(await collect(reader.partitions())).toEqual(whole);
        expect(await reader.neighbours({ ids: ['src/cart.ts#total().'], direction: 'in', kinds: ['CALLS'] })).toEqual([
          edge('src/app.ts#main().', 'src/cart.ts#total().', { line: 4 }),
        ]);
        expect(await store.heads()).toEqual([after.snapshot]);
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
        expect(await store.heads()).toEqual([graph.snapshot]);
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

    describe('heads and snapshots', () => {
      it('moves the head of a branch with each publication', async () => {
        const first = graphOf(shop().slice(0, 1), { createdAt: '2025-03-01T00:00:00.000Z' });
        const second = graphOf(shop().slice(0, 2), { createdAt: '2025-03-02T00:00:00.000Z', base: first.snapshot.id });
        await publish(first);
        await publish(second);
        expect(await store.heads(first.snapshot.repository)).toEqual([second.snapshot]);
        expect(await store.snapshots(first.snapshot.repository)).toEqual([second.snapshot, first.snapshot]);
      });

      it('moves only the head when the snapshot is there already', async () => {
        const first = graphOf(shop().slice(0, 1));
        const second = graphOf(shop().slice(0, 2));
        await publish(first);
        await publish(second);
        expect(await publish(first)).toEqual({ created: false, written: 0 });
        expect(await store.heads()).toEqual([first.snapshot]);
        expect(await store.snapshots(first.snapshot.repository)).toHaveLength(2);
      });

      it('gives heads by repository and branch', async () => {
        const where = [['b/two', 'main'], ['a/one', 'main'], ['b/two', 'dev'], ['b/two', '\u{1F600}'], ['b/two', '\uFFFD']] as const;
        for (const [repository, branch] of where) await publish(graphOf(shop(), { repository, branch }));
        expect((await store.heads()).map(({ repository, branch }) => [repository, branch])).toEqual([
          ['a/one', 'main'], ['b/two', 'dev'], ['b/two', 'main'], ['b/two', '\u{1F600}'], ['b/two', '\uFFFD'],
        ]);
        expect((await store.heads('a/one')).map(({ branch }) => branch)).toEqual(['main']);
        expect(await store.heads('c/none')).toEqual([]);
      });

      it('gives snapshots newest first, those of one moment by id', async () => {
        const at = (createdAt: string, id: string) => graphOf([], { createdAt, id, branch: id });
        for (const graph of [at('2025-01-02T00:00:00.000Z', 'c'), at('2025-01-03T00:00:00.000Z', 'b'), at('2025-01-02T00:00:00.000Z', 'a')]) await publish(graph);
        expect((await store.snapshots('github.com/acme/shop')).map(({ id }) => id)).toEqual(['b', 'a', 'c']);
      });

      it('keeps repositories apart', async () => {
        const mine = graphOf([partition('src/a.ts', { nodes: [definition({ path: 'src/a.ts', name: 'mine' })] })], { repository: 'me/mine' });
        const yours = graphOf([partition('src/a.ts', { nodes: [definition({ path: 'src/a.ts', name: 'yours' })] })], { repository: 'you/yours' });
        await publish(mine);
        await publish(yours);
        expect(await store.snapshots('me/mine')).toEqual([mine.snapshot]);
        const reader = await read(mine.snapshot);
        expect((await reader.find({ text: '', match: 'prefix' })).map(({ id }) => id)).toEqual(['src/a.ts', 'src/a.ts#mine().']);
        expect(await store.retire({ repository: 'me/mine', snapshots: [yours.snapshot.id] })).toEqual({ snapshots: 0, partitions: 0, nodes: 0 });
        expect(await store.snapshots('you/yours')).toEqual([yours.snapshot]);
      });

      it('does not open what it does not know', async () => {
        await expect(store.open('nothing')).rejects.toEqual(code('unknown-snapshot'));
      });
    });

    describe('reading', () => {
      it('gives nodes by id, leaving out unknown ids', async () => {
        const reader = await readerOf(shop());
        const found = await reader.nodes(['src/cart.ts#total().', 'nowhere', 'src/app.ts', 'external:lodash#sum', 'src/app.ts']);
        expect([...found.keys()].sort()).toEqual(['external:lodash#sum', 'src/app.ts', 'src/cart.ts#total().']);
        expect(found.get('src/cart.ts#total().')).toEqual(definition({ path: 'src/cart.ts', name: 'total', line: 2 }));
        expect(found.get('external:lodash#sum')).toEqual(external('lodash', 'sum'));
        expect(await reader.nodes([])).toEqual(new Map());
      });

      it('gives a node as this snapshot declares it, not as another does', async () => {
        const moved = graphOf([partition('src/cart.ts', { nodes: [definition({ path: 'src/cart.ts', name: 'total', line: 50 })] })]);
        const reader = await readerOf(shop());
        await publish(moved);
        expect((await reader.nodes(['src/cart.ts#total().'])).get('src/cart.ts#total().')?.at?.line).toBe(2);
        expect((await (await read(moved.snapshot)).nodes(['src/cart.ts#total().'])).get('src/cart.ts#total().')?.at?.line).toBe(50);
      });

      it('gives an external once, however many files point at it', async () => {
        const reader = await readerOf(['c', 'a', 'b'].map((name) => partition(`${name}.ts`, { nodes: [external('lodash', 'sum')], edges: [edge(`${name}.ts`, external('lodash', 'sum'))] })));
        expect(await reader.find({ text: 'sum', match: 'exact' })).toEqual([external('lodash', 'sum')]);
        expect((await reader.neighbours({ ids: ['external:lodash#sum'], direction: 'in', kinds: ['CALLS'] })).map(({ from }) => from)).toEqual(['a.ts', 'b.ts', 'c.ts']);
      });

      it('streams partitions by path, all or those named', async () => {
        const paths = ['b.ts', 'a/z.ts', 'a.ts', '\u{1F600}.ts', '\uFFFD.ts'];
        const reader = await readerOf(paths.map((path) => partition(path)));
        expect((await collect(reader.partitions())).map(({ path }) => path)).toEqual(['a.ts', 'a/z.ts', 'b.ts', '\u{1F600}.ts', '\uFFFD.ts']);
        expect((await collect(reader.partitions(['b.ts', 'nowhere.ts', 'a.ts', 'b.ts']))).map(({ path }) => path)).toEqual(['a.ts', 'b.ts']);
        expect(await collect(reader.partitions([]))).toEqual([]);
      });

      it('gives diagnostics by path', async () => {
        const reader = await readerOf([partition('b.ts', { diagnostics: ['odd'] }), partition('a.ts', { diagnostics: ['two', 'one'] }), partition('c.ts')]);
        expect(await reader.diagnostics()).toEqual([
          { code: 'syntax-error', message: 'two', path: 'a.ts', line: 7 }, { code: 'syntax-error', message: 'one', path: 'a.ts' },
          { code: 'syntax-error', message: 'odd', path: 'b.ts', line: 7 },
        ]);
      });

      it('gives unresolved sites by the name they call, in order of path, line and column', async () => {
        const site = (from: string, name: string, line: number, column: number): UnresolvedSite => ({ from, name, reason: 'dynamic-receiver', line, column });
        const reader = await readerOf([
          partition('b.ts', { unresolved: [site('b.ts', 'load', 1, 1), site('b.ts', '', 2, 2)] }),
          partition('a.ts', { unresolved: [site('a.ts', 'load', 9, 4), site('a.ts', 'save', 9, 2), site('a.ts', 'load', 3, 8), site('a.ts', 'Load', 1, 1)] }),
        ]);
        expect(await reader.unresolved(['load', 'save', 'load'])).toEqual([
          site('a.ts', 'load', 3, 8), site('a.ts', 'save', 9, 2), site('a.ts', 'load', 9, 4), site('b.ts', 'load', 1, 1),
        ]);
        expect(await reader.unresolved([''])).toEqual([site('b.ts', '', 2, 2)]);
        expect(await reader.unresolved([])).toEqual([]);
      });

      it('answers nothing any more once it is closed', async () => {
        const reader = await readerOf(shop());
        await reader.close();
        await reader.close();
        await expect(reader.manifest()).rejects.toEqual(code('store-unavailable'));
      });

      it('stops when told to', async () => {
        const reader = await readerOf(shop());
        const signal = AbortSignal.abort();
        await expect(reader.nodes(['a'], { signal })).rejects.toEqual(code('aborted'));
        await expect(collect(reader.partitions(undefined, { signal }))).rejects.toEqual(code('aborted'));
        await expect(store.heads(undefined, { signal })).rejects.toEqual(code('aborted'));
      });
    });

    describe('finding by name', () => {
      const path = 'src/load.ts';
      const found = (name: string, parents: readonly string[] = [], kind: 'function' | 'class' = 'function') => definition({ path, name, parents, kind });
      const nodes = [
        found('load'), found('Load', [], 'class'), found('loader'), found('reload'), found('run', ['Loader']), found('load', ['Cache']), found('PRELOADED'), found('x', ['load']), found('élan'), found('ÉTÉ'),
        external('loadash', 'load'),
      ];
      const ids = async (reader: GraphReader, text: string, match: 'exact' | 'prefix' | 'substring', more: object = {}) =>
        (await reader.find({ text, match, ...more })).map((node) => node.id.replace(`${path}#`, ''));

      it('matches name and qualified name exactly, names first, what is declared before externals, then by id', async () => {
        const reader = await readerOf([partition(path, { nodes })]);
        expect(await ids(reader, 'load', 'exact')).toEqual(['Cache.load().', 'load().', 'external:loadash#load']);
        expect(await ids(reader, 'Loader.run', 'exact')).toEqual(['Loader.run().']);
        expect(await ids(reader, 'LOAD', 'exact')).toEqual([]);
        expect(await reader.find({ text: 'load', match: 'exact', kinds: ['external'] })).toEqual([external('loadash', 'load')]);
      });

      it('matches a prefix without regard to case: exact names, exact qualified names, names, qualified names', async () => {
        const reader = await readerOf([partition(path, { nodes })]);
        expect(await ids(reader, 'load', 'prefix')).toEqual([
          'Cache.load().', 'load().', 'external:loadash#load', 'src/load.ts', 'Load#', 'loader().', 'Loader.run().', 'load.x().',
        ]);
        expect(await ids(reader, 'cache.L', 'prefix')).toEqual(['Cache.load().']);
        // Case is that of A to Z.
        expect(await ids(reader, 'ÉL', 'prefix')).toEqual([]);
        expect(await ids(reader, 'éLA', 'prefix')).toEqual(['élan().']);
        expect(await ids(reader, 'éT', 'substring')).toEqual([]);
      });

      it('matches a substring without regard to case, behind what matches better', async () => {
        const reader = await readerOf([partition(path, { nodes })]);
        expect(await ids(reader, 'LOAD', 'substring')).toEqual([
          'src/load.ts', 'Cache.load().', 'Load#', 'load().', 'loader().', 'external:loadash#load', 'Loader.run().', 'load.x().', 'PRELOADED().', 'reload().',
        ]);
        expect(await ids(reader, 'r.ru', 'substring')).toEqual(['Loader.run().']);
        expect(await ids(reader, 'nothing', 'substring')).toEqual([]);
      });

      it('takes no character of the text for a wildcard', async () => {
        const reader = await readerOf([partition(path, { nodes: [found('a_b'), found('aXb'), found('a%'), found('a*')] })]);
        expect(await ids(reader, 'a_', 'prefix')).toEqual(['a_b().']);
        expect(await ids(reader, '_', 'substring')).toEqual(['a_b().']);
        expect(await ids(reader, '%', 'substring')).toEqual(['`a%`().']);
        expect(await ids(reader, 'a*', 'exact')).toEqual(['`a*`().']);
      });

      it('asks for kinds, and pages with limit and offset', async () => {
        const reader = await readerOf([partition(path, { nodes })]);
        expect(await ids(reader, 'load', 'prefix', { kinds: ['class', 'file'] })).toEqual(['src/load.ts', 'Load#']);
        expect(await ids(reader, 'load', 'prefix', { kinds: [] })).toEqual([]);
        expect(await ids(reader, 'load', 'prefix', { limit: 2 })).toEqual(['Cache.load().', 'load().']);
        expect(await ids(reader, 'load', 'prefix', { limit: 3, offset: 1 })).toEqual(['load().', 'external:loadash#load', 'src/load.ts']);
        expect(await ids(reader, 'load', 'prefix', { offset: 100 })).toEqual([]);
      });

      it('gives 100 unless asked for more, ordered by UTF-16 code units', async () => {
        const many = Array.from({ length: 150 }, (_, index) => found(`n${index}`));
        const reader = await readerOf([partition(path, { nodes: [...many, found('n\u{1F600}'), found('n\uFFFD')] })]);
        const first = await reader.find({ text: 'n', match: 'prefix', kinds: ['function'] });
        expect(first).toHaveLength(100);
        const all = await ids(reader, 'n', 'prefix', { kinds: ['function'], limit: 1000 });
        expect(all).toEqual([...all].sort());
        expect(all).toHaveLength(152);
      });
    });

    describe('neighbours', () => {
      const f = (name: string) => definition({ path: 'f.ts', name });
      const g = (name: string) => definition({ path: 'g.ts', name });

      it('come by the id asked for, kind, other end and certainty', async () => {
        const reader = await readerOf([
          partition('f.ts', {
            nodes: [f('a'), f('b')],
            edges: [
              edge(f('a'), g('z'), { certainty: 'candidate', line: 9 }), edge(f('a'), g('z')), edge(f('a'), g('y')), edge(f('a'), f('b'), { kind: 'REFERENCES' }),
              edge('f.ts', f('a'), { kind: 'CONTAINS' }), edge(f('b'), g('y'), { kind: 'USES_TYPE', sites: [{ line: 1, column: 2 }, { line: 4, column: 1 }] }),
            ],
          }),
          partition('g.ts', { nodes: [g('y'), g('z')], edges: [edge(g('z'), g('y'), { sites: [{ line: 2, column: 3, via: 'new' }, { line: 2, column: 8 }, { line: 5, column: 1, via: 'super' }] })] }),
        ]);
        expect(await reader.neighbours({ ids: [f('b').id, 'nowhere', f('a').id, f('b').id], direction: 'out', kinds: EDGE_KINDS })).toEqual([
          edge(f('b'), g('y'), { kind: 'USES_TYPE', sites: [{ line: 1, column: 2 }, { line: 4, column: 1 }] }),
          edge(f('a'), g('y')), edge(f('a'), g('z')), edge(f('a'), g('z'), { certainty: 'candidate', line: 9 }), edge(f('a'), f('b'), { kind: 'REFERENCES' }),
        ]);
        expect(await reader.neighbours({ ids: [g('y').id, f('a').id], direction: 'in', kinds: EDGE_KINDS })).toEqual([
          edge(f('a'), g('y')), edge(g('z'), g('y'), { sites: [{ line: 2, column: 3, via: 'new' }, { line: 2, column: 8 }, { line: 5, column: 1, via: 'super' }] }),
          edge(f('b'), g('y'), { kind: 'USES_TYPE', sites: [{ line: 1, column: 2 }, { line: 4, column: 1 }] }),
          edge('f.ts', f('a'), { kind: 'CONTAINS' }),
        ]);
      });

      it('come of the kinds and the certainty asked for', async () => {
        const reader = await readerOf([partition('f.ts', {
          nodes: [f('a'), f('b')], edges: [edge(f('a'), f('b')), edge(f('a'), f('b'), { certainty: 'candidate' }), edge(f('a'), f('b'), { kind: 'REFERENCES', certainty: 'candidate' })],
        })]);
        const ask = (kinds: readonly ('CALLS' | 'REFERENCES')[], certainty?: 'certain' | 'candidate') =>
          reader.neighbours({ ids: [f('a').id], direction: 'out', kinds, certainty }).then((edges) => edges.map((one) => `${one.kind} ${one.certainty}`));
        expect(await ask(['REFERENCES', 'CALLS'])).toEqual(['CALLS certain', 'CALLS candidate', 'REFERENCES candidate']);
        expect(await ask(['CALLS'], 'candidate')).toEqual(['CALLS candidate']);
        expect(await ask(['REFERENCES'], 'certain')).toEqual([]);
        expect(await ask([])).toEqual([]);
      });

      it('come only from the snapshot that is read', async () => {
        const called = partition('g.ts', { nodes: [g('y')] });
        const before = graphOf([called, partition('f.ts', { nodes: [f('a')], edges: [edge(f('a'), g('y'), { line: 1 })] })]);
        const after = graphOf([called, partition('f.ts', { nodes: [f('a')], edges: [edge(f('a'), g('y'), { line: 2 })] })]);
        await publish(before);
        await publish(after);
        expect(await (await read(before.snapshot)).neighbours({ ids: [g('y').id], direction: 'in', kinds: ['CALLS'] })).toEqual([edge(f('a'), g('y'), { line: 1 })]);
        expect(await (await read(after.snapshot)).neighbours({ ids: [g('y').id], direction: 'in', kinds: ['CALLS'] })).toEqual([edge(f('a'), g('y'), { line: 2 })]);
        expect(await (await read(after.snapshot)).neighbours({ ids: [f('a').id], direction: 'out', kinds: ['CALLS'] })).toEqual([edge(f('a'), g('y'), { line: 2 })]);
      });

      it('come all 10,000 of a hub, and of thousands of ids at once', async () => {
        const hub = definition({ path: 'hub.ts', name: 'hub' });
        const callers = Array.from({ length: 10_000 }, (_, index) => definition({ path: `c${index % 10}.ts`, name: `c${index}` }));
        const graph = [partition('hub.ts', { nodes: [hub] }), ...Array.from({ length: 10 }, (_, file) => {
          const own = callers.filter(({ path }) => path === `c${file}.ts`);
          return partition(`c${file}.ts`, { nodes: own, edges: own.map((caller) => edge(caller, hub)) });
        })];
        const reader = await readerOf(graph);
        const incoming = await reader.neighbours({ ids: [hub.id], direction: 'in', kinds: ['CALLS'] });
        expect(incoming.map(({ from }) => from)).toEqual(callers.map(({ id }) => id).sort());
        const outgoing = await reader.neighbours({ ids: callers.map(({ id }) => id), direction: 'out', kinds: ['CALLS'] });
        expect(outgoing.map(({ from }) => from)).toEqual(callers.map(({ id }) => id));
        expect((await reader.nodes(callers.map(({ id }) => id))).size).toBe(10_000);
      });
    });

    describe('retiring', () => {
      it('removes snapshots and what no other holds, and counts', async () => {
        const before = graphOf(shop());
        const after = graphOf(shop().filter(({ path }) => path !== 'src/cart.ts'));
        await publish(before);
        await publish(after);
        expect(await store.retire({ repository: before.snapshot.repository, snapshots: [before.snapshot.id, 'unknown'] })).toEqual({ snapshots: 1, partitions: 1, nodes: 3 });
        await expect(store.open(before.snapshot.id)).rejects.toEqual(code('unknown-snapshot'));
        expect(await store.holds(before.manifest.map(({ digest }) => digest))).toEqual(new Set(after.manifest.map(({ digest }) => digest)));
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
        expect(await store.retire({ repository: graph.snapshot.repository, snapshots: [graph.snapshot.id] })).toEqual({ snapshots: 0, partitions: 0, nodes: 0 });
        expect(await store.heads()).toEqual([graph.snapshot]);
      });

      it('forgets a branch altogether, and leaves the others what they share', async () => {
        const main = graphOf(shop());
        const older = graphOf(shop().slice(1), { branch: 'topic' });
        const topic = graphOf([...shop(), partition('src/topic.ts')], { branch: 'topic' });
        for (const graph of [main, older, topic]) await publish(graph);
        expect(await store.retire({ repository: main.snapshot.repository, snapshots: [], branches: ['topic'] })).toEqual({ snapshots: 2, partitions: 1, nodes: 1 });
        expect(await store.heads()).toEqual([main.snapshot]);
        expect(await store.snapshots(main.snapshot.repository)).toEqual([main.snapshot]);
        expect(await collect((await read(main.snapshot)).partitions())).toEqual(main.entries.map((entry) => entry.partition));
      });

      it('leaves other repositories what they share', async () => {
        const mine = graphOf(shop(), { repository: 'me/mine' });
        const fork = graphOf(shop(), { repository: 'you/fork' });
        await publish(mine);
        await publish(fork);
        expect(await store.retire({ repository: 'me/mine', snapshots: [], branches: ['main'] })).toEqual({ snapshots: 1, partitions: 0, nodes: 0 });
        expect(await collect((await read(fork.snapshot)).partitions())).toEqual(fork.entries.map((entry) => entry.partition));
      });

      it('lets a reader that was open go on answering', async () => {
        const before = graphOf(shop());
        const after = graphOf([]);
        await publish(before);
        await publish(after);
        const reader = await read(before.snapshot);
        expect((await store.retire({ repository: before.snapshot.repository, snapshots: [before.snapshot.id] })).partitions).toBe(3);
        expect(await collect(reader.partitions())).toEqual(before.entries.map((entry) => entry.partition));
        expect(await reader.find({ text: 'total', match: 'exact' })).toHaveLength(1);
        expect(await reader.neighbours({ ids: ['src/cart.ts#total().'], direction: 'in', kinds: ['CALLS'] })).toHaveLength(1);
      });
    });

    describe('closing', () => {
      it('closes twice, and answers nothing any more', async () => {
        const graph = graphOf(shop());
        await publish(graph);
        await store.close();
        await store.close();
        await expect(store.heads()).rejects.toEqual(code('store-unavailable'));
        await expect(publish(graph)).rejects.toEqual(code('store-unavailable'));
      });
    });

    describe('shared with another process', () => {
      it('shows what the other handle publishes and retires', async ({ skip }) => {
        if (fixture.another === undefined) return skip('not shared');
        const other = await fixture.another();
        opened.push(other);
        const graph = graphOf(shop());
        await publish(graph, graph.entries, other);
        expect(await store.heads()).toEqual([graph.snapshot]);
        expect(await collect((await read(graph.snapshot)).partitions())).toEqual(graph.entries.map((entry) => entry.partition));
        const next = graphOf(shop().slice(1));
        expect(await publish(next, [])).toEqual({ created: true, written: 0 });
        expect(await other.heads()).toEqual([next.snapshot]);
        expect((await other.retire({ repository: graph.snapshot.repository, snapshots: [graph.snapshot.id] })).snapshots).toBe(1);
        await expect(store.open(graph.snapshot.id)).rejects.toEqual(code('unknown-snapshot'));
      });

      it('takes publications from both at once', async ({ skip }) => {
        if (fixture.another === undefined) return skip('not shared');
        const other = await fixture.another();
        opened.push(other);
        const graphs = Array.from({ length: 8 }, (_, index) => graphOf([...shop(), partition(`src/${index}.ts`)], { branch: `b${index}` }));
        await Promise.all(graphs.map((graph, index) => publish(graph, graph.entries, index % 2 === 0 ? store : other)));
        expect(await store.heads()).toEqual(graphs.map(({ snapshot }) => snapshot));
        for (const graph of graphs) {
          const partitions = await collect((await read(graph.snapshot, other)).partitions());
          expect(partitions.map((one) => digestPartition(one, sha256))).toEqual(graph.manifest.map(({ digest }) => digest));
        }
      });
    });
  });
}

/** Three files: the app calls the cart, which calls outside and contains a function. */
function shop(): readonly Partition[] {
  const total = definition({ path: 'src/cart.ts', name: 'total', line: 2 });
  const main = definition({ path: 'src/app.ts', name: 'main', line: 3 });
  return [
    partition('src/app.ts', {
      nodes: [main], edges: [edge('src/app.ts', main, { kind: 'CONTAINS' }), edge('src/app.ts', 'src/cart.ts', { kind: 'IMPORTS', line: 1 }), edge(main, total, { line: 4 })],
      unresolved: [{ from: main.id, name: 'render', reason: 'dynamic-receiver', line: 5, column: 3 }], diagnostics: ['a bracket is missing'],
    }),
    partition('src/cart.ts', { nodes: [total, external('lodash', 'sum')], edges: [edge('src/cart.ts', total, { kind: 'CONTAINS' }), edge(total, external('lodash', 'sum'))] }),
    partition('src/empty.ts'),
  ];
}
