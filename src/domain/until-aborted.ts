import { CodeloomError } from './errors.js';

/** What the work gives, or `aborted` as soon as the signal fires: the work itself goes on, and nobody waits for it. A signal that has fired before is to be asked first (`throwIfAborted`). */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const leave = (): void => reject(new CodeloomError('aborted', 'The operation was cancelled.', { cause: signal.reason }));
    signal.addEventListener('abort', leave, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));
  });
}
