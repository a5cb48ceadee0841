import { createMemoryGraphStore } from '../../../src/adapters/memory/graph-store.js';
import { createMemoryMetadataStore } from '../../../src/adapters/memory/metadata-store.js';
import type { GraphEdge, GraphNode, NodeKind } from '../../../src/domain/graph-node.js';
import type { Partition } from '../../../src/domain/partition.js';
import type { GraphReader } from '../../../src/domain/ports/graph-store.js';
import type { Snapshot } from '../../../src/domain/snapshot.js';
import type { QueryPorts } from '../../../src/use-cases/queries/pinned-snapshot.js';
import { definition, graphOf, inBatches, partition } from '../../../src/testing/contracts/sample-graph.js';

/** Stores that hold these partitions as one snapshot. */
export async function storesOf(partitions: readonly Partition[], more: Partial<Snapshot> = {}): Promise<QueryPorts & { readonly snapshot: Snapshot }> {
  const graphStore = createMemoryGraphStore();
  const { snapshot, manifest, entries } = graphOf(partitions, more);
  await graphStore.publish({ snapshot, manifest, partitions: inBatches(entries) });
  return { graphStore, metadataStore: createMemoryMetadataStore(), snapshot };
}

export async function readerOf(partitions: readonly Partition[], more: Partial<Snapshot> = {}): Promise<GraphReader> {
  const { graphStore, snapshot } = await storesOf(partitions, more);
  return graphStore.open(snapshot.id);
}

/** A member: its node's parent is `parent`. */
export function member(parent: GraphNode, name: string, kind: NodeKind = 'method', line = 1): GraphNode {
  return { ...definition({ path: parent.path, name, kind, parents: parent.qualifiedName.split('.'), line }), parent: parent.id };
}

/** What the node contains, as edges. */
export function contains(parent: GraphNode | string, ...children: readonly GraphNode[]): GraphEdge[] {
  return children.map((child) => ({ kind: 'CONTAINS', from: typeof parent === 'string' ? parent : parent.id, to: child.id, certainty: 'certain', sites: [] }));
}

/** One file of functions `f0`, `f1`, … with the given calls between them; `?` marks a candidate. */
export function callGraph(size: number, calls: readonly (readonly [from: number, to: number, certainty?: '?'])[]): { readonly partition: Partition; readonly id: (index: number) => string } {
  const nodes = Array.from({ length: size }, (_, index) => definition({ path: 'g.ts', name: `f${index}`, line: index + 1 }));
  const id = (index: number): string => nodes[index]?.id ?? '';
  const edges = calls.map(([from, to, certainty]): GraphEdge => ({ kind: 'CALLS', from: id(from), to: id(to), certainty: certainty === '?' ? 'candidate' : 'certain', sites: [{ line: from + 1, column: 3 }] }));
  return { partition: partition('g.ts', { nodes, edges }), id };
}
