import { CodeloomError, throwIfAborted } from '../../domain/errors.js';
import type { GraphEdge, GraphNode, SymbolId } from '../../domain/graph-node.js';
import { type Manifest, type Partition, type UnresolvedSite } from '../../domain/partition.js';
import type { FindRequest, GraphReader, NeighboursRequest } from '../../domain/ports/graph-store.js';
import { compareEdges, compareSites, compareMatches, matchRank } from '../../domain/reading-order.js';
import type { Snapshot } from '../../domain/snapshot.js';

const BATCH = 64;

/** Reads one snapshot from its partitions, which it keeps alive: what is retired meanwhile stays readable here. `partitions` are in order of path. */
export function createMemoryGraphReader(
  { snapshot, manifest, partitions, check }:
  { snapshot: Snapshot; manifest: Manifest; partitions: readonly Partition[]; check: (signal?: AbortSignal) => void },
): GraphReader {
  let closed = false;
  let lookups: Lookups | undefined;

  function ready(signal: AbortSignal | undefined): Lookups {
    check(signal);
    if (closed) throw new CodeloomError('store-unavailable', 'The reader is closed.', { retryable: false });
    return lookups ??= buildLookups(partitions);
  }

  return {
    snapshot,

    async nodes(ids, options) {
      const { nodes } = ready(options?.signal);
      const found = new Map<SymbolId, GraphNode>();
      for (const id of ids) {
        const node = nodes.get(id);
        if (node !== undefined) found.set(id, node);
      }
      return found;
    },

    async find(request, options) {
      return find(ready(options?.signal).nodes.values(), request);
    },

    async neighbours(request, options) {
      const { outgoing, incoming } = ready(options?.signal);
      return neighbours(request.direction === 'out' ? outgoing : incoming, request);
    },

    async unresolved(names, options) {
      const sites = ready(options?.signal).unresolved;
      const wanted = new Set(names);
      return sites.filter(({ name }) => wanted.has(name));
    },

    async manifest(options) {
      ready(options?.signal);
      return manifest;
    },

    async *partitions(paths, options) {
      ready(options?.signal);
      const wanted = paths === undefined ? undefined : new Set(paths);
      const chosen = wanted === undefined ? partitions : partitions.filter(({ path }) => wanted.has(path));
      for (let start = 0; start < chosen.length; start += BATCH) {
        throwIfAborted(options?.signal);
        yield chosen.slice(start, start + BATCH);
      }
    },

    async diagnostics(options) {
      ready(options?.signal);
      return partitions.flatMap((partition) => partition.diagnostics);
    },

    async close() {
      closed = true;
      lookups = undefined;
    },
  };
}

interface Lookups {
  readonly nodes: ReadonlyMap<SymbolId, GraphNode>;
  readonly outgoing: ReadonlyMap<SymbolId, readonly GraphEdge[]>;
  readonly incoming: ReadonlyMap<SymbolId, readonly GraphEdge[]>;
  /** By path, line, column. */
  readonly unresolved: readonly UnresolvedSite[];
}

function buildLookups(partitions: readonly Partition[]): Lookups {
  const nodes = new Map<SymbolId, GraphNode>();
  const outgoing = new Map<SymbolId, GraphEdge[]>();
  const incoming = new Map<SymbolId, GraphEdge[]>();
  const unresolved: UnresolvedSite[] = [];
  for (const partition of partitions) {
    // Externals stand in many partitions: the first is the one.
    for (const node of partition.nodes) if (!nodes.has(node.id)) nodes.set(node.id, node);
    for (const edge of partition.edges) {
      append(outgoing, edge.from, edge);
      append(incoming, edge.to, edge);
    }
    for (const site of [...partition.unresolved].sort(compareSites)) unresolved.push(site);
  }
  return { nodes, outgoing, incoming, unresolved };
}

function append(lists: Map<SymbolId, GraphEdge[]>, id: SymbolId, edge: GraphEdge): void {
  const list = lists.get(id);
  if (list === undefined) lists.set(id, [edge]);
  else list.push(edge);
}

function find(nodes: Iterable<GraphNode>, request: FindRequest): readonly GraphNode[] {
  const kinds = request.kinds === undefined ? undefined : new Set(request.kinds);
  const matches: { rank: number; node: GraphNode }[] = [];
  for (const node of nodes) {
    if (kinds !== undefined && !kinds.has(node.kind)) continue;
    const rank = matchRank(node, request);
    if (rank !== undefined) matches.push({ rank, node });
  }
  matches.sort((a, b) => compareMatches({ rank: a.rank, id: a.node.id }, { rank: b.rank, id: b.node.id }));
  const offset = request.offset ?? 0;
  return matches.slice(offset, offset + (request.limit ?? 100)).map(({ node }) => node);
}

function neighbours(edges: ReadonlyMap<SymbolId, readonly GraphEdge[]>, request: NeighboursRequest): readonly GraphEdge[] {
  const kinds = new Set(request.kinds);
  return [...new Set(request.ids)].flatMap((id) => (edges.get(id) ?? [])
    .filter((edge) => kinds.has(edge.kind) && (request.certainty === undefined || edge.certainty === request.certainty))
    .sort((a, b) => compareEdges(a, b, request.direction)));
}
