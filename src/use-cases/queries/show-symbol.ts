import { EDGE_KINDS, type EdgeKind } from '../../domain/graph-node.js';
import type { Range } from '../../domain/file-facts.js';
import type { CallOptions } from '../../domain/ports/call-options.js';
import type { GraphReader } from '../../domain/ports/graph-store.js';
import type { Answer } from '../../domain/querying/answer.js';
import { candidateGap, completenessOf, incomingGaps, outgoingGaps } from '../../domain/querying/completeness.js';
import { page } from '../../domain/querying/paging.js';
import { relatedTo, sameCallee, type RelationResult } from '../../domain/querying/relations.js';
import { symbolOf } from '../../domain/querying/results.js';
import type { GraphNode } from '../../domain/graph-node.js';
import type { Symbol } from '../../domain/symbol.js';
import { answerSnapshot, withReader, type QueryPorts } from './pinned-snapshot.js';
import { others, symbolNode, type SymbolRequest } from './symbol-question.js';

/** A symbol directly related to the one shown. */
export interface ShowResult extends RelationResult {
  /** `out`: the shown symbol calls, contains, extends … it; `in`: the other way round. */
  readonly direction: 'in' | 'out';
}

/** What is known of the symbol itself. */
export interface SymbolDetails {
  readonly language?: string;
  readonly exported?: boolean;
  readonly modifiers: readonly string[];
  readonly signature?: string;
  readonly doc?: string;
  readonly range?: Range;
  /** What contains it. */
  readonly parent?: Symbol;
  /** The package of an external. */
  readonly package?: string;
  /** Number of related symbols by kind of relation. */
  readonly counts: { readonly in: Readonly<Partial<Record<EdgeKind, number>>>; readonly out: Readonly<Partial<Record<EdgeKind, number>>> };
}

export interface ShowAnswer extends Answer<ShowResult> {
  readonly details?: SymbolDetails;
}

/** A symbol with its signature, documentation, counts and direct relations: what it contains and uses, then what uses it. */
export function showSymbol(ports: QueryPorts, request: SymbolRequest, options: CallOptions = {}): Promise<ShowAnswer> {
  return withReader(ports, request, options, async (reader): Promise<ShowAnswer> => {
    const query = 'show';
    const snapshot = answerSnapshot(reader.snapshot);
    const found = await symbolNode(ports, reader, request.symbol, options);
    if ('nothing' in found) return { query, snapshot, ...completenessOf([]), results: [], nothing: found.nothing };
    const { node } = found;
    const outgoing = await relatedTo(reader, [node], { direction: 'out', kinds: EDGE_KINDS }, options);
    const incoming = await relatedTo(reader, [node], { direction: 'in', kinds: EDGE_KINDS }, options);
    const results = [...outgoing.map((result): ShowResult => ({ ...result, direction: 'out' })), ...incoming.map((result): ShowResult => ({ ...result, direction: 'in' }))];
    const gaps = [...candidateGap(results), ...await outgoingGaps(reader, [node], options), ...await incomingGaps(reader, await sameCallee(reader, node, options), options)];
    return {
      query, symbol: symbolOf(node), ...others(found), snapshot, ...completenessOf(gaps),
      ...page(results, request, { snapshot: reader.snapshot.id, query, about: [node.id] }),
      details: await describe(reader, node, { in: countKinds(incoming), out: countKinds(outgoing) }, options),
    };
  });
}

async function describe(reader: GraphReader, node: GraphNode, counts: SymbolDetails['counts'], options: CallOptions): Promise<SymbolDetails> {
  const { language, exported, modifiers = [], signature, doc, range, package: packageName } = node;
  const parent = node.parent === undefined ? undefined : (await reader.nodes([node.parent], options)).get(node.parent);
  return {
    ...(language === undefined ? {} : { language }), ...(exported === undefined ? {} : { exported }), modifiers,
    ...(signature === undefined ? {} : { signature }), ...(doc === undefined ? {} : { doc }), ...(range === undefined ? {} : { range }),
    ...(parent === undefined ? {} : { parent: symbolOf(parent) }), ...(packageName === undefined ? {} : { package: packageName }), counts,
  };
}

function countKinds(results: readonly RelationResult[]): Partial<Record<EdgeKind, number>> {
  const counts: Partial<Record<EdgeKind, number>> = {};
  for (const { relations } of results) for (const kind of relations) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}
