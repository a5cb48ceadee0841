import type { CounterName, GaugeName, HistogramName, LabelsOf } from '../metrics.js';

/**
 * Traces and measures. Spans nest by the asynchronous context in which they are begun. Nothing here throws by itself or is waited for. Default: {@link NO_TELEMETRY}.
 */
export interface Telemetry {
  /** Does the work within a span: it ends with the work, and with its error's code if that rejects. */
  span<T>(start: SpanStart, work: (span: Span) => Promise<T>): Promise<T>;
  /** Counts; by 1 unless told otherwise. */
  add<Name extends CounterName>(name: Name, labels: LabelsOf<Name>, by?: number): void;
  /** Notes a duration in seconds. */
  observe<Name extends HistogramName>(name: Name, labels: LabelsOf<Name>, seconds: number): void;
  /** Says how something stands. */
  set<Name extends GaugeName>(name: Name, labels: LabelsOf<Name>, value: number): void;
}

export interface SpanStart {
  /** `codeloom.run`, `codeloom.stage.link`, `codeloom.graph-store.publish`: of a bounded number. */
  readonly name: string;
  readonly attributes?: SpanAttributes | undefined;
}

export interface Span {
  /** Adds what is known only now. */
  set(attributes: SpanAttributes): void;
}

/** Names begin with `codeloom.`; values hold no secrets and no source. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

/** Does the work, and notes nothing. */
export const NO_TELEMETRY: Telemetry = {
  span: (_, work) => work({ set: () => undefined }),
  add: () => undefined,
  observe: () => undefined,
  set: () => undefined,
};

/** Both as one; the first one's spans are around the second's. */
export function bothTelemetries(first: Telemetry, second: Telemetry): Telemetry {
  return {
    span: (start, work) => first.span(start, (outer) => second.span(start, (inner) => work({
      set(attributes) {
        outer.set(attributes);
        inner.set(attributes);
      },
    }))),
    add(name, labels, by) {
      first.add(name, labels, by);
      second.add(name, labels, by);
    },
    observe(name, labels, seconds) {
      first.observe(name, labels, seconds);
      second.observe(name, labels, seconds);
    },
    set(name, labels, value) {
      first.set(name, labels, value);
      second.set(name, labels, value);
    },
  };
}
