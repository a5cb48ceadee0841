import { CodeloomError, type ErrorCode } from '../domain/errors.js';
import type { Clock } from '../domain/ports/clock.js';
import type { DeadLetter, DeadLetters } from '../domain/ports/dead-letters.js';
import { NO_LOGGER, type Logger } from '../domain/ports/logger.js';
import type { NotifiedEvent, Notifier, RunNotification } from '../domain/ports/notifier.js';
import type { Retry } from '../domain/ports/retry.js';
import type { ObservedRun, RunEnd, RunObserver } from '../domain/ports/run-observer.js';
import { NO_TELEMETRY, type Telemetry } from '../domain/ports/telemetry.js';
import { withoutCredentials } from '../domain/without-credentials.js';

/** Who is told, and of what. */
export interface NotificationChannel {
  /** Unique among channels; what dead letters are addressed to. */
  readonly name: string;
  readonly on: readonly NotifiedEvent[];
  readonly notifier: Notifier;
}

export interface NotifyOptions {
  readonly channels: readonly NotificationChannel[];
  readonly deadLetters: DeadLetters;
  readonly retry: Retry;
  readonly clock: Pick<Clock, 'now'>;
  readonly logger?: Logger | undefined;
  readonly telemetry?: Telemetry | undefined;
  /** Takes secrets out of the words of an error, in case one got there. */
  readonly hide?: ((text: string) => string) | undefined;
  /** So many may wait in a channel; what comes beyond is put with the dead letters at once. Default 1000. */
  readonly mostWaiting?: number | undefined;
}

/** An observer of runs that sends notifications, by itself: no run waits for it, and none fails with it. */
export interface RunNotifications extends RunObserver {
  /** Waits until all is sent or put aside; what is not sent within the time is put aside then. Default 5000 ms. */
  settle(withinMs?: number): Promise<void>;
}

/**
 * Notifies channels of runs that were started (when their source is known), succeeded or failed. In each channel one notification after another, tried again while it fails with
 * what may pass; what cannot be sent becomes a dead letter.
 */
export function notifyOfRuns({ channels, deadLetters, retry, clock, logger = NO_LOGGER, telemetry = NO_TELEMETRY, hide = (text) => text, mostWaiting = 1000 }: NotifyOptions): RunNotifications {
  const lines = channels.map((channel) => ({ channel, waiting: 0, last: Promise.resolve() }));
  const stopping = new AbortController();

  function told(result: 'sent' | 'retried' | 'dead-lettered' | 'dropped', channel: string, notification: RunNotification, code?: ErrorCode): void {
    telemetry.add('codeloom_notifications_total', { channel, result });
    const { run, repository, branch, commit } = notification;
    logger.log(result === 'sent' ? 'debug' : 'warn', { event: `notification-${result}`, channel, run, repository, branch, commit, told: notification.event, ...(code === undefined ? {} : { code }) });
  }

  async function deliver({ name, notifier }: NotificationChannel, notification: RunNotification): Promise<void> {
    let attempts = 0;
    let code: ErrorCode = 'aborted';
    try {
      if (stopping.signal.aborted) throw new CodeloomError('aborted', 'There was no time left to send it.');
      await retry(async (attempt) => {
        if (attempt > 1) told('retried', name, notification, code);
        attempts = attempt;
        try {
          await notifier.send(notification, { signal: stopping.signal });
        } catch (error) {
          ({ code } = CodeloomError.from(error));
          throw error;
        }
      }, { signal: stopping.signal });
      told('sent', name, notification);
    } catch {
      await putAside({ channel: name, notification, at: clock.now().toISOString(), attempts, code });
    }
  }

  async function putAside(letter: DeadLetter): Promise<void> {
    try {
      await deadLetters.keep(letter);
      told('dead-lettered', letter.channel, letter.notification, letter.code);
    } catch (error) {
      // Nobody is left who could take it; the log is.
      told('dropped', letter.channel, letter.notification, CodeloomError.from(error).code);
    }
  }

  function notify(notification: RunNotification): void {
    for (const line of lines) {
      const { channel } = line;
      if (!channel.on.includes(notification.event)) continue;
      if (line.waiting >= mostWaiting) {
        void putAside({ channel: channel.name, notification, at: clock.now().toISOString(), attempts: 0, code: 'store-busy' });
        continue;
      }
      line.waiting += 1;
      line.last = line.last.then(() => deliver(channel, notification)).finally(() => {
        line.waiting -= 1;
      });
    }
  }

  return {
    event(event, run) {
      if (event.type === 'stage-finished' && event.stage === 'acquire') notify(notificationOf('started', run, { at: event.at }));
    },
    ended(end, run) {
      if (end.status === 'failed') notify(notificationOf('failed', run, { ...end, error: { code: end.error?.code ?? 'internal', message: hide(withoutCredentials(end.error?.message ?? '')) } }));
      else if (end.status !== 'cancelled') notify(notificationOf('succeeded', run, end));
    },
    async settle(withinMs = 5000) {
      const timer = setTimeout(() => stopping.abort(new Error('no time left')), withinMs);
      await Promise.all(lines.map(({ last }) => last));
      clearTimeout(timer);
    },
  };
}

function notificationOf(event: NotifiedEvent, { id, startedAt, location, repository, branch, commit }: ObservedRun, { at, status, snapshot, counts, error }: Pick<RunEnd, 'at'> & Partial<RunEnd>): RunNotification {
  return {
    id: `${id}-${event}`, event, at, run: id, repository: repository?.id ?? location, name: repository?.name ?? location, branch, commit, snapshot, files: counts?.files, symbols: counts?.symbols,
    ...(event === 'started' ? {} : { seconds: (Date.parse(at) - Date.parse(startedAt)) / 1000 }),
    ...(event === 'succeeded' ? { changed: status === 'succeeded' } : {}), ...(error === undefined ? {} : { error }),
  };
}
