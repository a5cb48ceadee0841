/** Every way codeloom fails. The union is closed: a new condition gets a new code, and documents list them all. */
export type ErrorCode =
  | 'invalid-argument' | 'invalid-configuration'
  | 'not-a-repository' | 'repository-not-found' | 'empty-repository' | 'unborn-branch' | 'unknown-ref' | 'unsupported-url'
  | 'authentication-failed' | 'permission-denied' | 'git-failed' | 'git-not-found' | 'corrupt-object' | 'network' | 'rate-limited'
  | 'not-indexed' | 'unknown-snapshot' | 'unknown-symbol' | 'ambiguous-symbol' | 'invalid-cursor'
  | 'store-unavailable' | 'store-busy' | 'store-full' | 'store-read-only' | 'store-corrupt' | 'store-too-new' | 'conflict' | 'facts-missing'
  | 'parser-failed' | 'invalid-index' | 'timed-out' | 'aborted' | 'internal';

/** Codes that a later attempt may get past. */
const RETRYABLE: ReadonlySet<ErrorCode> = new Set(['network', 'rate-limited', 'store-unavailable', 'store-busy', 'conflict', 'facts-missing', 'parser-failed', 'timed-out']);

export interface CodeloomErrorOptions {
  /** Whether another attempt may succeed; by default what the code implies. */
  readonly retryable?: boolean;
  readonly cause?: unknown;
  /** Data for programs: names, paths, candidates. Never a secret. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** The one error class. `message` says what went wrong and what to do, in words for people; programs look at `code`. */
export class CodeloomError extends Error {
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, options: CodeloomErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'CodeloomError';
    this.code = code;
    this.retryable = options.retryable ?? RETRYABLE.has(code);
    this.details = options.details ?? {};
  }

  /** The error itself when it is one already, else an `internal` (or `aborted`) one around it. */
  static from(error: unknown): CodeloomError {
    if (error instanceof CodeloomError) return error;
    if (error instanceof Error && error.name === 'AbortError') return new CodeloomError('aborted', 'The operation was cancelled.', { cause: error });
    return new CodeloomError('internal', error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/** Throws `aborted` when the signal has fired. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new CodeloomError('aborted', 'The operation was cancelled.', { cause: signal.reason });
}
