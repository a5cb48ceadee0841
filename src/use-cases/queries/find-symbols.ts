import { CodeloomError } from '../../domain/errors.js';
import type { NodeKind } from '../../domain/graph-node.js';
import type { CallOptions } from '../../domain/ports/call-options.js';
import type { FindRequest } from '../../domain/ports/graph-store.js';
import type { Answer, AnswerResult } from '../../domain/querying/answer.js';
import { completenessOf } from '../../domain/querying/completeness.js';
import { cursorAt, pageOf, type PageRequest } from '../../domain/querying/paging.js';
import { resolveSymbol } from '../../domain/querying/resolve-symbol.js';
import { resultOf } from '../../domain/querying/results.js';
import { answerSnapshot, withReader, type QueryPorts, type Target } from './pinned-snapshot.js';

export interface FindSymbolsRequest extends Target, PageRequest {
  readonly text: string;
  /** How the text is compared with names: `substring` (the default) also finds what is equal or begins so, and puts it first. */
  readonly match?: FindRequest['match'] | undefined;
  readonly kinds?: readonly NodeKind[] | undefined;
}

export interface SymbolResult extends AnswerResult {
  /** As written, without the body. */
  readonly signature?: string;
}

/** Symbols by name, best matches first. */
export function findSymbols(ports: QueryPorts, request: FindSymbolsRequest, options: CallOptions = {}): Promise<Answer<SymbolResult>> {
  const { text, match = 'substring', kinds } = request;
  return withReader(ports, request, options, async (reader): Promise<Answer<SymbolResult>> => {
    if (text === '') throw new CodeloomError('invalid-argument', 'Give a part of a name to look for.');
    const question = { snapshot: reader.snapshot.id, query: 'symbols', about: [text, match, kinds ?? null] };
    const { offset, limit } = pageOf(request, question);
    const nodes = await reader.find({ text, match, kinds, offset, limit: limit + 1 }, options);
    const results = nodes.slice(0, limit).map((node): SymbolResult => ({ ...resultOf(node, { certainty: 'certain', sites: [] }), ...(node.signature === undefined ? {} : { signature: node.signature }) }));
    const answer: Answer<SymbolResult> = { query: question.query, snapshot: answerSnapshot(reader.snapshot), ...completenessOf([]), results, ...(nodes.length > limit ? { cursor: cursorAt(offset + limit, question) } : {}) };
    if (results.length > 0) return answer;
    const resolution = await resolveSymbol(reader, text, options);
    return { ...answer, nothing: { reason: 'no-such-symbol', message: `No symbol's name ${match === 'exact' ? 'is' : match === 'prefix' ? 'begins with' : 'contains'} ${text}.`, suggestions: resolution.kind === 'unknown' ? resolution.suggestions : [] } };
  });
}
