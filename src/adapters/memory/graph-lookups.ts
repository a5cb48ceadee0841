import type { GraphEdge, GraphNode, SymbolId } from '../../domain/graph-node.js';
import type { Partition, UnresolvedSite } from '../../domain/partition.js';
import { compareSites } from '../../domain/reading-order.js';

/** The partitions of a snapshot, and where in them things are. */
export interface GraphLookups {
  /** In order of path. */
  readonly partitions: readonly Partition[];
  /** The partition of a path, as its place among them. */
  readonly places: ReadonlyMap<string, number>;
  readonly nodes: ReadonlyMap<SymbolId, GraphNode>;
  /** Nodes by name and by qualified name. */
  readonly named: ReadonlyMap<string, readonly GraphNode[]>;
  readonly outgoing: ReadonlyMap<SymbolId, readonly GraphEdge[]>;
  readonly incoming: ReadonlyMap<SymbolId, readonly GraphEdge[]>;
  /** By name; `place` is that in the order of path, line, column. */
  readonly unresolved: ReadonlyMap<string, readonly { readonly place: number; readonly site: UnresolvedSite }[]>;
}

/** Goes through the whole graph: as slow as reading all of it. */
export function graphLookups(partitions: readonly Partition[]): GraphLookups {
  const places = new Map<string, number>();
  const nodes = new Map<SymbolId, GraphNode>();
  const named = new Map<string, GraphNode[]>();
  const outgoing = new Map<SymbolId, GraphEdge[]>();
  const incoming = new Map<SymbolId, GraphEdge[]>();
  const unresolved = new Map<string, { place: number; site: UnresolvedSite }[]>();
  let sites = 0;
  for (const [place, partition] of partitions.entries()) {
    places.set(partition.path, place);
    for (const node of partition.nodes) {
      // Externals stand in many partitions: the first is the one.
      if (nodes.has(node.id)) continue;
      nodes.set(node.id, node);
      append(named, node.name, node);
      if (node.qualifiedName !== node.name) append(named, node.qualifiedName, node);
    }
    for (const edge of partition.edges) {
      append(outgoing, edge.from, edge);
      append(incoming, edge.to, edge);
    }
    for (const site of [...partition.unresolved].sort(compareSites)) append(unresolved, site.name, { place: sites++, site });
  }
  return { partitions, places, nodes, named, outgoing, incoming, unresolved };
}

function append<T>(lists: Map<string, T[]>, key: string, item: T): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [item]);
  else list.push(item);
}
