import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { METRICS, type MetricDefinition, type MetricName } from '../../domain/metrics.js';
import { NO_TELEMETRY, type Telemetry } from '../../domain/ports/telemetry.js';

export interface PrometheusOptions {
  /** Whether those of the process (CPU, memory, event loop) stand beside them; default true. */
  readonly processMetrics?: boolean | undefined;
}

/** Telemetry that keeps metrics for a Prometheus to fetch. It traces nothing. */
export interface PrometheusTelemetry extends Telemetry {
  /** What is served at `/metrics`. */
  scrape(): Promise<{ readonly contentType: string; readonly body: string }>;
}

/**
 * Metrics in the format of Prometheus, in a registry of their own. Needs the package `prom-client`.
 *
 * @example
 * const metrics = createPrometheusTelemetry();
 * const codeloom = await createCodeloom({ telemetry: bothTelemetries(createOpenTelemetry(), metrics) });
 * const app = createServiceApp({ readiness: (options) => codeloom.readiness(options), metrics: metrics.scrape });
 */
export function createPrometheusTelemetry({ processMetrics = true }: PrometheusOptions = {}): PrometheusTelemetry {
  const registry = new Registry();
  if (processMetrics) collectDefaultMetrics({ register: registry });
  const counters = new Map<MetricName, Counter>();
  const gauges = new Map<MetricName, Gauge>();
  const histograms = new Map<MetricName, Histogram>();
  for (const [each, definition] of Object.entries(METRICS) as [MetricName, MetricDefinition][]) { // entries forget the names of their keys
    const { kind, help, labels, buckets } = definition;
    const common = { name: each, help, labelNames: [...labels], registers: [registry] };
    if (kind === 'counter') counters.set(each, new Counter(common));
    else if (kind === 'gauge') gauges.set(each, new Gauge(common));
    else histograms.set(each, new Histogram({ ...common, ...(buckets === undefined ? {} : { buckets: [...buckets] }) }));
  }
  return {
    span: NO_TELEMETRY.span,
    add: (name, labels, by = 1) => counters.get(name)?.inc(labels, by),
    observe: (name, labels, seconds) => histograms.get(name)?.observe(labels, seconds),
    set: (name, labels, value) => gauges.get(name)?.set(labels, value),
    scrape: async () => ({ contentType: registry.contentType, body: await registry.metrics() }),
  };
}
