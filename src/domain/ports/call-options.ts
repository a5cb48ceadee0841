/** What every long-running operation takes. */
export interface CallOptions {
  /** Stops the work at the next safe point; the operation then fails with code `aborted`. */
  readonly signal?: AbortSignal | undefined;
}
