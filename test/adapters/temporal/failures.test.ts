import { ActivityFailure, ApplicationFailure, CancelledFailure, ChildWorkflowFailure, DefaultFailureConverter, defaultPayloadConverter, TerminatedFailure, TimeoutFailure } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import { failedAttempts, failureOf, errorOf, isCancelled, isWorkerShutdown, WORKER_SHUTDOWN } from '../../../src/adapters/temporal/failures.js';
import { CodeloomError, type ErrorCode } from '../../../src/domain/errors.js';
import { readFileSync } from 'node:fs';
import { DEFAULT_RETRY_POLICY, isRetried } from '../../../src/use-cases/retry-policy.js';

/** Every code there is, as the type lists them. */
const CODES = [...(/export type ErrorCode =([^;]*);/.exec(readFileSync(new URL('../../../src/domain/errors.ts', import.meta.url), 'utf8'))?.[1] ?? '').matchAll(/'([a-z-]+)'/g)].map(([, code]) => code as ErrorCode); // of the type's own text

const converter = new DefaultFailureConverter();
/** Over the wire and back. */
const sent = (error: Error): Error => converter.failureToError(converter.errorToFailure(error, defaultPayloadConverter), defaultPayloadConverter);
/** As the workflow gets what an activity throws. */
const fromActivity = (cause: Error): Error => sent(new ActivityFailure('Activity task failed', 'parse_repo_activity', '1', 'MAXIMUM_ATTEMPTS_REACHED', 'worker', cause));

describe('an error on its way through Temporal', () => {
  it('has codes to be tested', () => expect(CODES.length).toBeGreaterThan(25));

  it.each(CODES)('%s comes back as it was', (code) => {
    const error = new CodeloomError(code, `This is ${code}.`, { details: { path: 'src/a.ts', line: 3 } });
    const failure = failureOf(error);
    expect(failure).toMatchObject({ type: code, message: error.message, nonRetryable: !isRetried(error, DEFAULT_RETRY_POLICY) });
    const back = errorOf(fromActivity(failure));
    expect(back).toMatchObject({ name: 'CodeloomError', code, message: error.message, retryable: error.retryable, details: error.details });
  });

  it('keeps whether it is worth another attempt when the error says otherwise than its code', () => {
    const error = new CodeloomError('network', 'The remote is gone for good.', { retryable: false });
    expect(failureOf(error).nonRetryable).toBe(true);
    expect(errorOf(fromActivity(failureOf(error))).retryable).toBe(false);
  });

  it('is not retried where in-process runs do not retry it', () => {
    for (const code of DEFAULT_RETRY_POLICY.never) expect(failureOf(new CodeloomError(code, '', { retryable: true })).nonRetryable).toBe(true);
  });

  it.each([
    [300, [], 300_000], [300, ['network'], 300_000], [7200, [], 3_600_000], [1, [], 10_000], [1, ['network'], 20_000], [0.5, [], 10_000],
  ] as const)('of a host that asks for %d s, after %j, is tried again in %d ms', (retryAfterSeconds, failed, expected) => {
    const error = new CodeloomError('rate-limited', 'Not now.', { details: { retryAfterSeconds } });
    expect(failureOf(error, failed)).toMatchObject({ type: 'rate-limited', nonRetryable: false, nextRetryDelay: expected });
    expect(Number(converter.errorToFailure(failureOf(error, failed), defaultPayloadConverter).applicationFailureInfo?.nextRetryDelay?.seconds)).toBe(expected / 1000);
  });

  it.each([
    ['network', { retryAfterSeconds: 300 }], ['rate-limited', {}], ['rate-limited', { retryAfterSeconds: -1 }], ['rate-limited', { retryAfterSeconds: Number.NaN }], ['rate-limited', { retryAfterSeconds: '300' }],
  ] as const)('%s with %j leaves the pause to the retry policy', (code, details) => {
    expect(failureOf(new CodeloomError(code, '', { details })).nextRetryDelay).toBeUndefined();
  });

  it('comes through a shard as through a step', () => {
    const child = sent(new ChildWorkflowFailure('default', {}, 'RepoExtractionWorkflow', 'RETRY_POLICY_NOT_SET', failureOf(new CodeloomError('store-full', 'No space.'), ['network'])));
    expect(errorOf(child)).toMatchObject({ code: 'store-full', message: 'No space.' });
    expect(failedAttempts(child)).toEqual(['network']);
  });

  it('leaves its cause behind, and details that are too large or cannot travel', () => {
    const cause = new Error('connect postgres://user:hidden@db');
    const round: Record<string, unknown> = {};
    round['self'] = round;
    for (const details of [{ candidates: 'x'.repeat(100_000) }, round]) {
      const failure = failureOf(new CodeloomError('store-unavailable', 'The store is gone.', { cause, details }));
      expect(JSON.stringify(converter.errorToFailure(failure, defaultPayloadConverter))).not.toContain('hidden');
      expect(errorOf(fromActivity(failure)).details).toEqual({});
    }
  });

  it('is `aborted` when it was cancelled, `timed-out` when a worker was lost, and `internal` when nobody knows it', () => {
    const cancelled = fromActivity(new CancelledFailure('CANCELLED'));
    expect(isCancelled(cancelled)).toBe(true);
    expect(errorOf(cancelled)).toMatchObject({ code: 'aborted', message: 'The operation was cancelled.' });
    const lost = fromActivity(new TimeoutFailure('activity Heartbeat timeout', { failed: ['network', 'timed-out'] }, 'HEARTBEAT'));
    expect(errorOf(lost)).toMatchObject({ code: 'timed-out', retryable: true });
    expect(failedAttempts(lost)).toEqual(['network', 'timed-out']);
    expect(errorOf(sent(new TerminatedFailure('by hand')))).toMatchObject({ code: 'aborted' });
    expect(errorOf(fromActivity(ApplicationFailure.create({ type: 'TypeError', message: 'x is not a function' })))).toMatchObject({ code: 'internal', message: 'x is not a function' });
  });

  it('is told apart from a worker that goes down', () => {
    expect(isWorkerShutdown(fromActivity(ApplicationFailure.create({ type: WORKER_SHUTDOWN })))).toBe(true);
    expect(isWorkerShutdown(fromActivity(failureOf(new CodeloomError('internal', ''))))).toBe(false);
  });
});
