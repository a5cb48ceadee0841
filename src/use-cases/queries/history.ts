import { CodeloomError } from '../../domain/errors.js';
import type { CallOptions } from '../../domain/ports/call-options.js';
import { page, type PageRequest } from '../../domain/querying/paging.js';
import type { RepositoryId } from '../../domain/repository.js';
import type { Snapshot } from '../../domain/snapshot.js';
import { chooseSnapshot, type QueryPorts, type Target } from './pinned-snapshot.js';

export interface HistoryRequest extends Pick<Target, 'repository' | 'branch'>, PageRequest {}

export interface HistoryAnswer {
  readonly query: 'history';
  readonly repository: RepositoryId;
  /** Absent: all branches. */
  readonly branch?: string;
  /** The kept snapshots, newest first. */
  readonly results: readonly HistoryEntry[];
  readonly cursor?: string;
}

export interface HistoryEntry {
  readonly snapshot: Snapshot;
  /** Whether it is its branch's head. */
  readonly head: boolean;
}

/** The snapshots that are kept, of one branch or of all. Throws `not-indexed`. */
export async function history(ports: QueryPorts, request: HistoryRequest = {}, options: CallOptions = {}): Promise<HistoryAnswer> {
  const { id, repository } = await chooseSnapshot(ports, { repository: request.repository, branch: request.branch }, options);
  const heads = new Set((await ports.graphStore.heads(repository, options)).map((head) => head.id));
  const snapshots = (await ports.graphStore.snapshots(repository, options)).filter((snapshot) => request.branch === undefined || snapshot.branch === request.branch);
  if (snapshots.length === 0) throw new CodeloomError('not-indexed', `${repository} has not been indexed.`, { details: { repository } });
  const entries = snapshots.map((snapshot): HistoryEntry => ({ snapshot, head: heads.has(snapshot.id) }));
  return { query: 'history', repository, ...(request.branch === undefined ? {} : { branch: request.branch }), ...page(entries, request, { snapshot: id, query: 'history', about: [request.branch ?? null] }) };
}
