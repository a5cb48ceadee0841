import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Partition } from '../../../src/domain/partition.js';
import { diffGraphs } from '../../../src/domain/querying/diff-graphs.js';
import { definition, edge, external, partition } from '../../../src/testing/contracts/sample-graph.js';
import { readerOf } from './sample-reader.js';

async function diff(before: readonly Partition[], after: readonly Partition[]): Promise<{ files: unknown; nodes: unknown[]; edges: unknown[] }> {
  const { files, nodes, edges } = await diffGraphs(await readerOf(before), await readerOf(after));
  return {
    files,
    nodes: nodes.filter(({ node }) => node.kind !== 'file').map((row) => [row.change, row.node.id, ...(row.change === 'changed' ? row.what : [])]),
    edges: edges.map(({ change, edge: { kind, from, to } }) => [change, from, kind, to]),
  };
}

const a = definition({ path: 'a.ts', name: 'a', line: 1 });
const b = definition({ path: 'b.ts', name: 'b', line: 1 });
const c = definition({ path: 'b.ts', name: 'c', line: 5 });

describe('the difference of two graphs', () => {
  it('is nothing for the same graph', async () => {
    const same = [partition('a.ts', { nodes: [a] })];
    expect(await diff(same, same)).toEqual({ files: { added: [], removed: [], changed: [], renamed: [] }, nodes: [], edges: [] });
  });

  it('tells symbols and edges that came and went', async () => {
    expect(await diff(
      [partition('a.ts', { nodes: [a], edges: [edge(a, b)] }), partition('b.ts', { nodes: [b] })],
      [partition('a.ts', { nodes: [a], edges: [edge(a, c)] }), partition('b.ts', { nodes: [c] })],
    )).toEqual({
      files: { added: [], removed: [], changed: ['a.ts', 'b.ts'], renamed: [] },
      nodes: [['removed', b.id], ['added', c.id]],
      edges: [['removed', a.id, 'CALLS', b.id], ['added', a.id, 'CALLS', c.id]],
    });
  });

  it('tells what of a symbol changed', async () => {
    const changed = { ...a, signature: 'function a(x)', doc: 'Other.', exported: false, range: { start: a.range?.start ?? ORIGIN, end: { ...(a.range?.end ?? ORIGIN), offset: 999 } } };
    expect((await diff([partition('a.ts', { nodes: [a] })], [partition('a.ts', { nodes: [changed] })])).nodes).toEqual([['changed', a.id, 'signature', 'doc', 'exported', 'body']]);
  });

  it('tells a shift of lines apart from a change', async () => {
    const shifted = definition({ path: 'a.ts', name: 'a', line: 9 });
    expect((await diff([partition('a.ts', { nodes: [a] })], [partition('a.ts', { nodes: [shifted] })])).nodes).toEqual([['moved', a.id]]);
  });

  it('ignores where an edge stands, and tells when its certainty changes', async () => {
    const before = partition('a.ts', { nodes: [a], edges: [edge(a, b, { line: 3 })] });
    expect((await diff([before], [partition('a.ts', { nodes: [a], edges: [edge(a, b, { line: 8 })] })])).edges).toEqual([]);
    expect((await diff([before], [partition('a.ts', { nodes: [a], edges: [edge(a, b, { certainty: 'candidate' })] })])).edges).toEqual([['changed', a.id, 'CALLS', b.id]]);
  });

  it('knows a renamed file by its content, with what points at it', async () => {
    const moved = definition({ path: 'z.ts', name: 'b', line: 1 });
    expect(await diff(
      [partition('a.ts', { nodes: [a], edges: [edge(a, b), edge('a.ts', 'b.ts', { kind: 'IMPORTS' })] }), partition('b.ts', { nodes: [b], blob: 'same' })],
      [partition('a.ts', { nodes: [a], edges: [edge(a, moved), edge('a.ts', 'z.ts', { kind: 'IMPORTS' })] }), partition('z.ts', { nodes: [moved], blob: 'same' })],
    )).toEqual({ files: { added: [], removed: [], changed: ['a.ts'], renamed: [{ from: 'b.ts', to: 'z.ts' }] }, nodes: [['moved', moved.id]], edges: [] });
  });

  it('leaves externals out', async () => {
    expect((await diff([partition('a.ts', { nodes: [a] })], [partition('a.ts', { nodes: [a, external('fs')] })])).nodes).toEqual([]);
  });

  it('turned round is the same difference turned round; and applied to the names of one graph it gives the other', async () => {
    const file = fc.subarray(['x', 'y', 'z']).map((names) => (path: string) => partition(path, { nodes: names.map((name) => definition({ path, name })), blob: `${path} ${names.join()}` }));
    const graph = fc.record({ p: fc.option(file), q: fc.option(file), r: fc.option(file) }).map((files) => Object.entries(files).flatMap(([path, make]) => (make === null ? [] : [make(path)])));
    await fc.assert(fc.asyncProperty(graph, graph, async (left, right) => {
      const ids = (partitions: readonly Partition[]): string[] => partitions.flatMap((each) => each.nodes.map((node) => node.id)).sort();
      const { nodes } = await diffGraphs(await readerOf(left), await readerOf(right));
      const removed = new Set(nodes.filter((row) => row.change === 'removed').map((row) => row.node.id));
      const added = nodes.filter((row) => row.change === 'added').map((row) => row.node.id);
      expect([...ids(left).filter((id) => !removed.has(id)), ...added].sort()).toEqual(ids(right));
      const back = await diffGraphs(await readerOf(right), await readerOf(left));
      expect(back.nodes.filter((row) => row.change === 'added').map((row) => row.node.id).sort()).toEqual([...removed].sort());
    }), { numRuns: 100 });
  });
});

const ORIGIN = { line: 1, column: 1, offset: 0 };
