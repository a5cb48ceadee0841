import type { CallOptions } from '../../domain/ports/call-options.js';
import type { Answer } from '../../domain/querying/answer.js';
import { candidateGap, incomingGaps } from '../../domain/querying/completeness.js';
import { relatedTo, sameCallee, type RelationResult } from '../../domain/querying/relations.js';
import type { QueryPorts } from './pinned-snapshot.js';
import { askAboutSymbol, type SymbolRequest } from './symbol-question.js';

/** Who calls a symbol. Making an object calls its class and its constructor alike. Exact when no call that could mean it is left unresolved. */
export function callers(ports: QueryPorts, request: SymbolRequest, options: CallOptions = {}): Promise<Answer<RelationResult>> {
  return askAboutSymbol(ports, request, {
    query: 'callers',
    async find(reader, node) {
      const targets = await sameCallee(reader, node, options);
      const results = await relatedTo(reader, targets, { direction: 'in', kinds: ['CALLS'] }, options);
      return { results, gaps: [...candidateGap(results), ...await incomingGaps(reader, targets, options)], nothing: `No call of ${node.qualifiedName} was found.` };
    },
  }, options);
}
