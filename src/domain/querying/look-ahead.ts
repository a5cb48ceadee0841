import type { EdgeKind, GraphEdge, GraphNode, SymbolId } from '../graph-node.js';
import type { CallOptions } from '../ports/call-options.js';
import type { GraphReader } from '../ports/graph-store.js';

/** What a walk asks a reader for. */
export interface WalkReader extends Pick<GraphReader, 'neighbours' | 'nodes'> {
  /** Says that the edges of `ids` are wanted next, and probably those of what lies within `depth` steps. */
  prepare(ids: readonly SymbolId[], depth: number, options?: CallOptions): Promise<void>;
}

/**
 * A reader for a walk in one direction along some kinds of edges. Where the store gives the surroundings of symbols in one request, they are fetched before they are
 * asked for, and answer in its place; what they do not hold is asked of the store as ever. So the walk, and its answer, are the same with and without.
 */
export function lookAhead(reader: GraphReader, { direction, kinds }: { readonly direction: 'in' | 'out'; readonly kinds: readonly EdgeKind[] }): WalkReader {
  if (reader.surroundings === undefined) {
    return { neighbours: (request, options) => reader.neighbours(request, options), nodes: (ids, options) => reader.nodes(ids, options), prepare: async () => undefined };
  }
  const edges = new Map<SymbolId, GraphEdge[]>();
  const nodes = new Map<SymbolId, GraphNode>();

  return {
    async prepare(ids, depth, options) {
      const unknown = ids.filter((id) => !edges.has(id));
      if (unknown.length === 0) return;
      const around = await reader.surroundings?.({ ids: unknown, direction, kinds, depth }, options);
      if (around === undefined) return;
      const fresh = new Set([...around.expanded].filter((id) => !edges.has(id)));
      for (const id of fresh) edges.set(id, []);
      for (const edge of around.edges) {
        const id = direction === 'in' ? edge.to : edge.from;
        if (fresh.has(id)) edges.get(id)?.push(edge);
      }
      for (const [id, node] of around.nodes) nodes.set(id, node);
    },

    async neighbours(request, options) {
      if (!request.ids.every((id) => edges.has(id))) return reader.neighbours(request, options);
      return request.ids.flatMap((id) => edges.get(id) ?? []);
    },

    async nodes(ids, options) {
      const unknown = ids.filter((id) => !nodes.has(id));
      const rest = unknown.length === 0 ? new Map<SymbolId, GraphNode>() : await reader.nodes(unknown, options);
      return new Map(ids.flatMap((id) => {
        const node = nodes.get(id) ?? rest.get(id);
        return node === undefined ? [] : [[id, node] as const];
      }));
    },
  };
}
