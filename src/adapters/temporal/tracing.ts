import { context, propagation, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, type Context } from '@opentelemetry/api';
import type { WorkflowClientInterceptor } from '@temporalio/client';
import type { Headers } from '@temporalio/common';
import type { InjectedSinks } from '@temporalio/worker';
import type { TraceCarrier } from './trace-carrier.js';
import { TRACE_HEADER, traceHeader, traceOf } from './trace-carrier.js';
import type { WorkflowSpanSinks } from './trace-headers.js';

const SCOPE = 'codeloom';

/** Starts runs within the caller's trace: its context travels with them. */
export const tracedStarts: WorkflowClientInterceptor = {
  start: (input, next) => starting(input.workflowType, (headers) => next({ ...input, headers: { ...input.headers, ...headers } })),
  signalWithStart: (input, next) => starting(input.workflowType, (headers) => next({ ...input, headers: { ...input.headers, ...headers } })),
};

/** Traces workflows when they end: spans cannot be kept open in a sandbox that is replayed. */
export const workflowSpans: InjectedSinks<WorkflowSpanSinks> = {
  codeloomSpans: {
    ended: {
      fn({ workflowId, runId }, { carrier, workflow, startedAt, endedAt, failed }) {
        const span = trace.getTracer(SCOPE).startSpan(`codeloom.workflow.${workflow}`, {
          kind: SpanKind.INTERNAL, startTime: startedAt, attributes: { 'codeloom.run': runId, 'temporal.workflow.id': workflowId },
        }, contextOf(carrier));
        if (failed) span.setStatus({ code: SpanStatusCode.ERROR });
        span.end(endedAt);
      },
      callDuringReplay: false,
    },
  },
};

/** Does the work of an activity within the trace that its headers name. */
export function withinTrace<T>(headers: Headers, work: () => Promise<T>): Promise<T> {
  const carrier = traceOf(headers);
  return carrier === undefined ? work() : context.with(contextOf(carrier), work);
}

/** The id of the trace that is under way; undefined where nothing is traced. */
export function traceId(): string | undefined {
  return trace.getActiveSpan()?.spanContext().traceId;
}

function contextOf(carrier: TraceCarrier): Context {
  return propagation.extract(ROOT_CONTEXT, carrier);
}

function starting<T>(workflow: string, work: (headers: Headers) => Promise<T>): Promise<T> {
  return trace.getTracer(SCOPE).startActiveSpan(`codeloom.start.${workflow}`, { kind: SpanKind.CLIENT }, async (span) => {
    try {
      const carrier: Record<string, string> = {};
      propagation.inject(context.active(), carrier);
      return await work(Object.keys(carrier).length === 0 ? {} : { [TRACE_HEADER]: traceHeader(carrier) });
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  });
}
