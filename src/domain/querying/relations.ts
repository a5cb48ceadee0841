import type { EdgeKind, GraphEdge, GraphNode, SymbolId } from '../graph-node.js';
import type { CallOptions } from '../ports/call-options.js';
import type { GraphReader } from '../ports/graph-store.js';
import type { AnswerResult } from './answer.js';
import { compareResults, edgesOf, nodesById, orderedKinds, resultOf, sitesOf } from './results.js';

/** A symbol at the other end of one or several edges. */
export interface RelationResult extends AnswerResult {
  readonly relations: readonly EdgeKind[];
}

/** How a symbol is used: `references`. */
export const REFERENCE_KINDS: readonly EdgeKind[] = ['IMPORTS', 'CALLS', 'EXTENDS', 'IMPLEMENTS', 'OVERRIDES', 'REFERENCES', 'USES_TYPE'];

/**
 * The nodes that one question is about: making an object calls its class in the graph, and runs its constructor, so that each stands for the other.
 */
export async function sameCallee(reader: GraphReader, node: GraphNode, options?: CallOptions): Promise<readonly GraphNode[]> {
  if (node.kind === 'constructor' && node.parent !== undefined) {
    const parent = (await reader.nodes([node.parent], options)).get(node.parent);
    return parent === undefined ? [node] : [node, parent];
  }
  if (node.kind !== 'class') return [node];
  const members = await reader.neighbours({ ids: [node.id], direction: 'out', kinds: ['CONTAINS'] }, options);
  const nodes = await nodesById(reader, members.map((edge) => edge.to), options);
  return [node, ...[...nodes.values()].filter((member) => member.kind === 'constructor')];
}

/** The symbols at the other ends of the targets' edges, one result each, with every site; what is certain by one edge is certain. */
export async function relatedTo(
  reader: GraphReader, targets: readonly GraphNode[], request: { readonly direction: 'in' | 'out'; readonly kinds: readonly EdgeKind[] }, options?: CallOptions,
): Promise<RelationResult[]> {
  const ids = targets.map((target) => target.id);
  const edges = new Map<SymbolId, GraphEdge[]>();
  for await (const batch of edgesOf(reader, { ...request, ids }, options)) {
    for (const edge of batch) {
      const other = request.direction === 'in' ? edge.from : edge.to;
      const known = edges.get(other);
      if (known === undefined) edges.set(other, [edge]);
      else known.push(edge);
    }
  }
  const nodes = await nodesById(reader, [...edges.keys()], options);
  const ownPath = targets[0]?.path ?? '';
  const results: RelationResult[] = [];
  for (const [id, related] of edges) {
    const node = nodes.get(id);
    if (node === undefined) continue;
    const certainty = related.some((edge) => edge.certainty === 'certain') ? 'certain' : 'candidate';
    const sites = sitesOf(related, request.direction === 'in' ? node.path : ownPath);
    results.push({ ...resultOf(node, { certainty, sites }), relations: orderedKinds(related.map((edge) => edge.kind)) });
  }
  return results.sort(compareResults);
}

/** The nodes that a node contains, at any depth. */
export async function descendants(reader: GraphReader, node: GraphNode, options?: CallOptions): Promise<GraphNode[]> {
  const found: GraphNode[] = [];
  const seen = new Set<SymbolId>([node.id]);
  let frontier: readonly SymbolId[] = [node.id];
  while (frontier.length > 0) {
    const next: SymbolId[] = [];
    for await (const batch of edgesOf(reader, { ids: frontier, direction: 'out', kinds: ['CONTAINS'] }, options)) {
      for (const { to } of batch) {
        if (seen.has(to)) continue;
        seen.add(to);
        next.push(to);
      }
    }
    const nodes = await nodesById(reader, next, options);
    for (const id of next) {
      const inner = nodes.get(id);
      if (inner !== undefined) found.push(inner);
    }
    frontier = next;
  }
  return found;
}
