import type { CallOptions } from '../../domain/ports/call-options.js';
import type { Answer } from '../../domain/querying/answer.js';
import { candidateGap, outgoingGaps } from '../../domain/querying/completeness.js';
import { relatedTo, sameCallee, type RelationResult } from '../../domain/querying/relations.js';
import type { QueryPorts } from './pinned-snapshot.js';
import { askAboutSymbol, type SymbolRequest } from './symbol-question.js';

/** What a symbol's own code calls, externals included; a class's own code is its initialisers and its constructor, a file's what stands outside all definitions. */
export function callees(ports: QueryPorts, request: SymbolRequest, options: CallOptions = {}): Promise<Answer<RelationResult>> {
  return askAboutSymbol(ports, request, {
    query: 'callees',
    async find(reader, node) {
      const sources = node.kind === 'class' ? await sameCallee(reader, node, options) : [node];
      const results = await relatedTo(reader, sources, { direction: 'out', kinds: ['CALLS'] }, options);
      return { results, gaps: [...candidateGap(results), ...await outgoingGaps(reader, sources, options)], nothing: `${node.qualifiedName} calls nothing that is known.` };
    },
  }, options);
}
