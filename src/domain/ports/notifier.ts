import type { ErrorCode } from '../errors.js';
import type { CallOptions } from './call-options.js';

/** Tells people, or a program, what became of a run. Errors, by what answers and never by its text: `network`, `rate-limited`, `authentication-failed`, `permission-denied`, `invalid-argument`. */
export interface Notifier {
  /** Resolves when whoever takes it has taken it. May be called again with the same notification: its id stays. */
  send(notification: RunNotification, options?: CallOptions): Promise<void>;
}

/** What a run has come to. Holds no secret and no source. */
export interface RunNotification {
  /** The same however often it is sent: `<run>-<event>`. */
  readonly id: string;
  readonly event: NotifiedEvent;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly run: string;
  /** The repository's id, or its location without credentials when no more is known. */
  readonly repository: string;
  /** What people call it. */
  readonly name: string;
  readonly branch?: string | undefined;
  readonly commit?: string | undefined;
  /** For `succeeded`: false when nothing had changed. */
  readonly changed?: boolean | undefined;
  readonly snapshot?: string | undefined;
  readonly files?: number | undefined;
  readonly symbols?: number | undefined;
  /** From the run's beginning; for `succeeded` and `failed`. */
  readonly seconds?: number | undefined;
  /** For `failed`. */
  readonly error?: { readonly code: ErrorCode; readonly message: string } | undefined;
}

/** A run that is cancelled has somebody who knows of it: nobody is told. */
export type NotifiedEvent = 'started' | 'succeeded' | 'failed';

export const NOTIFIED_EVENTS: readonly NotifiedEvent[] = ['started', 'succeeded', 'failed'];
