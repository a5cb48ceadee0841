import type { SymbolId } from '../../domain/graph-node.js';
import type { CallOptions } from '../../domain/ports/call-options.js';
import type { Answer } from '../../domain/querying/answer.js';
import { candidateGap, unreadGap } from '../../domain/querying/completeness.js';
import type { RelationResult } from '../../domain/querying/relations.js';
import { orderedKinds, resultOf, sitesOf } from '../../domain/querying/results.js';
import { walk } from '../../domain/querying/traversal.js';
import type { QueryPorts } from './pinned-snapshot.js';
import { askAboutSymbol, type SymbolRequest } from './symbol-question.js';

export interface ImplementationResult extends RelationResult {
  /** 1 for those that name the symbol itself. */
  readonly depth: number;
  /** What it extends, implements or overrides on the way to the symbol. */
  readonly through: SymbolId;
}

const MAX_DEPTH = 100;
const MAX_NODES = 100_000;

/** Subclasses, implementations and overrides of a symbol, direct ones first, then those of these. */
export function implementations(ports: QueryPorts, request: SymbolRequest, options: CallOptions = {}): Promise<Answer<ImplementationResult>> {
  return askAboutSymbol(ports, request, {
    query: 'implementations',
    async find(reader, node) {
      const { visits, gaps } = await walk(reader, { starts: [node], direction: 'in', kinds: ['EXTENDS', 'IMPLEMENTS', 'OVERRIDES'], maxDepth: MAX_DEPTH, maxNodes: MAX_NODES }, options);
      const results = visits.map(({ node: found, depth, certainty, through, edges }): ImplementationResult => ({
        ...resultOf(found, { certainty, sites: sitesOf(edges, found.path) }), depth, through, relations: orderedKinds(edges.map((edge) => edge.kind)),
      }));
      return { results, gaps: [...gaps, ...candidateGap(results), ...await unreadGap(reader, options)], nothing: `Nothing extends, implements or overrides ${node.qualifiedName}.` };
    },
  }, options);
}
