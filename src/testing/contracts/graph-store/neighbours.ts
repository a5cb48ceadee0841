import { describe, expect, it } from 'vitest';
import { EDGE_KINDS } from '../../../domain/graph-node.js';
import { definition, edge, graphOf, partition } from '../sample-graph.js';
import { type GraphStoreSubject } from './subject.js';

/** Edges by either end. */
export function neighboursContract(subject: GraphStoreSubject): void {
  const { publish, read, readerOf } = subject;

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

    it('and nodes come with the mark of what they were imported from', async () => {
      const imported = { ...g('y'), source: 'scip:scip-go' };
      const sites = [{ line: 2, column: 3, via: 'new', source: 'scip:scip-go' }, { line: 4, column: 1, source: 'scip:a.b+c_d' }, { line: 5, column: 1 }] as const;
      const reader = await readerOf([partition('f.ts', { nodes: [f('a')], edges: [edge(f('a'), g('y'), { sites })] }), partition('g.ts', { nodes: [imported] })]);
      expect(await reader.neighbours({ ids: [g('y').id], direction: 'in', kinds: ['CALLS'] })).toEqual([edge(f('a'), g('y'), { sites })]);
      expect((await reader.nodes([g('y').id, f('a').id])).get(g('y').id)).toEqual(imported);
      expect((await reader.nodes([f('a').id])).get(f('a').id)).toEqual(f('a'));
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
}
