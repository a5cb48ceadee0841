import type { ErrorCode } from '../errors.js';
import type { RunEvent, RunId, RunStatus } from '../index-run.js';
import type { Repository } from '../repository.js';
import type { CommitSha, SnapshotId } from '../snapshot.js';

/**
 * Is told what happens in runs, whoever runs them. Never fails, and never holds up, a run: what takes time it does by itself, later. On a workflow engine an event may, after a
 * crash, be told twice.
 */
export interface RunObserver {
  event?(event: RunEvent, run: ObservedRun): void;
  /** Told once more than `run-finished`, with why and with what. */
  ended?(end: RunEnd, run: ObservedRun): void;
}

/** What a run is about, as far as it is known when something is told. */
export interface ObservedRun {
  readonly id: RunId;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** What was asked for, without credentials. */
  readonly location: string;
  readonly repository?: Repository | undefined;
  readonly branch?: string | undefined;
  readonly commit?: CommitSha | undefined;
}

export interface RunEnd {
  readonly status: Exclude<RunStatus, 'running'>;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly snapshot?: SnapshotId | undefined;
  /** Of the snapshot, where that is at hand. */
  readonly counts?: { readonly files: number; readonly symbols: number } | undefined;
  /** For `failed` and `cancelled`. */
  readonly error?: { readonly code: ErrorCode; readonly message: string } | undefined;
}

/** Several as one. One that throws hides nothing from the others. */
export function allObservers(observers: readonly RunObserver[]): Required<RunObserver> {
  const tell = (how: (observer: RunObserver) => void): void => {
    for (const observer of observers) {
      try {
        how(observer);
      } catch {
        // Who only watches does not fail a run.
      }
    }
  };
  return {
    event: (event, run) => tell((observer) => observer.event?.(event, run)),
    ended: (end, run) => tell((observer) => observer.ended?.(end, run)),
  };
}
