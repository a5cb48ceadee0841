import { CodeloomError, throwIfAborted } from '../../domain/errors.js';
import type { GraphEdge, GraphNode, SymbolId } from '../../domain/graph-node.js';
import type { Manifest } from '../../domain/partition.js';
import type { FindRequest, GraphReader, NeighboursRequest } from '../../domain/ports/graph-store.js';
import { compareEdges, compareMatches, matchRank } from '../../domain/reading-order.js';
import type { Snapshot } from '../../domain/snapshot.js';
import type { GraphLookups } from './graph-lookups.js';

const BATCH = 64;

/** Reads one snapshot from its lookups, which it keeps alive: what is retired meanwhile stays readable here. */
export function createMemoryGraphReader(
  { snapshot, manifest, lookups, check }: { snapshot: Snapshot; manifest: Manifest; lookups: GraphLookups; check: (signal?: AbortSignal) => void },
): GraphReader {
  let closed = false;

  function ready(signal: AbortSignal | undefined): GraphLookups {
    check(signal);
    if (closed) throw new CodeloomError('store-unavailable', 'The reader is closed.', { retryable: false });
    return lookups;
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
      const { nodes, named } = ready(options?.signal);
      return find(request.match === 'exact' ? named.get(request.text) ?? [] : nodes.values(), request);
    },

    async neighbours(request, options) {
      const { outgoing, incoming } = ready(options?.signal);
      return neighbours(request.direction === 'out' ? outgoing : incoming, request);
    },

    async unresolved(names, options) {
      const { unresolved } = ready(options?.signal);
      return [...new Set(names)].flatMap((name) => unresolved.get(name) ?? []).sort((a, b) => a.place - b.place).map(({ site }) => site);
    },

    async manifest(options) {
      ready(options?.signal);
      return manifest;
    },

    async *partitions(paths, options) {
      const { partitions, places } = ready(options?.signal);
      const chosen = paths === undefined ? partitions
        : [...new Set(paths)].flatMap((path) => places.get(path) ?? []).sort((a, b) => a - b).flatMap((place) => partitions[place] ?? []);
      for (let start = 0; start < chosen.length; start += BATCH) {
        throwIfAborted(options?.signal);
        yield chosen.slice(start, start + BATCH);
      }
    },

    async diagnostics(options) {
      return ready(options?.signal).partitions.flatMap((partition) => partition.diagnostics);
    },

    async close() {
      closed = true;
    },
  };
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
