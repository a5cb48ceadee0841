import { defaultPayloadConverter, type Headers, type Payload } from '@temporalio/common';

/** Where Temporal's own tracing, in every language, puts the context: a client of another language joins the same trace. */
export const TRACE_HEADER = '_tracer-data';

/** The context of a trace as propagators write it: `traceparent`, `tracestate`. */
export type TraceCarrier = Readonly<Record<string, string>>;

export function traceHeader(carrier: TraceCarrier): Payload {
  return defaultPayloadConverter.toPayload(carrier);
}

/** Undefined where there is none, or none that can be read. */
export function traceOf(headers: Headers): TraceCarrier | undefined {
  const payload = headers[TRACE_HEADER];
  if (payload === undefined) return undefined;
  try {
    const value: unknown = defaultPayloadConverter.fromPayload(payload);
    if (typeof value !== 'object' || value === null) return undefined;
    const texts = Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
    return texts.length === 0 ? undefined : Object.fromEntries(texts);
  } catch {
    return undefined;
  }
}
