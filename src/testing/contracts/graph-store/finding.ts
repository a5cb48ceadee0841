import { describe, expect, it } from 'vitest';
import type { GraphReader } from '../../../domain/ports/graph-store.js';
import { definition, external, partition } from '../sample-graph.js';
import { type GraphStoreSubject } from './subject.js';

/** Nodes by name, in the one order. */
export function findingContract(subject: GraphStoreSubject): void {
  const { readerOf } = subject;

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
}
