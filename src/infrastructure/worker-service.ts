import type { TemporalWorker } from '../adapters/temporal/worker.js';
import type { Logger } from '../domain/ports/logger.js';
import { commandTelemetry } from './command-metrics.js';
import type { CodeloomOptions } from './create-codeloom.js';
import { openWorker, type TemporalSettings } from './temporal-server.js';

export interface WorkerServiceRequest {
  readonly temporal: TemporalSettings;
  readonly codeloom: CodeloomOptions;
  readonly logger: Logger;
  /** Where `/healthz`, `/readyz` and `/metrics` are served while it works; without a port they are not. */
  readonly host?: string | undefined;
  readonly port?: number | undefined;
}

/** A worker as a command runs it: it logs, measures, and tells over HTTP how it fares. Errors: those of `createWorker`, and of listening. */
export async function openWorkerService({ temporal, codeloom, logger, host, port }: WorkerServiceRequest): Promise<TemporalWorker> {
  const { telemetry, scrape } = await commandTelemetry(logger);
  const worker = await openWorker(temporal, { ...codeloom, logger, telemetry });
  return {
    ...worker,
    async run(options) {
      const closeServer = port === undefined ? undefined : await serveState(worker, { host, port, scrape, logger });
      logger.log('info', { event: 'working', queue: worker.taskQueue });
      try {
        await worker.run(options);
      } finally {
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
