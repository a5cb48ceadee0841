import { throwIfAborted } from '../errors.js';
import type { Certainty, EdgeKind, SymbolId } from '../graph-node.js';
import { compareText } from '../partition.js';
import type { CallOptions } from '../ports/call-options.js';
import type { GraphReader } from '../ports/graph-store.js';
import { edgesOf, nodesById } from './results.js';

export interface ShortestPathsRequest {
  readonly from: readonly SymbolId[];
  readonly to: readonly SymbolId[];
  readonly kinds: readonly EdgeKind[];
  /** Only edges of this certainty; all when absent. */
  readonly certainty: Certainty | undefined;
  /** Steps. */
  readonly maxDepth: number;
  /** Symbols seen from both ends together. */
  readonly maxNodes: number;
}

export type ShortestPaths =
  /** Steps to the goal, for at least every symbol on some shortest path. */
  | { readonly outcome: 'found'; readonly distances: ReadonlyMap<SymbolId, number> }
  /** There is none: everything on this end's side of where one would have to pass. */
  | { readonly outcome: 'none'; readonly end: 'from' | 'to'; readonly reached: readonly SymbolId[] }
  /** A bound was hit first. */
  | { readonly outcome: 'depth-limit' | 'count-limit'; readonly more: number };

/** What has been reached from one end, level by level. */
interface Side {
  readonly distances: Map<SymbolId, number>;
  frontier: readonly SymbolId[];
  depth: number;
}

/**
 * All shortest paths between two sets of symbols, by breadth-first search from both ends: always the end with fewer symbols in its outermost level goes a level on, until
 * the two meet. Making an object of a class is a step from the class to its constructor.
 */
export async function shortestPaths(reader: GraphReader, request: ShortestPathsRequest, options?: CallOptions): Promise<ShortestPaths> {
  const { maxDepth, maxNodes } = request;
  const forth = sideOf(request.from);
  const back = sideOf(request.to);
  for (;;) {
    throwIfAborted(options?.signal);
    if (forth.frontier.some((id) => back.distances.has(id))) return { outcome: 'found', distances: await allDistances(reader, { request, forth, back }, options) };
    const nearer = forth.frontier.length <= back.frontier.length ? forth : back;
    if (nearer.frontier.length === 0) return { outcome: 'none', end: nearer === forth ? 'from' : 'to', reached: [...nearer.distances.keys()] };
    const next = await neighbouring(reader, { ids: nearer.frontier, direction: nearer === forth ? 'out' : 'in', request }, options);
    const fresh = [...next].filter((id) => !nearer.distances.has(id)).sort(compareText);
    if (fresh.length > 0 && forth.depth + back.depth >= maxDepth) return { outcome: 'depth-limit', more: fresh.length };
    nearer.depth++;
    nearer.frontier = fresh;
    for (const id of fresh) nearer.distances.set(id, nearer.depth);
    if (forth.distances.size + back.distances.size > maxNodes) return { outcome: 'count-limit', more: maxNodes };
  }
}

function sideOf(ids: readonly SymbolId[]): Side {
  return { distances: new Map(ids.map((id) => [id, 0])), frontier: [...ids].sort(compareText), depth: 0 };
}

interface Step {
  readonly ids: readonly SymbolId[];
  readonly direction: 'in' | 'out';
  readonly request: Pick<ShortestPathsRequest, 'kinds' | 'certainty'>;
}

/** Everything one step away. */
async function neighbouring(reader: GraphReader, { ids, direction, request: { kinds, certainty } }: Step, options?: CallOptions): Promise<ReadonlySet<SymbolId>> {
  const found = new Set<SymbolId>();
  for await (const edges of edgesOf(reader, { ids, direction, kinds, certainty }, options)) for (const edge of edges) found.add(direction === 'out' ? edge.to : edge.from);
  const nodes = [...(await nodesById(reader, ids, options)).values()];
  if (direction === 'in') {
    for (const node of nodes) if (node.kind === 'constructor' && node.parent !== undefined) found.add(node.parent);
    return found;
  }
  const classes = nodes.filter((node) => node.kind === 'class').map((node) => node.id);
  const members: SymbolId[] = [];
  for await (const edges of edgesOf(reader, { ids: classes, direction: 'out', kinds: ['CONTAINS'] }, options)) for (const edge of edges) members.push(edge.to);
  for (const node of (await nodesById(reader, members, options)).values()) if (node.kind === 'constructor') found.add(node.id);
  return found;
}

/** Steps to the goal: those that were counted from it, and on the start's side of the meeting those on a way to it. */
async function allDistances(reader: GraphReader, { request, forth, back }: { request: ShortestPathsRequest; forth: Side; back: Side }, options?: CallOptions): Promise<ReadonlyMap<SymbolId, number>> {
  const distances = new Map(back.distances);
  let level = forth.frontier.filter((id) => back.distances.has(id));
  for (let depth = forth.depth - 1; depth >= 0; depth--) {
    const before = await neighbouring(reader, { ids: level, direction: 'in', request }, options);
    level = [...before].filter((id) => forth.distances.get(id) === depth).sort(compareText);
    for (const id of level) distances.set(id, forth.depth - depth + back.depth);
  }
  return distances;
}
