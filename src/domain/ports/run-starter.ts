import type { PushedBranch } from '../hosted-repository.js';
import type { CallOptions } from './call-options.js';

/**
 * Has branches indexed by whoever runs the runs: this process, or a workflow engine. Of one (repository id, branch) at most one run is under way, and at most one more
 * waits behind it. Errors: `invalid-argument`, `network`, `store-unavailable`; those of a run itself are told where runs are recorded, not here.
 */
export interface RunStarter {
  /**
   * Asks for a run. While one of the same branch is under way, the request is kept as the one run to follow, in place of an earlier such request, so that the last
   * push is what is indexed. Resolves when the request is safe with the one who runs it, not when it has run.
   */
  push(request: PushedBranch, options?: CallOptions): Promise<{ readonly status: 'started' | 'coalesced' }>;
  /** Drops what waits and cancels what runs, of one branch or of all of a repository; gives of how many branches. The snapshots that were published stay. */
  retire(target: RunTarget, options?: CallOptions): Promise<{ readonly retired: number }>;
  /** Takes no more; an in-process one cancels what runs, and resolves once all has ended. */
  close(): Promise<void>;
}

export interface RunTarget {
  /** See {@link HostedRepository.id}. */
  readonly repositoryId: string;
  /** Absent: every branch. */
  readonly branch?: string | undefined;
}
