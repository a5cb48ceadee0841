import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { CodeloomError } from '../domain/errors.js';
import type { Clock } from '../domain/ports/clock.js';

/** This machine's time, and random ids. */
export const systemClock: Clock = {
  now: () => new Date(),
  uniqueId: () => randomUUID(),
  async sleep(milliseconds, signal) {
    try {
      await delay(milliseconds, undefined, signal === undefined ? {} : { signal });
    } catch (error) {
      throw new CodeloomError('aborted', 'The operation was cancelled.', { cause: error });
    }
  },
};
