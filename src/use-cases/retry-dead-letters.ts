import { CodeloomError, throwIfAborted, type ErrorCode } from '../domain/errors.js';
import type { CallOptions } from '../domain/ports/call-options.js';
import type { Clock } from '../domain/ports/clock.js';
import type { DeadLetter, DeadLetters } from '../domain/ports/dead-letters.js';
import type { NotificationChannel } from './notify-of-runs.js';

export interface RetriedLetter {
  readonly letter: DeadLetter;
  /** `no-channel`: none of that name is configured any more. */
  readonly result: 'sent' | 'failed' | 'no-channel';
  readonly code?: ErrorCode | undefined;
}

/** Sends dead letters once more, the oldest first, each once; those that are sent are forgotten. Errors: those of DeadLetters, `aborted`. */
export async function* retryDeadLetters(
  { deadLetters, channels, clock }: { readonly deadLetters: DeadLetters; readonly channels: readonly NotificationChannel[]; readonly clock: Pick<Clock, 'now'> }, options: CallOptions = {},
): AsyncGenerator<RetriedLetter> {
  for (const letter of await deadLetters.list(options)) {
    throwIfAborted(options.signal);
    const channel = channels.find(({ name }) => name === letter.channel);
    if (channel === undefined) {
      yield { letter, result: 'no-channel' };
      continue;
    }
    try {
      await channel.notifier.send(letter.notification, options);
    } catch (error) {
      const { code } = CodeloomError.from(error);
      if (code === 'aborted') throw error;
      await deadLetters.keep({ ...letter, at: clock.now().toISOString(), attempts: letter.attempts + 1, code }, options);
      yield { letter, result: 'failed', code };
      continue;
    }
    await deadLetters.remove(letter, options);
    yield { letter, result: 'sent' };
  }
}
