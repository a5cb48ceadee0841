import { describe, expect, it } from 'vitest';
import { exportRows } from '../../../src/domain/querying/export-graph.js';
import { collect, definition, edge, external, partition } from '../../../src/testing/contracts/sample-graph.js';
import { contains, member, readerOf } from './sample-reader.js';

const Shop = definition({ path: 'a.ts', name: 'Shop', kind: 'class', line: 2 });
const price = member(Shop, 'price', 'field', 3);
const open = member(Shop, 'open', 'method', 4);
const load = definition({ path: 'b.ts', name: 'load', line: 1 });

describe('the interchange format', () => {
  it('has the repository\'s nodes with their lines, and no external', async () => {
    const reader = await readerOf([partition('a.ts', { nodes: [Shop, open, external('fs', 'read')], edges: [edge(open, 'external:fs#read')] })]);
    expect(await collect(exportRows(reader))).toEqual([
      { type: 'node', id: 'a.ts', kind: 'file', name: 'a.ts', file: 'a.ts' },
      { type: 'node', id: Shop.id, kind: 'class', name: 'Shop', file: 'a.ts', line: 2 },
      { type: 'node', id: open.id, kind: 'method', name: 'open', file: 'a.ts', line: 4 },
    ]);
  });

  it('has each edge once, with its first line; a certain one hides a candidate', async () => {
    const reader = await readerOf([
      partition('a.ts', {
        nodes: [Shop, open],
        edges: [
          ...contains(Shop, open), edge(Shop, open, { certainty: 'candidate' }),
          edge(open, load, { sites: [{ line: 5, column: 1 }, { line: 9, column: 1 }] }), edge(open, load, { certainty: 'candidate', line: 2 }), edge('a.ts', 'b.ts', { kind: 'IMPORTS', line: 1 }),
        ],
      }),
      partition('b.ts', { nodes: [load] }),
    ]);
    expect((await collect(exportRows(reader))).filter((row) => row.type === 'edge')).toEqual([
      { type: 'edge', kind: 'IMPORTS', from: 'a.ts', to: 'b.ts', line: 1 },
      { type: 'edge', kind: 'CALLS', from: Shop.id, to: open.id, line: 3, certainty: 'candidate' },
      { type: 'edge', kind: 'CALLS', from: open.id, to: load.id, line: 5 },
    ]);
  });

  it('lets what is certain hide a candidate, whichever comes first', async () => {
    const reader = await readerOf([partition('a.ts', { nodes: [Shop, price], edges: [edge(Shop, load, { certainty: 'candidate', line: 2 }), edge(price, load, { line: 3 })] }), partition('b.ts', { nodes: [load] })]);
    expect((await collect(exportRows(reader))).filter((row) => row.type === 'edge')).toEqual([{ type: 'edge', kind: 'CALLS', from: Shop.id, to: load.id, line: 3 }]);
  });

  it('attributes a field\'s calls to its class', async () => {
    const reader = await readerOf([partition('a.ts', { nodes: [Shop, price], edges: [edge(price, load), edge(Shop, load, { line: 2 })] }), partition('b.ts', { nodes: [load] })]);
    expect((await collect(exportRows(reader))).filter((row) => row.type === 'edge')).toEqual([{ type: 'edge', kind: 'CALLS', from: Shop.id, to: load.id, line: 2 }]);
  });
});
