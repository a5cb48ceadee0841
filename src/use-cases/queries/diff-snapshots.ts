import { CodeloomError } from '../../domain/errors.js';
import type { EdgeKind, SymbolId } from '../../domain/graph-node.js';
import type { CallOptions } from '../../domain/ports/call-options.js';
import type { GraphReader } from '../../domain/ports/graph-store.js';
import type { Answer, AnswerResult, AnswerSnapshot } from '../../domain/querying/answer.js';
import { completenessOf } from '../../domain/querying/completeness.js';
import { diffGraphs, type ChangedPart, type EdgeChange, type GraphChanges, type NodeChange } from '../../domain/querying/diff-graphs.js';
import { page, type PageRequest } from '../../domain/querying/paging.js';
import { lineOf, nodesById, resultOf, sitesOf } from '../../domain/querying/results.js';
import type { Snapshot } from '../../domain/snapshot.js';
import { answerSnapshot, chooseSnapshot, type QueryPorts, type Target } from './pinned-snapshot.js';

export interface DiffRequest extends Pick<Target, 'repository' | 'branch'>, PageRequest {
  /** The older snapshot or commit; default the one that was kept before `to`. */
  readonly from?: string | undefined;
  /** The newer one; default the branch's head. */
  readonly to?: string | undefined;
}

/** A symbol or an edge that differs. For an edge the common columns are those of its origin, and `sites` where it stands. */
export interface DiffResult extends AnswerResult {
  readonly subject: 'symbol' | 'edge';
  readonly change: 'added' | 'removed' | 'changed' | 'moved';
  /** What of a changed symbol differs; of an edge its certainty. */
  readonly what: readonly (ChangedPart | 'certainty')[];
  /** Where a changed or moved symbol was. */
  readonly before?: { readonly id: SymbolId; readonly path: string; readonly line: number };
  readonly relation?: EdgeKind;
  /** The other end of an edge. */
  readonly to?: { readonly id: SymbolId; readonly name: string };
}

export interface DiffAnswer extends Answer<DiffResult> {
  /** What `snapshot` is compared with. */
  readonly from: AnswerSnapshot;
  readonly files: GraphChanges['files'];
  /** Totals over all pages. */
  readonly counts: { readonly symbols: Readonly<Record<DiffResult['change'], number>>; readonly edges: Readonly<Record<EdgeChange['change'], number>> };
}

/** What changed from one snapshot to another: symbols by place, then edges. Throws `unknown-snapshot` when there is nothing to compare with. */
export async function diffSnapshots(ports: QueryPorts, request: DiffRequest, options: CallOptions = {}): Promise<DiffAnswer> {
  const { repository, branch } = request;
  const to = await chooseSnapshot(ports, { repository, branch: request.to === undefined ? branch : undefined, snapshot: request.to }, options);
  const from = request.from === undefined ? await snapshotBefore(ports, to, options) : await chooseSnapshot(ports, { repository: to.repository, snapshot: request.from }, options);
  const before = await ports.graphStore.open(from.id, options);
  try {
    const after = await ports.graphStore.open(to.id, options);
    try {
      return await compare(before, after, request, options);
    } finally {
      await after.close();
    }
  } finally {
    await before.close();
  }
}

/** The branch's snapshot that `to` was published on, or else the newest before it. */
async function snapshotBefore({ graphStore }: QueryPorts, to: Snapshot, options: CallOptions): Promise<Snapshot> {
  const all = (await graphStore.snapshots(to.repository, options)).filter((snapshot) => snapshot.id !== to.id);
  const found = all.find((snapshot) => snapshot.id === to.base) ?? all.find((snapshot) => snapshot.branch === to.branch && snapshot.createdAt <= to.createdAt) ?? all.find((snapshot) => snapshot.branch === to.branch);
  if (found !== undefined) return found;
  throw new CodeloomError('unknown-snapshot', `There is no other snapshot of ${to.branch} to compare with; index another state first.`, { details: { repository: to.repository, branch: to.branch } });
}

async function compare(before: GraphReader, after: GraphReader, request: DiffRequest, options: CallOptions): Promise<DiffAnswer> {
  const query = 'diff';
  const changes = await diffGraphs(before, after, options);
  const rows: (NodeChange | EdgeChange)[] = [...changes.nodes, ...changes.edges];
  const { results, ...cursor } = page(rows, request, { snapshot: after.snapshot.id, query, about: [before.snapshot.id] });
  const edges = results.filter((row) => 'edge' in row);
  const oldEnds = await nodesById(before, edges.filter((row) => row.change === 'removed').flatMap(({ edge }) => [edge.from, edge.to]), options);
  const newEnds = await nodesById(after, edges.filter((row) => row.change !== 'removed').flatMap(({ edge }) => [edge.from, edge.to]), options);
  return {
    query, snapshot: answerSnapshot(after.snapshot), from: answerSnapshot(before.snapshot), ...completenessOf([]), files: changes.files,
    counts: {
      symbols: { added: 0, removed: 0, changed: 0, moved: 0, ...tally(changes.nodes) },
      edges: { added: 0, removed: 0, changed: 0, ...tally(changes.edges) },
    },
    results: results.map((row) => ('node' in row ? symbolResult(row) : edgeResult(row, row.change === 'removed' ? oldEnds : newEnds))), ...cursor,
    ...(rows.length > 0 ? {} : { nothing: { reason: 'no-relation', message: before.snapshot.digest === after.snapshot.digest ? 'Both snapshots have the same graph.' : 'No symbol and no edge differs.', suggestions: [] } }),
  };
}

function symbolResult(row: NodeChange): DiffResult {
  return {
    ...resultOf(row.node, { certainty: 'certain', sites: [] }), subject: 'symbol', change: row.change, what: row.change === 'changed' ? row.what : [],
    ...('before' in row ? { before: { id: row.before.id, path: row.before.path, line: lineOf(row.before) } } : {}),
  };
}

function edgeResult({ change, edge, path }: EdgeChange, ends: Awaited<ReturnType<typeof nodesById>>): DiffResult {
  const from = ends.get(edge.from);
  const relation = { certainty: edge.certainty, sites: sitesOf([edge], path) };
  const origin: AnswerResult = from === undefined ? { id: edge.from, kind: 'file', name: edge.from, path, line: 0, ...relation } : resultOf(from, relation);
  return { ...origin, subject: 'edge', change, what: change === 'changed' ? ['certainty'] : [], relation: edge.kind, to: { id: edge.to, name: ends.get(edge.to)?.qualifiedName ?? edge.to } };
}

function tally<C extends string>(rows: readonly { readonly change: C }[]): Partial<Record<C, number>> {
  const counts: Partial<Record<C, number>> = {};
  for (const { change } of rows) counts[change] = (counts[change] ?? 0) + 1;
  return counts;
}
