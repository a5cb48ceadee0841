import type { IndexRun } from '../../domain/index-run.js';
import type { CallOptions } from '../../domain/ports/call-options.js';
import type { Repository, RepositoryId } from '../../domain/repository.js';
import type { Snapshot } from '../../domain/snapshot.js';
import type { QueryPorts } from './pinned-snapshot.js';

export interface StatusAnswer {
  readonly query: 'status';
  /** By id. */
  readonly repositories: readonly RepositoryStatus[];
}

export interface RepositoryStatus {
  readonly repository: Repository;
  /** One for each branch, by branch. */
  readonly heads: readonly Snapshot[];
  /** How many snapshots are kept, heads included. */
  readonly snapshots: number;
  /** The newest first, five at most. */
  readonly runs: readonly IndexRun[];
}

const RUNS = 5;

/** What is indexed: every repository, or the one named, with its branches and last runs. Empty when there is nothing. */
export async function status({ graphStore, metadataStore }: QueryPorts, request: { readonly repository?: RepositoryId | undefined } = {}, options: CallOptions = {}): Promise<StatusAnswer> {
  const repositories = await metadataStore.repositories(request.repository === undefined ? undefined : [request.repository], options);
  const answers: RepositoryStatus[] = [];
  for (const repository of repositories) {
    answers.push({
      repository,
      heads: await graphStore.heads(repository.id, options),
      snapshots: (await graphStore.snapshots(repository.id, options)).length,
      runs: await metadataStore.runs(repository.id, { ...options, limit: RUNS }),
    });
  }
  return { query: 'status', repositories: answers };
}
