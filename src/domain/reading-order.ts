import { EDGE_KINDS, type GraphEdge, type GraphNode, type SymbolId } from './graph-node.js';
import { compareText, type UnresolvedSite } from './partition.js';
import type { FindRequest, NeighboursRequest } from './ports/graph-store.js';
import type { Snapshot } from './snapshot.js';
import { isExternal } from './symbol.js';

/**
 * The orders in which a graph store answers, so that one question has one answer in every store. Text is ordered by UTF-16 code units
 * ({@link compareText}), whatever collation a store has.
 */

const kindNumber = new Map(EDGE_KINDS.map((kind, index) => [kind, index]));

/** Order of the edges that touch one symbol: kind (as in EDGE_KINDS), the other end, certain before candidate. */
export function compareEdges(a: GraphEdge, b: GraphEdge, direction: NeighboursRequest['direction']): number {
  return (kindNumber.get(a.kind) ?? 0) - (kindNumber.get(b.kind) ?? 0)
    || (direction === 'out' ? compareText(a.to, b.to) : compareText(a.from, b.from))
    || Number(a.certainty === 'candidate') - Number(b.certainty === 'candidate');
}

/** Order of unresolved sites of one file. */
export function compareSites(a: UnresolvedSite, b: UnresolvedSite): number {
  return a.line - b.line || a.column - b.column;
}

/** Newest first; of the same moment by id. */
export function compareSnapshots(a: Snapshot, b: Snapshot): number {
  return compareText(b.createdAt, a.createdAt) || compareText(a.id, b.id);
}

/** Order of the answers to a {@link FindRequest}: how well they match ({@link matchRank}), what the repository declares before what it merely uses, then id. */
export function compareMatches(a: { readonly rank: number; readonly id: SymbolId }, b: { readonly rank: number; readonly id: SymbolId }): number {
  return a.rank - b.rank || Number(isExternal(a.id)) - Number(isExternal(b.id)) || compareText(a.id, b.id);
}

/** Text without regard to the case of A to Z, as names are compared for prefix and substring. */
export function foldCase(text: string): string {
  return text.replace(/[A-Z]+/g, (capitals) => capitals.toLowerCase());
}

/**
 * How well a node answers a request, lower is better: its name is the text (0), its qualified name is (1), the name begins with it (2), the qualified name
 * does (3), one of them contains it (4). `undefined` when it is no answer. Regard to case is as in {@link FindRequest}.
 */
export function matchRank(node: Pick<GraphNode, 'name' | 'qualifiedName'>, request: Pick<FindRequest, 'text' | 'match'>): number | undefined {
  const { text, match } = request;
  if (node.name === text) return 0;
  if (node.qualifiedName === text) return 1;
  if (match === 'exact') return undefined;
  const wanted = foldCase(text);
  const name = foldCase(node.name);
  if (name.startsWith(wanted)) return 2;
  const qualifiedName = foldCase(node.qualifiedName);
  if (qualifiedName.startsWith(wanted)) return 3;
  return match === 'substring' && (name.includes(wanted) || qualifiedName.includes(wanted)) ? 4 : undefined;
}
