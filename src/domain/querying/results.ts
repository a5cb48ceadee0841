import { EDGE_KINDS, type Certainty, type EdgeKind, type GraphEdge, type GraphNode, type SymbolId } from '../graph-node.js';
import { compareText } from '../partition.js';
import type { CallOptions } from '../ports/call-options.js';
import type { GraphReader } from '../ports/graph-store.js';
import type { Symbol } from '../symbol.js';
import type { AnswerResult, AnswerSite } from './answer.js';

/** Ids that are asked for at once. */
const BATCH = 500;

/** A node as answers name it. */
export function symbolOf(node: GraphNode): Symbol {
  return { id: node.id, kind: node.kind, name: node.name, qualifiedName: node.qualifiedName, path: node.path, line: lineOf(node) };
}

/** The line of a node's name; 0 for an external. */
export function lineOf(node: GraphNode): number {
  return node.at?.line ?? node.range?.start.line ?? 0;
}

/** The columns that every answer has, from a node and how it is related. */
export function resultOf(node: GraphNode, relation: { readonly certainty: Certainty; readonly sites: readonly AnswerSite[] }): AnswerResult {
  return { id: node.id, kind: node.kind, name: node.qualifiedName, path: node.path, line: lineOf(node), certainty: relation.certainty, sites: relation.sites };
}

/** Order of results: what is certain first, then by place. */
export function compareResults(a: AnswerResult, b: AnswerResult): number {
  return Number(a.certainty === 'candidate') - Number(b.certainty === 'candidate') || compareText(a.path, b.path) || a.line - b.line || compareText(a.id, b.id);
}

/** The sites of edges that start in `path`, each place once, in source order. */
export function sitesOf(edges: readonly GraphEdge[], path: string): AnswerSite[] {
  const sites = edges.flatMap((edge) => edge.sites.map(({ line, column }): AnswerSite => ({ path, line, column }))).sort((a, b) => a.line - b.line || a.column - b.column);
  return sites.filter((site, index) => index === 0 || site.line !== sites[index - 1]?.line || site.column !== sites[index - 1]?.column);
}

/** Kinds in the graph model's order, each once. */
export function orderedKinds(kinds: Iterable<EdgeKind>): EdgeKind[] {
  const wanted = new Set(kinds);
  return EDGE_KINDS.filter((kind) => wanted.has(kind));
}

/** Nodes of any number of ids. */
export async function nodesById(reader: Pick<GraphReader, 'nodes'>, ids: readonly SymbolId[], options?: CallOptions): Promise<Map<SymbolId, GraphNode>> {
  const found = new Map<SymbolId, GraphNode>();
  for (let start = 0; start < ids.length; start += BATCH) {
    for (const [id, node] of await reader.nodes(ids.slice(start, start + BATCH), options)) found.set(id, node);
  }
  return found;
}

/** Edges of any number of ids, in the order of the ids. */
export async function* edgesOf(
  reader: Pick<GraphReader, 'neighbours'>, request: { readonly ids: readonly SymbolId[]; readonly direction: 'in' | 'out'; readonly kinds: readonly EdgeKind[]; readonly certainty?: Certainty | undefined }, options?: CallOptions,
): AsyncIterable<readonly GraphEdge[]> {
  for (let start = 0; start < request.ids.length; start += BATCH) {
    yield await reader.neighbours({ ...request, ids: request.ids.slice(start, start + BATCH) }, options);
  }
}
