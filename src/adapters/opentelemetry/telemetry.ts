import { metrics, SpanKind, SpanStatusCode, trace, type Counter, type Gauge, type Histogram, type Meter } from '@opentelemetry/api';
import { CodeloomError } from '../../domain/errors.js';
import { dottedName, METRICS, type MetricName } from '../../domain/metrics.js';
import type { Telemetry } from '../../domain/ports/telemetry.js';

/** Under this name spans and instruments are registered. */
const SCOPE = 'codeloom';

/**
 * Traces and measures through `@opentelemetry/api`: they go to the SDK that the program has registered, and nowhere when it has none. A span that fails carries the error's
 * code as `error.type`, and nothing of its text.
 */
export function createOpenTelemetry({ version }: { readonly version?: string | undefined } = {}): Telemetry {
  const instruments = createInstruments(version);
  return {
    span: ({ name, attributes }, work) => trace.getTracer(SCOPE, version).startActiveSpan(name, { kind: SpanKind.INTERNAL, ...(attributes === undefined ? {} : { attributes }) }, async (span) => {
      try {
        return await work({ set: (more) => void span.setAttributes(more) });
      } catch (error) {
        const { code } = CodeloomError.from(error);
        span.setAttribute('error.type', code);
        // Who cancels has what he wanted.
        if (code !== 'aborted') span.setStatus({ code: SpanStatusCode.ERROR, message: code });
        throw error;
      } finally {
        span.end();
      }
    }),
    add: (name, labels, by = 1) => instruments.counter(name).add(by, labels),
    observe: (name, labels, seconds) => instruments.histogram(name).record(seconds, labels),
    set: (name, labels, value) => instruments.gauge(name).record(value, labels),
  };
}

interface Instruments {
  counter(name: MetricName): Counter;
  histogram(name: MetricName): Histogram;
  gauge(name: MetricName): Gauge;
}

/** Made when first used, and anew by another meter: a program may register its SDK after codeloom was made. */
function createInstruments(version: string | undefined): Instruments {
  let meter: Meter | undefined;
  const made = new Map<MetricName, unknown>();
  function of<Instrument>(name: MetricName, make: (meter: Meter, name: string, options: { readonly description: string; readonly unit?: string }) => Instrument): Instrument {
    const current = metrics.getMeter(SCOPE, version);
    if (current !== meter) {
      meter = current;
      made.clear();
    }
    const known = made.get(name);
    if (known !== undefined) return known as Instrument; // a metric is of one kind
    const { help: description, kind } = METRICS[name];
    const instrument = make(current, dottedName(name), { description, ...(kind === 'histogram' ? { unit: 's' } : {}) });
    made.set(name, instrument);
    return instrument;
  }
  return {
    counter: (name) => of(name, (current, as, options) => current.createCounter(as, options)),
    histogram: (name) => of(name, (current, as, options) => current.createHistogram(as, { ...options, advice: { explicitBucketBoundaries: bucketsOf(name) } })),
    gauge: (name) => of(name, (current, as, options) => current.createGauge(as, options)),
  };
}

function bucketsOf(name: MetricName): number[] {
  const metric = METRICS[name];
  return 'buckets' in metric ? [...metric.buckets] : [];
}
