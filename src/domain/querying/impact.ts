import type { EdgeKind, GraphNode, SymbolId } from '../graph-node.js';
import type { CallOptions } from '../ports/call-options.js';
import type { GraphReader } from '../ports/graph-store.js';
import type { AnswerResult, Gap } from './answer.js';
import { candidateGap, incomingGaps } from './completeness.js';
import { descendants, sameCallee } from './relations.js';
import { orderedKinds, resultOf, sitesOf } from './results.js';
import { walk } from './traversal.js';

export interface ImpactResult extends AnswerResult {
  /** Steps from the symbol. */
  readonly depth: number;
  /** What it depends on, one step nearer to the symbol. */
  readonly through: SymbolId;
  readonly relations: readonly EdgeKind[];
}

/** What a change of a symbol can reach: callers, users of a type, subclasses, implementations, overrides, those who pass it on as a value. */
export const IMPACT_KINDS: readonly EdgeKind[] = ['CALLS', 'EXTENDS', 'IMPLEMENTS', 'OVERRIDES', 'REFERENCES', 'USES_TYPE'];

/** Who is affected, directly or not, when `node` changes: by depth, then id. A class, a module or a file stands for all that it contains. */
export async function impactOf(
  reader: GraphReader, node: GraphNode, request: { readonly maxDepth: number; readonly maxNodes: number; readonly kinds?: readonly EdgeKind[] | undefined }, options?: CallOptions,
): Promise<{ results: ImpactResult[]; gaps: Gap[] }> {
  const starts = [...new Map([...await sameCallee(reader, node, options), ...await descendants(reader, node, options)].map((each) => [each.id, each])).values()];
  const kinds = request.kinds ?? (node.kind === 'file' ? [...IMPACT_KINDS, 'IMPORTS'] : IMPACT_KINDS);
  const { visits, gaps } = await walk(reader, { starts, direction: 'in', kinds, maxDepth: request.maxDepth, maxNodes: request.maxNodes }, options);
  const results = visits.map(({ node: reached, depth, certainty, through, edges }): ImpactResult => ({
    ...resultOf(reached, { certainty, sites: sitesOf(edges, reached.path) }), depth, through, relations: orderedKinds(edges.map((edge) => edge.kind)),
  }));
  const callables = [...starts, ...visits.map((visit) => visit.node)];
  return { results, gaps: [...gaps, ...candidateGap(results), ...await incomingGaps(reader, callables, options)] };
}
