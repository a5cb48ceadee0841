import type { ErrorCode } from './errors.js';
import type { RepositoryId } from './repository.js';
import type { SnapshotId } from './snapshot.js';

export type RunId = string & { readonly brand?: 'RunId' };

export type Stage = 'acquire' | 'extract' | 'link' | 'publish' | 'record' | 'retire' | 'release';

export const STAGES: readonly Stage[] = ['acquire', 'extract', 'link', 'publish', 'record', 'retire', 'release'];

export type RunStatus = 'running' | 'succeeded' | 'unchanged' | 'failed' | 'cancelled';

export interface IndexRun {
  readonly id: RunId;
  readonly repository: RepositoryId;
  readonly branch: string;
  readonly status: RunStatus;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly finishedAt?: string;
  readonly snapshot?: SnapshotId;
  readonly error?: { readonly code: ErrorCode; readonly message: string };
}

/** One numbered event of a run; `sequence` counts from 1 without gaps. */
export type RunEvent = { readonly sequence: number; readonly at: string } & RunEventBody;

export type RunEventBody =
  | { readonly type: 'run-started' }
  | { readonly type: 'stage-started'; readonly stage: Stage }
  | { readonly type: 'stage-retried'; readonly stage: Stage; readonly attempt: number; readonly code: ErrorCode }
  | { readonly type: 'stage-finished'; readonly stage: Stage; readonly counts: Readonly<Record<string, number>> }
  | { readonly type: 'stage-failed'; readonly stage: Stage; readonly code: ErrorCode; readonly message: string }
  | { readonly type: 'run-finished'; readonly status: RunStatus; readonly snapshot?: SnapshotId };
