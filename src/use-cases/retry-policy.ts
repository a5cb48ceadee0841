import { CodeloomError, throwIfAborted, type ErrorCode } from '../domain/errors.js';
import type { RunEventBody, Stage } from '../domain/index-run.js';
import type { Clock } from '../domain/ports/clock.js';
import type { StepContext, Steps } from './steps.js';

export interface RetryPolicy {
  /** How often a stage is tried in all. */
  readonly attempts: number;
  /** Pause before the second attempt. */
  readonly initialMs: number;
  /** By how much the pause grows each time. */
  readonly factor: number;
  readonly maximumMs: number;
  /** Codes that are never retried, whatever the error says of itself. */
  readonly never: readonly ErrorCode[];
}

/** Three attempts, 10 s and 20 s apart. `facts-missing` is out: what an earlier stage left is no more there at the second look; the orchestration begins anew. */
export const DEFAULT_RETRY_POLICY: RetryPolicy = {
  attempts: 3, initialMs: 10_000, factor: 2, maximumMs: 30_000,
  never: ['authentication-failed', 'permission-denied', 'repository-not-found', 'not-a-repository', 'unknown-ref', 'facts-missing', 'aborted'],
};

/** Whether an error is worth another attempt. */
export function isRetried(error: CodeloomError, policy: RetryPolicy): boolean {
  return error.retryable && !policy.never.includes(error.code);
}

/** Pause before attempt number `attempt` (2 and up), in milliseconds. */
export function retryDelay(attempt: number, policy: RetryPolicy): number {
  return Math.min(policy.maximumMs, policy.initialMs * policy.factor ** (attempt - 2));
}

/** The steps, each tried again under the policy. Every further attempt is told by a `stage-retried` event; cancellation ends the pause between. */
export function withRetries(
  steps: Steps,
  { policy = DEFAULT_RETRY_POLICY, clock, emit }: { policy?: RetryPolicy; clock: Pick<Clock, 'sleep'>; emit: (event: RunEventBody) => void | Promise<void> },
): Steps {
  function retrying<I, O>(stage: Stage, step: (input: I, context: StepContext) => Promise<O>): (input: I, context: StepContext) => Promise<O> {
    return async (input, context) => {
      for (let attempt = 2; ; attempt++) {
        try {
          return await step(input, context);
        } catch (caught) {
          const error = CodeloomError.from(caught);
          throwIfAborted(context.signal);
          if (attempt > policy.attempts || !isRetried(error, policy)) throw error;
          await clock.sleep(retryDelay(attempt, policy), context.signal);
          await emit({ type: 'stage-retried', stage, attempt, code: error.code });
        }
      }
    };
  }
  return {
    acquire: retrying('acquire', (input, context) => steps.acquire(input, context)),
    extract: retrying('extract', (input, context) => steps.extract(input, context)),
    link: retrying('link', (input, context) => steps.link(input, context)),
    publish: retrying('publish', (input, context) => steps.publish(input, context)),
    record: retrying('record', (input, context) => steps.record(input, context)),
    retire: retrying('retire', (input, context) => steps.retire(input, context)),
    undo: (input, context) => steps.undo(input, context),
    release: retrying('release', (input, context) => steps.release(input, context)),
  };
}
