import { describe, expect, it } from 'vitest';
import type { CallOptions } from '../../../domain/ports/call-options.js';
import type { GraphReader } from '../../../domain/ports/graph-store.js';
import type { UnresolvedSite } from '../../../domain/partition.js';
import { collect, definition, edge, external, graphOf, partition } from '../sample-graph.js';
import { failure, shop, type GraphStoreSubject } from './subject.js';

/** Nodes, partitions, diagnostics and unresolved sites of one snapshot. */
export function readingContract(subject: GraphStoreSubject): void {
  const { publish, read, readerOf } = subject;

  describe('reading', () => {
    it('gives nodes by id, leaving out unknown ids', async () => {
      const reader = await readerOf(shop());
      const found = await reader.nodes(['src/cart.ts#total().', 'nowhere', 'src/app.ts', 'external:lodash#sum', 'src/app.ts']);
      expect([...found.keys()]).toEqual(['src/cart.ts#total().', 'src/app.ts', 'external:lodash#sum']);
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

    it('gives an external as the first file by path declares it', async () => {
      const as = (qualifiedName: string) => ({ ...external('lodash', 'sum'), qualifiedName });
      const reader = await readerOf([partition('b.ts', { nodes: [as('second')] }), partition('a.ts', { nodes: [as('first')] })]);
      expect((await reader.nodes(['external:lodash#sum'])).get('external:lodash#sum')).toEqual(as('first'));
      expect(await reader.find({ text: 'sum', match: 'exact' })).toEqual([as('first')]);
    });

    it('answers nothing any more once it is closed', async () => {
      const reader = await readerOf(shop());
      await reader.close();
      await reader.close();
      for (const ask of questions(reader)) await expect(ask()).rejects.toEqual(failure('store-unavailable'));
    });

    it('answers nothing any more once its store is closed', async () => {
      const reader = await readerOf(shop());
      await subject.store.close();
      for (const ask of questions(reader)) await expect(ask()).rejects.toEqual(failure('store-unavailable'));
    });

    it('is not disturbed by another that is closed', async () => {
      const graph = graphOf(shop());
      await publish(graph);
      const [one, two] = [await read(graph.snapshot), await read(graph.snapshot)];
      expect(await collect(one.partitions())).toHaveLength(3);
      await one.close();
      expect(await collect(two.partitions())).toHaveLength(3);
    });

    it('stops when told to', async () => {
      const reader = await readerOf(shop());
      const signal = AbortSignal.abort();
      for (const ask of questions(reader)) await expect(ask({ signal })).rejects.toEqual(failure('aborted'));
      for (const ask of [
        () => subject.store.heads(undefined, { signal }), () => subject.store.snapshots('r', { signal }), () => subject.store.holds([], { signal }),
        () => subject.store.open(reader.snapshot.id, { signal }), () => subject.store.retire({ repository: 'r', snapshots: [] }, { signal }),
      ]) await expect(ask()).rejects.toEqual(failure('aborted'));
    });

    it('stops a stream of partitions between two batches', async () => {
      const reader = await readerOf(Array.from({ length: 1500 }, (_, index) => partition(`${index}.ts`)));
      const stop = new AbortController();
      let batches = 0;
      const streaming = async (): Promise<void> => {
        for await (const _ of reader.partitions(undefined, { signal: stop.signal })) {
          batches++;
          stop.abort();
        }
      };
      await expect(streaming()).rejects.toEqual(failure('aborted'));
      expect(batches).toBe(1);
    });

    it('ends a stream of partitions that is left early', async () => {
      const reader = await readerOf(Array.from({ length: 200 }, (_, index) => partition(`${index}.ts`)));
      for await (const _ of reader.partitions()) break;
      expect(await reader.manifest()).toHaveLength(200);
    });
  });
}

/** Everything that a reader can be asked. */
function questions(reader: GraphReader): ((options?: CallOptions) => Promise<unknown>)[] {
  return [
    (options) => reader.nodes(['src/app.ts'], options), (options) => reader.find({ text: 'a', match: 'prefix' }, options),
    (options) => reader.neighbours({ ids: ['src/app.ts'], direction: 'out', kinds: ['IMPORTS'] }, options), (options) => reader.unresolved(['render'], options),
    (options) => reader.manifest(options), (options) => reader.diagnostics(options), (options) => collect(reader.partitions(undefined, options)),
  ];
}
