import { throwIfAborted } from '../errors.js';
import type { Certainty, EdgeKind, GraphEdge, GraphNode, SymbolId } from '../graph-node.js';
import { compareText } from '../partition.js';
import type { CallOptions } from '../ports/call-options.js';
import type { GraphReader } from '../ports/graph-store.js';
import type { AnswerResult, Gap } from './answer.js';
import { incomingGaps } from './completeness.js';
import { sameCallee } from './relations.js';
import { edgesOf, nodesById, orderedKinds, resultOf, sitesOf } from './results.js';

export interface PathResult extends AnswerResult {
  /** Its place on the path, from 0. */
  readonly step: number;
  /** How the one before leads to it; empty for the first. `sites` tell where, in the file of the one before. */
  readonly relations: readonly EdgeKind[];
}

export interface PathRequest {
  readonly from: GraphNode;
  readonly to: GraphNode;
  readonly kinds: readonly EdgeKind[];
  readonly maxDepth: number;
  readonly maxNodes: number;
}

/**
 * A shortest path along edges of the given kinds: of certain edges where there is one, else with candidates. Of several the one whose ids come first. No
 * results when there is none; the gaps then say what could hide one.
 */
export async function findPath(reader: GraphReader, request: PathRequest, options?: CallOptions): Promise<{ results: PathResult[]; gaps: Gap[] }> {
  const from = (await sameCallee(reader, request.from, options)).map((node) => node.id);
  const to = (await sameCallee(reader, request.to, options)).map((node) => node.id);
  for (const certainty of ['certain', undefined] as const) {
    const search = await searchBack(reader, { ...request, from, to, certainty }, options);
    if (search.start !== undefined) {
      const results = await follow(reader, search.start, { distances: search.distances, kinds: request.kinds, certainty }, options);
      return { results, gaps: [] };
    }
    if (certainty === undefined) {
      const reached = [...(await nodesById(reader, [...search.distances.keys()], options)).values()];
      return { results: [], gaps: [...search.gaps, ...await incomingGaps(reader, reached, options)] };
    }
  }
  return { results: [], gaps: [] };
}

interface Search {
  /** Steps from each node to the goal. */
  readonly distances: ReadonlyMap<SymbolId, number>;
  /** Where a shortest path begins; absent when there is none. */
  readonly start: SymbolId | undefined;
  readonly gaps: readonly Gap[];
}

/** Breadth first from the goal, against the edges, until a level holds a start. */
async function searchBack(
  reader: GraphReader,
  { from, to, kinds, certainty, maxDepth, maxNodes }:
  { from: readonly SymbolId[]; to: readonly SymbolId[]; kinds: readonly EdgeKind[]; certainty: Certainty | undefined; maxDepth: number; maxNodes: number },
  options?: CallOptions,
): Promise<Search> {
  const wanted = new Set(from);
  const distances = new Map<SymbolId, number>(to.map((id) => [id, 0]));
  let frontier = [...to].sort(compareText);
  for (let depth = 0; frontier.length > 0; depth++) {
    throwIfAborted(options?.signal);
    const start = frontier.find((id) => wanted.has(id));
    if (start !== undefined) return { distances, start, gaps: [] };
    const next: SymbolId[] = [];
    for await (const edges of edgesOf(reader, { ids: frontier, direction: 'in', kinds, certainty }, options)) {
      for (const edge of edges) {
        if (distances.has(edge.from)) continue;
        distances.set(edge.from, depth + 1);
        next.push(edge.from);
      }
    }
    // Whoever makes an object runs the constructor of its class: the class lies one step behind.
    for (const node of (await nodesById(reader, frontier, options)).values()) {
      if (node.kind !== 'constructor' || node.parent === undefined || distances.has(node.parent)) continue;
      distances.set(node.parent, depth + 1);
      next.push(node.parent);
    }
    if (next.length > 0 && depth + 1 > maxDepth) {
      return { distances, start: undefined, gaps: [{ reason: 'depth-limit', count: next.length, sites: [], message: `No path of up to ${maxDepth} steps was found; longer ones were not looked for.` }] };
    }
    if (distances.size > maxNodes) {
      return { distances, start: undefined, gaps: [{ reason: 'count-limit', count: maxNodes, sites: [], message: `The search stopped after ${maxNodes} symbols.` }] };
    }
    frontier = next.sort(compareText);
  }
  return { distances, start: undefined, gaps: [] };
}

/** From the start, always to the neighbour that is one step nearer to the goal and has the smallest id. */
async function follow(
  reader: GraphReader, start: SymbolId, { distances, kinds, certainty }: { distances: ReadonlyMap<SymbolId, number>; kinds: readonly EdgeKind[]; certainty: Certainty | undefined }, options?: CallOptions,
): Promise<PathResult[]> {
  const steps: { id: SymbolId; edges: GraphEdge[] }[] = [{ id: start, edges: [] }];
  for (let current = start; (distances.get(current) ?? 0) > 0;) {
    const left = distances.get(current) ?? 0;
    const nearer = (await reader.neighbours({ ids: [current], direction: 'out', kinds: [...kinds, 'CONTAINS'] }, options))
      .filter((edge) => distances.get(edge.to) === left - 1 && (edge.kind === 'CONTAINS' || certainty === undefined || edge.certainty === certainty));
    const ends = await nodesById(reader, nearer.map((edge) => edge.to), options);
    const usable = nearer.filter((edge) => kinds.includes(edge.kind) || ends.get(edge.to)?.kind === 'constructor');
    const next = usable.map((edge) => edge.to).sort(compareText)[0];
    if (next === undefined) break;
    steps.push({ id: next, edges: usable.filter((edge) => edge.to === next) });
    current = next;
  }
  const nodes = await nodesById(reader, steps.map((step) => step.id), options);
  const results: PathResult[] = [];
  let previous = '';
  for (const { id, edges } of steps) {
    const node = nodes.get(id);
    if (node === undefined) continue;
    const sure = edges.length === 0 || edges.some((edge) => edge.certainty === 'certain');
    results.push({ ...resultOf(node, { certainty: sure ? 'certain' : 'candidate', sites: sitesOf(edges, previous) }), step: results.length, relations: orderedKinds(edges.map((edge) => edge.kind)) });
    previous = node.path;
  }
  return results;
}
