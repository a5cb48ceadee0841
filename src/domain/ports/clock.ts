/** Time and identity, so that tests decide both. */
export interface Clock {
  now(): Date;
  /** A fresh id, unique for ever, of letters, digits and dashes. */
  uniqueId(): string;
  /** Resolves after `milliseconds`; rejects with `aborted` when the signal fires. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}
