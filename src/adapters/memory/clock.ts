import { CodeloomError, throwIfAborted } from '../../domain/errors.js';
import type { Clock } from '../../domain/ports/clock.js';

/** A clock that stands still until it is told, or slept on: time passes at once, ids count up. Nothing in it is random. */
export interface MemoryClock extends Clock {
  /** Moves time on. */
  advance(milliseconds: number): void;
}

/** Starts at `start` (default 2025-01-01T00:00:00.000Z); ids are `id-1`, `id-2`, … */
export function createMemoryClock(start: Date = new Date('2025-01-01T00:00:00.000Z')): MemoryClock {
  let now = start.getTime();
  let ids = 0;
  return {
    now: () => new Date(now),
    uniqueId: () => `id-${++ids}`,
    async sleep(milliseconds, signal) {
      throwIfAborted(signal);
      await Promise.resolve();
      if (signal?.aborted === true) throw new CodeloomError('aborted', 'The operation was cancelled.', { cause: signal.reason });
      now += Math.max(0, milliseconds);
    },
    advance(milliseconds) {
      now += milliseconds;
    },
  };
}
