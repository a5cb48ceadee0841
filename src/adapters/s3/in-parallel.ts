import { setMaxListeners } from 'node:events';
import { CodeloomError, throwIfAborted } from '../../domain/errors.js';

/**
 * What `work` makes of each item, in the order of the items, with at most `limit` at work at a time: those ahead wait until they are taken. When one fails or
 * the taker stops, the others' signal fires and nothing is begun any more.
 */
export async function* inParallel<T, R>(items: readonly T[], limit: number, signal: AbortSignal | undefined, work: (item: T, signal: AbortSignal) => Promise<R>): AsyncGenerator<R> {
  const stop = new AbortController();
  const either = signal === undefined ? stop.signal : AbortSignal.any([stop.signal, signal]);
  // The SDK listens to it once or twice for each request.
  setMaxListeners(0, either);
  const running: Promise<R>[] = [];
  let next = 0;
  try {
    while (next < items.length || running.length > 0) {
      while (next < items.length && running.length < limit) {
        const item = items[next++] as T; // next is below the length
        const started = work(item, either);
        started.catch(() => undefined); // taken below, or no longer of interest
        running.push(started);
      }
      const first = running.shift();
      if (first !== undefined) yield await first;
    }
  } finally {
    stop.abort();
    await Promise.allSettled(running);
  }
}

/** One at a time, in the order of asking. Who waits and is told to stop leaves the queue at once. */
export function createQueue(): <T>(signal: AbortSignal | undefined, work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (signal, work) => {
    const before = last;
    const done = before.then(() => {
      throwIfAborted(signal);
      return work();
    });
    last = done.catch(() => undefined);
    if (signal === undefined) return done;
    return new Promise((resolve, reject) => {
      let begun = false;
      const leave = (): void => {
        if (!begun) reject(new CodeloomError('aborted', 'The operation was cancelled.', { cause: signal.reason }));
      };
      signal.addEventListener('abort', leave, { once: true });
      void before.then(() => {
        begun = true;
      });
      done.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));
    });
  };
}

/**
 * Makes one of works that are asked for at once: who asks while one waits for its turn in the queue gets that one's outcome. It is stopped when all who asked
 * have been told to stop.
 */
export function createShared(exclusive: ReturnType<typeof createQueue>, work: (signal: AbortSignal) => Promise<void>): (signal: AbortSignal | undefined) => Promise<void> {
  let waiting: { readonly done: Promise<void>; readonly stop: AbortController; takers: number } | undefined;
  return (signal) => {
    if (waiting === undefined) {
      const stop = new AbortController();
      setMaxListeners(0, stop.signal);
      const done = exclusive(stop.signal, () => {
        waiting = undefined;
        return work(stop.signal);
      });
      done.catch(() => undefined); // every taker has it, those that have left do not want it
      waiting = { done, stop, takers: 0 };
    }
    const taken = waiting;
    taken.takers++;
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        reject(new CodeloomError('aborted', 'The operation was cancelled.', { cause: signal?.reason }));
        if (--taken.takers > 0) return;
        // Nobody is to join what is stopped.
        if (waiting === taken) waiting = undefined;
        taken.stop.abort();
      };
      if (signal?.aborted === true) return leave();
      signal?.addEventListener('abort', leave, { once: true });
      taken.done.then(resolve, reject).finally(() => signal?.removeEventListener('abort', leave));
    });
  };
}
