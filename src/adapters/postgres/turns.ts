import { throwIfAborted } from '../../domain/errors.js';
import { unlessAborted } from './connection.js';

/** Runs pieces of work one after the other, in the order in which they came. Whoever is told to stop while waiting fails at once with `aborted`, and is passed over. */
export type Turns = <T>(work: () => Promise<T>, signal: AbortSignal | undefined) => Promise<T>;

export function createTurns(): Turns {
  let last: Promise<unknown> = Promise.resolve();
  return (work, signal) => {
    let begun = false;
    const turn = last.then(() => {
      throwIfAborted(signal);
      begun = true;
      return work();
    });
    last = turn.catch(() => undefined);
    const waiting = new AbortController();
    const onAbort = (): void => {
      // Work that has begun ends by itself: it knows what it has to undo.
      if (!begun) waiting.abort(signal?.reason);
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    return unlessAborted(turn, waiting.signal).finally(() => signal?.removeEventListener('abort', onAbort));
  };
}
