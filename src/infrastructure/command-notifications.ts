import { join } from 'node:path';
import { createRetry } from '../adapters/cockatiel/retry.js';
import { createFileDeadLetters } from '../adapters/files/dead-letters.js';
import type { CallOptions } from '../domain/ports/call-options.js';
import type { DeadLetter, DeadLetters } from '../domain/ports/dead-letters.js';
import type { Logger } from '../domain/ports/logger.js';
import type { Telemetry } from '../domain/ports/telemetry.js';
import { notifyOfRuns, type RunNotifications } from '../use-cases/notify-of-runs.js';
import { retryDeadLetters, type RetriedLetter } from '../use-cases/retry-dead-letters.js';
import { openChannels, type ChannelSettings } from './notification-channels.js';
import { hideSecrets, usualSecrets } from './secrets.js';
import { systemClock } from './system-clock.js';

export interface CommandNotificationsRequest {
  /** Absolute path of the data folder. */
  readonly store: string;
  readonly channels: readonly ChannelSettings[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly logger: Logger;
  readonly telemetry: Telemetry;
}

/** What tells people of the runs of a command that stays; undefined where nobody is to be told. Throws `invalid-configuration`. */
export async function openNotifications({ store, channels, environment, logger, telemetry }: CommandNotificationsRequest): Promise<RunNotifications | undefined> {
  if (channels.length === 0) return undefined;
  const deadLetters = deadLettersOf(store);
  telemetry.set('codeloom_dead_letters', {}, (await deadLetters.list()).length);
  return notifyOfRuns({ channels: await openChannels(channels, usualSecrets(environment)), deadLetters, retry: createRetry(), clock: systemClock, logger, telemetry, hide: hideSecrets });
}

/** Notifications that could not be sent, for who looks after them. */
export interface PutAsideNotifications {
  list(options?: CallOptions): Promise<readonly DeadLetter[]>;
  retry(options?: CallOptions): AsyncIterable<RetriedLetter>;
}

/** Those of a data folder. */
export function openPutAside({ store, channels, environment }: Pick<CommandNotificationsRequest, 'store' | 'channels' | 'environment'>): PutAsideNotifications {
  const deadLetters = deadLettersOf(store);
  return {
    list: (options) => deadLetters.list(options),
    async *retry(options) {
      yield* retryDeadLetters({ deadLetters, channels: await openChannels(channels, usualSecrets(environment)), clock: systemClock }, options);
    },
  };
}

function deadLettersOf(store: string): DeadLetters {
  return createFileDeadLetters({ folder: join(store, 'dead-letters') });
}
