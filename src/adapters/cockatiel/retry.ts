import { ExponentialBackoff, handleWhen, retry } from 'cockatiel';
import { CodeloomError } from '../../domain/errors.js';
import type { Retry } from '../../domain/ports/retry.js';

export interface RetryOptions {
  /** In all; default 5. */
  readonly attempts?: number | undefined;
  /** Before the second; it doubles, with some chance in it, so that many do not come back at once. Default 1000. */
  readonly initialMs?: number | undefined;
  /** Default 30,000. */
  readonly maximumMs?: number | undefined;
}

/** Tries again what failed with an error that says that it may be worth it. */
export function createRetry({ attempts = 5, initialMs = 1000, maximumMs = 30_000 }: RetryOptions = {}): Retry {
  return (work, { signal } = {}) => {
    const policy = retry(handleWhen((error) => CodeloomError.from(error).retryable), { maxAttempts: attempts - 1, backoff: new ExponentialBackoff({ initialDelay: initialMs, maxDelay: maximumMs }) });
    return policy.execute(({ attempt }) => work(attempt + 1), signal);
  };
}
