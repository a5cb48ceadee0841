import { createOpenTelemetry } from '../adapters/opentelemetry/telemetry.js';
import type { PrometheusTelemetry } from '../adapters/prometheus/telemetry.js';
import { CodeloomError } from '../domain/errors.js';
import type { Logger } from '../domain/ports/logger.js';
import { bothTelemetries, type Telemetry } from '../domain/ports/telemetry.js';
import { withDriver } from './peer-package.js';
import { packageVersion } from './version.js';

export interface CommandTelemetry {
  readonly telemetry: Telemetry;
  /** Absent where the package for it is not installed. */
  readonly scrape?: PrometheusTelemetry['scrape'] | undefined;
}

/** What a command that stays measures and traces with: OpenTelemetry, and Prometheus where its package is installed. */
export async function commandTelemetry(logger: Logger): Promise<CommandTelemetry> {
  const traces = createOpenTelemetry({ version: packageVersion() });
  try {
    const prometheus = await withDriver('Prometheus', async () => (await import('../adapters/prometheus/telemetry.js')).createPrometheusTelemetry());
    return { telemetry: bothTelemetries(traces, prometheus), scrape: prometheus.scrape };
  } catch (error) {
    const { code, message } = CodeloomError.from(error);
    if (code !== 'invalid-configuration') throw error;
    logger.log('info', { event: 'metrics-off', message });
    return { telemetry: traces };
  }
}
