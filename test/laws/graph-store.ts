import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EDGE_KINDS, type GraphEdge } from '../../src/domain/graph-node.js';
import { digestPartition } from '../../src/domain/partition-codec.js';
import { compareText, type Partition } from '../../src/domain/partition.js';
import { compareEdges, matchRank } from '../../src/domain/reading-order.js';
import type { GraphStoreFixture } from '../../src/testing/contracts/graph-store.js';
import { collect, definition, edge, external, graphOf, inBatches, partition, sha256 } from '../../src/testing/contracts/sample-graph.js';

/** One graph, any store: random graphs, published in random steps, read back equal to what their partitions say. */
export function graphStoreLaw(name: string, factory: () => Promise<GraphStoreFixture>, { runs = 25 }: { readonly runs?: number } = {}): void {
  describe(`${name} and the law of one graph`, () => {
    it('gives back random graphs, published in random steps, digest for digest and edge for edge', async () => {
      await fc.assert(fc.asyncProperty(history, async (steps) => {
        const { store, dispose } = await factory();
        try {
          const graphs = steps.map((files, index) => graphOf([...files.values()], { id: `s${index}`, createdAt: new Date(index).toISOString() }));
          for (const { snapshot, manifest, entries } of graphs) {
            const held = await store.holds(manifest.map(({ digest }) => digest));
            await store.publish({ snapshot, manifest, partitions: inBatches(entries.filter(({ digest }) => !held.has(digest)), 3) });
          }
          // Retiring the odd ones must leave the even ones whole.
          const retired = graphs.filter((_, index) => index % 2 === 1 && index !== graphs.length - 1);
          await store.retire({ repository: 'github.com/acme/shop', snapshots: retired.map(({ snapshot }) => snapshot.id) });

          for (const graph of graphs.filter((one) => !retired.includes(one))) {
            const reader = await store.open(graph.snapshot.id);
            const partitions = graph.entries.map((entry) => entry.partition);
            expect((await collect(reader.partitions())).map((one) => digestPartition(one, sha256))).toEqual(graph.manifest.map(({ digest }) => digest));
            const edges = partitions.flatMap((one) => one.edges);
            const ids = [...new Set(edges.flatMap(({ from, to }) => [from, to]))];
            for (const direction of ['out', 'in'] as const) {
              expect(await reader.neighbours({ ids, direction, kinds: EDGE_KINDS })).toEqual(ids.flatMap((id) => touching(edges, id, direction)));
            }
            for (const match of ['exact', 'prefix', 'substring'] as const) {
              for (const text of ['a', 'B.', '\u{1F600}']) expect(await reader.find({ text, match, limit: 1000 })).toEqual(matching(partitions, text, match));
            }
            expect(await reader.unresolved(NAMES)).toEqual(partitions.flatMap((one) => one.unresolved));
            await reader.close();
          }
        } finally {
          await store.close();
          await dispose?.();
        }
      }), { numRuns: runs });
    });
  });
}

const PATHS = ['a.ts', 'b/a.ts', 'b.py', '\u{1F600}.ts', '\uFFFD.ts'];
const NAMES = ['a', 'A', 'b', 'ab', 'B.a', '\u{1F600}', '\uFFFD', 'a\u0000', '\uD800', ''];

const symbol = fc.record({ path: fc.constantFrom(...PATHS), name: fc.constantFrom(...NAMES) }).map(definition);
const target = fc.oneof(symbol, fc.constantFrom(...NAMES).map((name) => external('pkg', name)));
const site = fc.record({ line: fc.nat(2000), column: fc.nat(200), via: fc.option(fc.constantFrom('new' as const, 'jsx' as const), { nil: undefined }) })
  .map(({ line, column, via }) => ({ line, column, ...(via === undefined ? {} : { via }) }));

/** A file that declares some of its names and points anywhere. */
function file(path: string): fc.Arbitrary<Partition> {
  const edges = fc.uniqueArray(fc.record({
    from: fc.constantFrom(...NAMES).map((name) => definition({ path, name })), to: target, kind: fc.constantFrom(...EDGE_KINDS),
    certainty: fc.constantFrom('certain' as const, 'candidate' as const), sites: fc.array(site, { maxLength: 4 }),
  }), { maxLength: 12, selector: ({ from, to, kind, certainty }) => JSON.stringify([from.id, to.id, kind, certainty]) });
  const unresolved = fc.array(fc.record({ from: fc.constant(path), name: fc.constantFrom(...NAMES), reason: fc.constant('unknown-name' as const), column: fc.nat(90) }), { maxLength: 4 });
  return fc.record({ edges, names: fc.uniqueArray(fc.constantFrom(...NAMES)), unresolved }).map(({ edges: drawn, names, unresolved: sites }) => {
    const externals = new Map(drawn.map(({ to }) => [to.id, to] as const).filter(([, node]) => node.kind === 'external'));
    return partition(path, {
      nodes: [...names.map((own) => definition({ path, name: own })), ...externals.values()],
      edges: drawn.map(({ from, to, ...more }) => edge(from, to, more)),
      unresolved: sites.map((one, index) => ({ ...one, line: index + 1 })),
    });
  });
}

/** Trees of files, each the one before with some files changed, added or removed. */
const history = fc.array(fc.array(fc.constantFrom(...PATHS).chain((path) => fc.tuple(fc.constant(path), fc.option(file(path), { freq: 4 }))), { maxLength: 4 }), { minLength: 1, maxLength: 5 })
  .map((steps) => {
    let files = new Map<string, Partition>();
    return steps.map((changes) => {
      files = new Map(files);
      for (const [path, content] of changes) {
        if (content === null) files.delete(path);
        else files.set(path, content);
      }
      return files;
    });
  });

function touching(edges: readonly GraphEdge[], id: string, direction: 'out' | 'in'): GraphEdge[] {
  return edges.filter((one) => (direction === 'out' ? one.from : one.to) === id).sort((a, b) => compareEdges(a, b, direction));
}

function matching(partitions: readonly Partition[], text: string, match: 'exact' | 'prefix' | 'substring') {
  const nodes = [...new Map(partitions.flatMap((one) => one.nodes).reverse().map((node) => [node.id, node])).values()];
  return nodes.map((node) => ({ node, rank: matchRank(node, { text, match }) ?? -1 })).filter(({ rank }) => rank >= 0)
    .sort((a, b) => a.rank - b.rank || Number(a.node.kind === 'external') - Number(b.node.kind === 'external') || compareText(a.node.id, b.node.id)).map(({ node }) => node);
}
