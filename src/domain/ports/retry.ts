import type { CallOptions } from './call-options.js';

/** Does work again while it fails with errors that may pass, with pauses between; rejects with the last. `attempt` counts from 1. A signal that fires ends the pauses. */
export type Retry = <T>(work: (attempt: number) => Promise<T>, options?: CallOptions) => Promise<T>;
