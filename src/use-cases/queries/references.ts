import type { CallOptions } from '../../domain/ports/call-options.js';
import type { Answer } from '../../domain/querying/answer.js';
import { candidateGap, incomingGaps } from '../../domain/querying/completeness.js';
import { REFERENCE_KINDS, relatedTo, sameCallee, type RelationResult } from '../../domain/querying/relations.js';
import type { QueryPorts } from './pinned-snapshot.js';
import { askAboutSymbol, type SymbolRequest } from './symbol-question.js';

/** Everything that uses a symbol, in whatever way: calls, values passed on, types, imports, heritage, overrides. */
export function references(ports: QueryPorts, request: SymbolRequest, options: CallOptions = {}): Promise<Answer<RelationResult>> {
  return askAboutSymbol(ports, request, {
    query: 'references',
    async find(reader, node) {
      const targets = await sameCallee(reader, node, options);
      const results = await relatedTo(reader, targets, { direction: 'in', kinds: REFERENCE_KINDS }, options);
      return { results, gaps: [...candidateGap(results), ...await incomingGaps(reader, targets, options)], nothing: `No use of ${node.qualifiedName} was found.` };
    },
  }, options);
}
