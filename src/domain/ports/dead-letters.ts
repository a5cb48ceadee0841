import type { CallOptions } from './call-options.js';
import type { RunNotification } from './notifier.js';
import type { ErrorCode } from '../errors.js';

/** Keeps notifications that could not be sent, until somebody has them sent again. Errors: `store-unavailable`, `store-full`, `store-read-only`. */
export interface DeadLetters {
  /** Keeps one, in the place of one of the same channel and notification. */
  keep(letter: DeadLetter, options?: CallOptions): Promise<void>;
  /** All, the oldest first. */
  list(options?: CallOptions): Promise<readonly DeadLetter[]>;
  /** Forgets one; false when there is none. */
  remove(letter: Pick<DeadLetter, 'channel' | 'notification'>, options?: CallOptions): Promise<boolean>;
}

export interface DeadLetter {
  /** The name of the channel it was for. */
  readonly channel: string;
  readonly notification: RunNotification;
  /** When the last attempt failed; ISO 8601, UTC. */
  readonly at: string;
  readonly attempts: number;
  /** What the last attempt failed with. */
  readonly code: ErrorCode;
}
