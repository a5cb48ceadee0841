import { CodeloomError } from '../../domain/errors.js';
import type { GraphNode } from '../../domain/graph-node.js';
import type { CallOptions } from '../../domain/ports/call-options.js';
import type { GraphReader } from '../../domain/ports/graph-store.js';
import type { Answer, AnswerResult, Gap, Nothing } from '../../domain/querying/answer.js';
import { completenessOf } from '../../domain/querying/completeness.js';
import { page, type PageRequest } from '../../domain/querying/paging.js';
import { resolveSymbol } from '../../domain/querying/resolve-symbol.js';
import { symbolOf } from '../../domain/querying/results.js';
import { answerSnapshot, withReader, type QueryPorts, type Target } from './pinned-snapshot.js';

/** A question about one symbol. */
export interface SymbolRequest extends Target, PageRequest {
  /** An id, a qualified or bare name, `path#Name` or `path:line`. */
  readonly symbol: string;
}

export interface SymbolQuestion<R extends AnswerResult> {
  /** The query's name in the answer. */
  readonly query: string;
  /** What decides the results besides the symbol: binds cursors. */
  readonly about?: readonly unknown[];
  /** All results, in their order; `nothing` says in words why there are none. */
  readonly find: (reader: GraphReader, node: GraphNode) => Promise<{ readonly results: readonly R[]; readonly gaps: readonly Gap[]; readonly nothing: string }>;
}

/**
 * Resolves the symbol, asks, and cuts the page. A name that nothing has gives an answer with nothing in it but suggestions. Throws `ambiguous-symbol`, with
 * the candidates (as Symbols) in `details.candidates`, and what {@link withReader} and {@link page} throw.
 */
export function askAboutSymbol<R extends AnswerResult>(ports: QueryPorts, request: SymbolRequest, question: SymbolQuestion<R>, options: CallOptions): Promise<Answer<R>> {
  return withReader(ports, request, options, async (reader): Promise<Answer<R>> => {
    const { query } = question;
    const snapshot = answerSnapshot(reader.snapshot);
    const node = await symbolNode(ports, reader, request.symbol, options);
    if ('nothing' in node) return { query, snapshot, ...completenessOf([]), results: [], nothing: node.nothing };
    const { results, gaps, nothing } = await question.find(reader, node.node);
    const cut = page(results, request, { snapshot: reader.snapshot.id, query, about: [node.node.id, ...(question.about ?? [])] });
    return {
      query, symbol: symbolOf(node.node), ...others(node), snapshot, ...completenessOf(gaps), ...cut,
      ...(results.length > 0 ? {} : { nothing: { reason: 'no-relation', message: nothing, suggestions: [] } }),
    };
  });
}

export interface FoundNode {
  readonly node: GraphNode;
  /** What the name fits too. */
  readonly others: readonly GraphNode[];
}

/** Their column of an answer. */
export function others(...found: readonly FoundNode[]): Pick<Answer, 'others'> {
  const all = found.flatMap((each) => each.others);
  return all.length === 0 ? {} : { others: all.map(symbolOf) };
}

/** The node that a text means, or why there is none. Throws `ambiguous-symbol`. */
export async function symbolNode(ports: QueryPorts, reader: GraphReader, text: string, options: CallOptions): Promise<FoundNode | { readonly nothing: Nothing }> {
  if (text.trim() === '') throw new CodeloomError('invalid-argument', 'Name a symbol: an id, a name such as App.listen, or path:line.');
  const resolution = await resolveSymbol(reader, text, options);
  if (resolution.kind === 'found') return { node: resolution.node, others: resolution.others ?? [] };
  if (resolution.kind === 'ambiguous') {
    const candidates = resolution.candidates.map(symbolOf);
    throw new CodeloomError('ambiguous-symbol', `${text} may mean ${candidates.length} symbols; give one's id.`, { details: { symbol: text, candidates } });
  }
  if (resolution.beyond !== undefined) {
    const { path, lines } = resolution.beyond;
    return { nothing: { reason: 'no-such-symbol', message: `${text} is no place: ${path} has ${lines === 1 ? 'one line' : `${lines} lines`}.`, suggestions: [] } };
  }
  const skipped = await skippedFile(ports, reader, text, options);
  return { nothing: skipped ?? { reason: 'no-such-symbol', message: `Nothing is called ${text}.`, suggestions: resolution.suggestions } };
}

/** When the text names a file that was listed and not indexed. */
async function skippedFile({ metadataStore }: QueryPorts, reader: GraphReader, text: string, options: CallOptions): Promise<Nothing | undefined> {
  const path = text.replace(/^(\.\/)+/, '').replace(/(#|:\d+(:\d+)?$).*$/, '');
  if (!/[./]/.test(path)) return undefined;
  for await (const batch of metadataStore.files(reader.snapshot.id, options)) {
    const file = batch.find((each) => each.path === path);
    if (file === undefined || file.status === 'indexed') continue;
    const reason = file.reason ?? 'skipped';
    return reason === 'language' ? { reason: 'language-not-supported', message: `${path} is in no language that is indexed.`, suggestions: [] }
      : { reason: 'not-indexed', message: `${path} was listed and not indexed (${reason}).`, suggestions: [] };
  }
  return undefined;
}
