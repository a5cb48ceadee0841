import type { EdgeKind, GraphEdge, GraphNode, NodeKind, SymbolId } from '../graph-node.js';
import type { Partition } from '../partition.js';
import type { CallOptions } from '../ports/call-options.js';
import type { GraphReader } from '../ports/graph-store.js';
import { lineOf } from './results.js';

/** A line of the interchange format: a node, or an edge between nodes by their ids. */
export type ExportedRow =
  | { readonly type: 'node'; readonly id: SymbolId; readonly kind: NodeKind; readonly name: string; readonly file: string; readonly line?: number }
  | { readonly type: 'edge'; readonly kind: EdgeKind; readonly from: SymbolId; readonly to: SymbolId; readonly line?: number; readonly certainty?: 'candidate' };

/** Kinds to which the format attributes calls; what others do is their nearest such ancestor's. */
const OWNERS: ReadonlySet<NodeKind> = new Set(['file', 'function', 'method', 'constructor', 'class', 'interface', 'type', 'enum', 'variable']);

/**
 * The graph of a snapshot as rows, file by file, with bounded memory: nodes of the repository (externals are left out, and edges to them), then the file's
 * edges, each once for its kind and ends, with its first line; a certain one hides a candidate between the same ends. CONTAINS is left out.
 */
export async function* exportRows(reader: GraphReader, options?: CallOptions): AsyncIterable<readonly ExportedRow[]> {
  for await (const partitions of reader.partitions(undefined, options)) {
    for (const partition of partitions) yield [...nodeRows(partition), ...edgeRows(partition)];
  }
}

function nodeRows(partition: Partition): ExportedRow[] {
  return partition.nodes.filter((node) => node.kind !== 'external').map((node) => ({
    type: 'node', id: node.id, kind: node.kind, name: node.name, file: node.path, ...(node.kind === 'file' ? {} : { line: lineOf(node) }),
  }));
}

function edgeRows(partition: Partition): ExportedRow[] {
  const nodes = new Map(partition.nodes.map((node) => [node.id, node]));
  const externals = new Set(partition.nodes.filter((node) => node.kind === 'external').map((node) => node.id));
  const edges = new Map<string, { edge: GraphEdge; from: SymbolId; line: number | undefined; candidate: boolean }>();
  for (const edge of partition.edges) {
    if (edge.kind === 'CONTAINS' || externals.has(edge.to)) continue;
    const from = edge.kind === 'CALLS' ? ownerOf(edge.from, nodes) : edge.from;
    const key = `${edge.kind} ${from} ${edge.to}`;
    const line = edge.sites[0]?.line;
    const candidate = edge.certainty === 'candidate';
    const known = edges.get(key);
    if (known === undefined || (known.candidate && !candidate)) edges.set(key, { edge, from, line, candidate });
    else if (known.candidate === candidate && line !== undefined && (known.line === undefined || line < known.line)) known.line = line;
  }
  return [...edges.values()].map(({ edge, from, line, candidate }) => ({
    type: 'edge', kind: edge.kind, from, to: edge.to, ...(line === undefined ? {} : { line }), ...(candidate ? { certainty: 'candidate' as const } : {}),
  }));
}

function ownerOf(id: SymbolId, nodes: ReadonlyMap<SymbolId, GraphNode>): SymbolId {
  let node = nodes.get(id);
  while (node !== undefined && !OWNERS.has(node.kind) && node.parent !== undefined) node = nodes.get(node.parent);
  return node?.id ?? id;
}
