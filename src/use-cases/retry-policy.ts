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
  /** What a host asks for that wants to be left alone is waited for, and no longer than this. */
  readonly maximumAskedMs: number;
  /** Codes that are never retried, whatever the error says of itself. */
  readonly never: readonly ErrorCode[];
}

/** Three attempts, 10 s and 20 s apart, or as far as a host asks for, up to an hour. `facts-missing` is out: what an earlier stage left is no more there at the second look; the orchestration begins anew. */
export const DEFAULT_RETRY_POLICY: RetryPolicy = {
  attempts: 3, initialMs: 10_000, factor: 2, maximumMs: 30_000, maximumAskedMs: 3_600_000,
  never: ['authentication-failed', 'permission-denied', 'repository-not-found', 'not-a-repository', 'unknown-ref', 'facts-missing', 'aborted'],
};

/** Whether an error is worth another attempt. */
export function isRetried(error: CodeloomError, policy: RetryPolicy): boolean {
  return error.retryable && !policy.never.includes(error.code);
}

/** Pause before attempt number `attempt` (2 and up), in milliseconds: as long as was asked for, where that is longer than the policy's. */
export function retryDelay(attempt: number, policy: RetryPolicy, error: CodeloomError): number {
  return Math.max(Math.min(policy.maximumMs, policy.initialMs * policy.factor ** (attempt - 2)), Math.min(policy.maximumAskedMs, pauseAsked(error) ?? 0));
}

/** How long a host asks to be left alone, in milliseconds; undefined when it does not. */
export function pauseAsked({ code, details: { retryAfterSeconds } }: CodeloomError): number | undefined {
  return code === 'rate-limited' && typeof retryAfterSeconds === 'number' && retryAfterSeconds > 0 ? Math.ceil(retryAfterSeconds * 1000) : undefined;
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
          await clock.sleep(retryDelay(attempt, policy, error), context.signal);
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
