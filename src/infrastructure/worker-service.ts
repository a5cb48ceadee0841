import type { TemporalWorker } from '../adapters/temporal/worker.js';
import type { Logger } from '../domain/ports/logger.js';
import { commandTelemetry } from './command-metrics.js';
import { openNotifications } from './command-notifications.js';
import type { CodeloomOptions } from './create-codeloom.js';
import type { ChannelSettings } from './notification-channels.js';
import { openWorker, type TemporalSettings } from './temporal-server.js';

export interface WorkerServiceRequest {
  readonly temporal: TemporalSettings;
  readonly codeloom: CodeloomOptions;
  readonly logger: Logger;
  /** Where `/healthz`, `/readyz` and `/metrics` are served while it works; without a port they are not. */
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  /** Absolute path of the data folder: what could not be sent is kept there. */
  readonly store: string;
  readonly notifications: readonly ChannelSettings[];
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** A worker as a command runs it: it logs, measures, and tells over HTTP how it fares. Errors: those of `createWorker`, and of listening. */
export async function openWorkerService({ temporal, codeloom, logger, host, port, store, notifications: channels, environment }: WorkerServiceRequest): Promise<TemporalWorker> {
  const { telemetry, scrape } = await commandTelemetry(logger);
  const notifications = await openNotifications({ store, channels, environment, logger, telemetry });
  const worker = await openWorker(temporal, { ...codeloom, logger, telemetry, circuitBreaker: {}, ...(notifications === undefined ? {} : { observers: [notifications] }) });
  return {
    ...worker,
    async run(options) {
      const closeServer = port === undefined ? undefined : await serveState(worker, { host, port, scrape, logger });
      logger.log('info', { event: 'working', queue: worker.taskQueue });
      try {
        await worker.run(options);
      } finally {
        await notifications?.settle();
        await closeServer?.();
        logger.log('info', { event: 'stopped', queue: worker.taskQueue });
      }
    },
  };
}

interface StateRequest {
  readonly host: string | undefined;
  readonly port: number;
  readonly scrape: Parameters<typeof import('../adapters/http/service-app.js').createServiceApp>[0]['metrics'];
  readonly logger: Logger;
}

async function serveState(worker: Awaited<ReturnType<typeof openWorker>>, { host, port, scrape, logger }: StateRequest): Promise<() => Promise<void>> {
  const [{ createServiceApp }, { listen }] = await Promise.all([import('../adapters/http/service-app.js'), import('../adapters/http/listen.js')]);
  const listening = await listen({ fetch: createServiceApp({ readiness: worker.readiness, metrics: scrape }).fetch, host, port });
  logger.log('info', { event: 'listening', url: listening.url });
  // Who fetches metrics does not hold up the end.
  return () => listening.close({ graceMs: 500 });
}
