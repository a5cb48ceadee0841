import { ActivityFailure, ApplicationFailure, CancelledFailure, ChildWorkflowFailure, TerminatedFailure, TimeoutFailure } from '@temporalio/common';
import { CodeloomError, type ErrorCode } from '../../domain/errors.js';
import { DEFAULT_RETRY_POLICY, isRetried, pauseAsked, retryDelay } from '../../use-cases/retry-policy.js';

/** Type of the failure with which a step ends that the worker's own shutdown stopped: it is begun anew, as if it had not been tried. */
export const WORKER_SHUTDOWN = 'worker-shutdown';

/** What goes along with a failure, beside its type (the error's code) and its message. */
interface FailureDetails {
  readonly codeloom: true;
  readonly retryable: boolean;
  readonly details: Readonly<Record<string, unknown>>;
  /** Codes with which the attempts before failed, the first first. */
  readonly failed: readonly ErrorCode[];
}

/** Details are for programs: what is larger than this is left out. */
const MAX_DETAILS = 4096;

/**
 * An error as Temporal carries it: its code is the failure's type. The cause stays behind: a driver's error may hold what should not be kept with a run. A host that asks to be left alone is,
 * in place of the pause that the retry policy has.
 */
export function failureOf(error: CodeloomError, failed: readonly ErrorCode[] = []): ApplicationFailure {
  const details: FailureDetails = { codeloom: true, retryable: error.retryable, details: bounded(error.details), failed };
  const pause = pauseAsked(error) === undefined ? {} : { nextRetryDelay: retryDelay(failed.length + 2, DEFAULT_RETRY_POLICY, error) };
  return ApplicationFailure.create({ type: error.code, message: error.message, nonRetryable: !isRetried(error, DEFAULT_RETRY_POLICY), details: [details], ...pause });
}

/** What came back from Temporal as the error that it was. */
export function errorOf(thrown: unknown): CodeloomError {
  if (thrown instanceof CodeloomError) return thrown;
  if (isCancelled(thrown)) return new CodeloomError('aborted', 'The operation was cancelled.', { cause: thrown });
  const failure = innermost(thrown);
  if (failure instanceof ApplicationFailure) {
    const details = detailsOf(failure);
    // Who wrote the details wrote the type: a code.
    if (details !== undefined) return new CodeloomError(failure.type as ErrorCode, failure.message, { retryable: details.retryable, details: details.details, cause: failure });
    return new CodeloomError('internal', failure.message, { cause: failure });
  }
  if (failure instanceof TimeoutFailure) {
    const silent = failure.timeoutType === 'HEARTBEAT';
    return new CodeloomError('timed-out', silent ? 'The worker was not heard of any more, and neither were those that took over.' : 'The step did not end in the time that it has.', { cause: failure });
  }
  if (failure instanceof TerminatedFailure) return new CodeloomError('aborted', 'The run was terminated.', { cause: failure });
  return CodeloomError.from(failure);
}

/** Codes with which the attempts before the last failed, the first first; of a worker that was lost it is `timed-out`. */
export function failedAttempts(thrown: unknown): readonly ErrorCode[] {
  const failure = innermost(thrown);
  if (failure instanceof ApplicationFailure) return detailsOf(failure)?.failed ?? [];
  if (failure instanceof TimeoutFailure) return checkpointOf(failure.lastHeartbeatDetails).failed;
  return [];
}

export function isWorkerShutdown(thrown: unknown): boolean {
  const failure = innermost(thrown);
  return failure instanceof ApplicationFailure && failure.type === WORKER_SHUTDOWN;
}

/** Whether it was cancelled, whatever Temporal wrapped that in. */
export function isCancelled(thrown: unknown): boolean {
  return innermost(thrown) instanceof CancelledFailure;
}

/** What heartbeats carry. */
export interface Checkpoint {
  readonly failed: readonly ErrorCode[];
  readonly progress?: { readonly stage: string; readonly done: number; readonly total?: number; readonly bytes?: number } | undefined;
}

/** Reads what another worker, perhaps of another version, left behind. */
export function checkpointOf(details: unknown): Checkpoint {
  if (typeof details !== 'object' || details === null || !('failed' in details) || !Array.isArray(details.failed)) return { failed: [] };
  return details as Checkpoint; // has this shape since the first version
}

function innermost(thrown: unknown): unknown {
  let each = thrown;
  while ((each instanceof ActivityFailure || each instanceof ChildWorkflowFailure) && each.cause !== undefined) each = each.cause;
  return each;
}

function detailsOf({ details }: ApplicationFailure): FailureDetails | undefined {
  const [first] = details ?? [];
  return typeof first === 'object' && first !== null && 'codeloom' in first ? first as FailureDetails : undefined; // marked by failureOf
}

function bounded(details: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  try {
    return JSON.stringify(details).length <= MAX_DETAILS ? details : {};
  } catch {
    return {}; // holds itself, or a bigint: nothing that could travel
  }
}
