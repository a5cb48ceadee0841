import type { Certainty, EdgeKind, GraphEdge, GraphNode, SymbolId } from '../graph-node.js';
import { compareText } from '../partition.js';
import type { CallOptions } from '../ports/call-options.js';
import type { GraphReader } from '../ports/graph-store.js';
import type { AnswerResult, Gap } from './answer.js';
import { incomingGaps, outgoingGaps, unreadGap } from './completeness.js';
import { sameCallee } from './relations.js';
import { nodesById, orderedKinds, resultOf, sitesOf } from './results.js';
import { shortestPaths, type ShortestPaths } from './shortest-paths.js';

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
    const paths = await shortestPaths(reader, { ...request, from, to, certainty }, options);
    if (paths.outcome === 'found') {
      const { distances } = paths;
      const least = Math.min(...from.map((id) => distances.get(id) ?? Infinity));
      const start = [...from].sort(compareText).find((id) => distances.get(id) === least) ?? request.from.id;
      return { results: await follow(reader, start, { distances, kinds: request.kinds, certainty }, options), gaps: [] };
    }
    if (certainty === undefined) return { results: [], gaps: await gapsOf(reader, paths, request, options) };
  }
  return { results: [], gaps: [] };
}

/** What could hide a path that was not found. */
async function gapsOf(reader: GraphReader, paths: Exclude<ShortestPaths, { readonly outcome: 'found' }>, { maxDepth, maxNodes }: PathRequest, options?: CallOptions): Promise<Gap[]> {
  if (paths.outcome !== 'none') {
    const message = paths.outcome === 'depth-limit' ? `No path of up to ${maxDepth} steps was found; longer ones were not looked for.` : `The search stopped after ${maxNodes} symbols.`;
    return [{ reason: paths.outcome, count: paths.more, sites: [], message }, ...await unreadGap(reader, options)];
  }
  // A path that was not seen would have to leave what can be reached from its start, or enter what leads to its goal, by an unresolved call.
  const reached = [...(await nodesById(reader, paths.reached, options)).values()];
  if (paths.end === 'to') return incomingGaps(reader, reached, options);
  const leaving = (await outgoingGaps(reader, reached, options)).filter(({ reason }) => reason === 'unresolved-sites');
  return [...leaving, ...await unreadGap(reader, options)];
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
