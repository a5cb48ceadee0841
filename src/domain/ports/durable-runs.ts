import type { RunProgress, RunSummary } from '../run-progress.js';
import type { CallOptions } from './call-options.js';
import type { RunTarget } from './run-starter.js';

/**
 * Runs that outlive the process that asked for them, because a workflow engine keeps them: of each (repository id, branch) at most one at a time. Errors: `invalid-argument`,
 * `network`, `authentication-failed`, `permission-denied`, `invalid-configuration`; those of a run come from {@link DurableRuns.result}.
 */
export interface DurableRuns {
  /** Starts a run; where one of the same branch is under way, it is left alone. */
  start(request: DurableRunRequest, options?: CallOptions): Promise<{ readonly id: DurableRunId; readonly status: 'started' | 'running' }>;
  /** Starts a run; where one is under way, asks for one more to follow it, at this commit, in place of what was asked for so before. */
  push(request: DurableRunRequest, options?: CallOptions): Promise<{ readonly id: DurableRunId; readonly status: 'started' | 'coalesced' }>;
  /** Where a run stands; its last one, when it has ended. */
  progress(id: DurableRunId, options?: CallOptions): Promise<DurableRunState>;
  summary(id: DurableRunId, options?: CallOptions): Promise<RunSummary>;
  /** Waits for the end. Rejects with the error that the run failed with; `aborted` when it was cancelled. */
  result(id: DurableRunId, options?: CallOptions): Promise<DurableRunResult>;
  /** Asks a run to stop; what it published before stays. `invalid-argument` when none is under way. */
  cancel(id: DurableRunId, options?: CallOptions): Promise<void>;
  /** Asks all runs of a repository, or of one branch of it, to stop; gives of how many branches. None is no error. */
  retire(target: RunTarget, options?: CallOptions): Promise<number>;
  /** Holds a run before its next step, or lets it go on. */
  pause(id: DurableRunId, paused: boolean, options?: CallOptions): Promise<void>;
  readonly schedules: RunSchedules;
  close(): Promise<void>;
}

/** Runs at regular times, for what no push told of. */
export interface RunSchedules {
  /** Adds a schedule, or replaces the one of the same branch. */
  add(schedule: RunScheduleRequest, options?: CallOptions): Promise<RunSchedule>;
  list(options?: CallOptions): Promise<readonly RunSchedule[]>;
  /** False when there was none. */
  remove(id: string, options?: CallOptions): Promise<boolean>;
}

/** `repo-index-{repository id}-{branch}`. */
export type DurableRunId = string;

export interface DurableRunRequest {
  /** What a run is known by: the host's id of the repository, or any other that stays. */
  readonly repositoryId: string;
  /** `owner/name`. */
  readonly name: string;
  /** Without credentials. */
  readonly url: string;
  readonly branch: string;
  /** Absent: the branch's newest. */
  readonly commit?: string | undefined;
  /** Of a GitHub App. */
  readonly installation?: string | undefined;
  readonly languages?: readonly string[] | undefined;
  readonly include?: readonly string[] | undefined;
  readonly exclude?: readonly string[] | undefined;
  readonly maxFileBytes?: number | undefined;
  readonly retention?: { readonly days: number; readonly snapshots: number } | undefined;
}

export interface DurableRunState {
  readonly id: DurableRunId;
  /** `stopped`: terminated, or timed out as a whole. */
  readonly status: 'running' | 'succeeded' | 'failed' | 'cancelled' | 'stopped';
  readonly progress: RunProgress;
  /** Steps that are being worked on or waited for, as their workers tell. */
  readonly steps: readonly StepState[];
}

export interface StepState {
  readonly activity: string;
  /** From 1. */
  readonly attempt: number;
  readonly state: 'waiting' | 'running' | 'stopping';
  readonly worker?: string | undefined;
  readonly done?: number | undefined;
  readonly total?: number | undefined;
  /** Why the attempt before failed. */
  readonly lastFailure?: string | undefined;
}

/** How a run ended well. */
export interface DurableRunResult {
  readonly id: DurableRunId;
  readonly repository: string;
  readonly commit: string | null;
  readonly snapshot: string;
  readonly digest: string;
  /** False when the branch's head was this state already. */
  readonly changed: boolean;
  readonly counts: Readonly<Record<string, number>>;
  readonly notes: readonly string[];
}

export interface RunScheduleRequest extends DurableRunRequest {
  /** How often, in seconds; at least 60. */
  readonly everySeconds: number;
}

export interface RunSchedule {
  readonly id: string;
  readonly repository: string;
  readonly branch: string;
  readonly everySeconds: number;
  /** ISO 8601, UTC. */
  readonly next?: string | undefined;
  readonly last?: string | undefined;
}
